"""KER109."""

from kerlint.rule import Equivalence, Node, NoFix, Rewrite, new, one, product, require, rule, say, unmasked

# One letter an axis: batch, positions, channels in, channels out.
EQUATION = {1: ("abc,bcd->abd", "bd"), 2: ("abcd,bcde->abce", "bce")}


@rule(
    "KER109",
    "stepwise-locally-connected",
    on=one("LocallyConnected1D", "LocallyConnected2D"),
    equivalence=Equivalence.SAME_FUNCTION,
    message="{local} has one matrix a position: EinsumDense (since Keras 2.10; one Dense for all: {shared} parameters)",
)
def stepwise_locally_connected(local: Node) -> Rewrite:
    """LocallyConnected with a kernel of one position is an EinsumDense layer.

    ## Why is this bad?
    With a kernel of one, nothing local is left: each position has a matrix of its own. `EinsumDense` says
    exactly that, and it is still there in Keras 3, which has no LocallyConnected layers. `keras.layers` has it
    since Keras 2.10 (before that, `layers.experimental` had it). One `Dense` layer for all positions may be what was
    meant; the finding says what that would cost.

    ## Example
    ```python
    x = Input((10, 4))
    x = LocallyConnected1D(8, 1)(x)
    ```
    Use instead:
    ```python
    x = Input((10, 4))
    x = EinsumDense("abc,bcd->abd", output_shape=(10, 8), bias_axes="bd")(x)
    ```

    ## When it stays silent
    Larger kernels, strides above one, channels first, a masked input.

    ## Fix safety
    The same parameters one to one, and in tf.keras the same initial distribution. The EinsumDense of Keras 3
    computes its fans from the equation and starts from another scale, so the fix is not called safe. No fix
    with `implementation` 2 or 3: they store other kernels.
    """
    rank = len(local["kernel_size"])
    local.require(kernel_size=(1,) * rank, strides=(1,) * rank, data_format="channels_last")
    require(unmasked(local.input), "the input is masked")
    dense = new.Dense(local["filters"], use_bias=local["use_bias"])(local.input).node
    say(shared=sum(product(weight.shape) for weight in dense.weights.values()) if dense else 0)
    if local["implementation"] != 1:
        raise NoFix(f"implementation={local['implementation']} stores another kernel")
    equation, axes = EQUATION[rank]
    sizes, channels, filters = local.output.shape[1:-1], local.input.shape[-1], local["filters"]
    biased = {"bias_axes": axes} if local["use_bias"] else {}
    einsum = new.EinsumDense.like(local, equation=equation, output_shape=(*sizes, filters), **biased)
    flat = local.weights["kernel"]
    kernel = flat if rank == 1 else flat.reshape(*sizes, channels, filters)
    return local.becomes(einsum(local.input, weights=local.weights | {"kernel": kernel}))
