"""KER207."""

from kerlint.rule import Graph, Node, Note, Severity, one, require, rule, taking, unmasked

RANKS = (1, 2, 3)
WITHOUT = (
    *(kind for kind in taking("kernel_size") if "LSTM" not in kind),
    *(f"{kind}Pooling{rank}D" for kind in ("Max", "Average", "GlobalMax") for rank in RANKS),
    *(f"{kind}{rank}D" for kind in ("Cropping", "ZeroPadding", "UpSampling") for rank in RANKS),
    "Flatten",
    "Reshape",
    "Permute",
    "RepeatVector",
    "EinsumDense",
    "Lambda",
)

PRODUCTS = ("matmul", "Dot", "einsum")  # they sum over an axis, perhaps over the steps


@rule(
    "KER207",
    "mask-dropped",
    on=one(*WITHOUT),
    severity=Severity.INFO,
    message="{layer} drops the mask that it is given: from here on padding counts as data",
)
def mask_dropped(layer: Node) -> Note:
    """A mask reaches a layer that does not support masks, and ends there.

    ## Why is this bad?
    `Embedding(mask_zero=True)` and `Masking` mark the steps that are padding, so that later layers leave
    them out. A convolution, a pooling or a Flatten knows nothing of masks: it takes the padding as data,
    and what follows never hears of it. Keras warns of this while the program runs.

    ## Example
    ```python
    inputs = Input((100,))
    x = Embedding(5000, 32, mask_zero=True)(inputs)
    x = GlobalMaxPooling1D()(x)
    ```
    Use instead:
    ```python
    inputs = Input((100,))
    x = Embedding(5000, 32, mask_zero=True)(inputs)
    x = GlobalAveragePooling1D()(x)
    ```

    ## When it stays silent
    Where the layer is given no mask, or perhaps none; for layers that use a mask or hand it on (recurrent
    layers, attention, Dense, normalisation, GlobalAveragePooling1D); for a Lambda with a mask of its own,
    or whose function has a parameter `mask`, or sums over the steps, itself or in a product: the padding of a
    Masking is zero, and weights that the program makes may be.

    ## Fix safety
    There is no automatic fix: to leave out the padding, another layer or another model is needed.
    """
    masked = [unmasked(tensor) for tensor in layer.inputs]
    require(False if all(masked) else (False in masked or None), "the input is not masked")
    if layer.kind == "Lambda":
        require(layer["mask"] is None, "it makes a mask of its own")
        require("takes_mask" not in layer.layer.config or not layer["takes_mask"], "its function takes the mask")
        require(not _sums(layer), "perhaps: it sums over the steps, of which padding may be zero, or weighs nothing")
    return Note((layer,))


def _sums(layer: Node) -> bool:
    """Whether the function of a Lambda, where it is known, sums over the steps."""
    body = layer.layer.config.peek("function")
    for node in body.nodes if isinstance(body, Graph) else ():
        if node.kind in PRODUCTS:
            return True
        if node.kind == "reduce" and node["function"] == "sum":
            axes = node["axis"] if isinstance(node["axis"], tuple) else (node["axis"],)
            if None in axes or any(axis % node.inputs[0].rank == 1 for axis in axes):
                return True
    return False
