"""KER210."""

from kerlint.rule import Dim, Node, Note, Severity, Tensor, is_output, one, product, require, rule, same, say, users
from kerlint_rules.taps import CONVOLUTIONS, axes_of, kernel_of, live_taps

FILLED = ("zeros_like", "ones_like")  # take the shape alone
MOVES = ("reduce", "reshape", "expand_dims", "squeeze", "transpose", "tile", "cast")  # zeros stay zeros
JOINS = ("add", "subtract", "Add", "Subtract", "concatenate", "Concatenate", "stack")


@rule(
    "KER210",
    "constant-output",
    on=one(*CONVOLUTIONS, "LayerNormalization", "GroupNormalization", "multiply", "Multiply"),
    severity=Severity.ERROR,
    message="the output of {layer} does not depend on its input: {because}",
)
def constant_output(layer: Node) -> Note:
    """A layer whose output is the same whatever its input.

    ## Why is this bad?
    Nothing that comes before this layer can matter, and none of it gets a gradient. A dilated kernel on a
    short axis may lie on padding with all its taps; a normalisation over a single value subtracts that value
    from itself; a product with zeros (`x * 0`, `Multiply()([x, zeros_like(x)])`) is zero.

    ## Example
    ```python
    inputs = Input((1, 8))
    x = Conv1D(16, 2, dilation_rate=2, padding="same")(inputs)
    ```
    Use instead:
    ```python
    inputs = Input((1, 8))
    x = Conv1D(16, 1, padding="same")(inputs)
    ```

    ## When it stays silent
    Where a part of the input gets through, or a size that decides it is not known; a kernel in channels
    first; a zero that is not written at the line (a coefficient that is 0 unless somebody sets it); a constant
    (`[ones * 0, ones, ones * 2]`), which no input and no weight is in; zeros that are only added to something or put
    beside it (`ops.sum(x * 0, axis=1) + rows`): whoever writes that wants zeros, or a branch that is off.

    ## Fix safety
    There is no automatic fix: what was meant is the author's to say.
    """
    if layer.kind in ("multiply", "Multiply"):
        zero = layer["constant"] if layer.kind == "multiply" else None
        by_zero = (zero is not None and zero == 0) or any(map(_zeros, layer.inputs))
        require(by_zero, "it is not multiplied by zero")
        lost = [x for x in layer.inputs if not _zeros(x)]
        require(any(map(_calculated, lost)), "a constant is multiplied by zero, which no input and no weight is in")
        require(zero is None or "constant" in layer.layer.literal, "the zero is not written at the line")
        meant = zero is not None and _joined(layer.output)
        require(not meant, "the zeros are only added to something, or put beside it: they are meant")
        say(because="it is multiplied by zero")
        return Note((layer,))
    if layer.kind in CONVOLUTIONS:
        return _on_padding(layer)
    size = _normalised(layer)
    require(same(size, 1), "several values are normalised together")
    say(because="it normalises each value alone, so that nothing is left of it")
    return Note((layer,), sum(product(w.shape) for name, w in layer.weights.items() if name == "gamma"))


def _calculated(tensor: Tensor) -> bool:
    """Whether an input or a weight decides what the tensor holds, not only its shape."""
    found = [tensor]
    for each in found:  # grows meanwhile
        if each.node is not None and not (each.node.kind == "elementwise" and each.node["function"] in FILLED):
            found += [x for x in each.node.inputs if x not in found]
    nodes = [each.node for each in found if each.node is not None and each.node.kind != "elementwise"]
    given = any(each.node is None and each.name != "constant" for each in found)
    return given or any(node.kind == "InputLayer" for node in nodes) or any(node.weights for node in nodes)


def _joined(zeros: Tensor) -> bool:
    """Whether zeros are only added to something or put beside it, perhaps summed or in another shape before."""
    found, takers = [zeros], list[Node]()
    for each in found:  # grows meanwhile
        if is_output(each) or not users(each):
            return False
        takers += users(each)
        found += [taker.output for taker in users(each) if taker.kind in MOVES]
    return all(taker.kind in (*MOVES, *JOINS) for taker in takers)


def _zeros(tensor: Tensor) -> bool:
    """Whether the tensor holds zeros alone, in the shape of another one."""
    node = tensor.node
    return node is not None and node.kind == "elementwise" and node["function"] == "zeros_like"


def _on_padding(conv: Node) -> Note:
    """Silent unless an axis is such that every tap of the kernel meets nothing but padding."""
    padding, axes = conv["padding"], axes_of(conv)
    require(not all(live_taps(axis, padding) for axis in axes), "taps of the kernel meet the input")
    say(because="its whole kernel only ever meets padding")
    return Note((conv,), product(conv.weights[kernel_of(conv)].shape))


def _normalised(norm: Node) -> Dim:
    """How many values share a mean."""
    if norm.kind == "LayerNormalization":
        axes = norm["axis"] if isinstance(norm["axis"], tuple) else (norm["axis"],)
        return product(norm.input.size(axis) for axis in axes)
    channels = norm.input.size(norm["axis"])
    groups = channels if norm["groups"] == -1 else norm["groups"]
    require(same(groups, channels), "groups of several channels")
    position = norm["axis"] % norm.input.rank
    return product(size for axis, size in enumerate(norm.input.shape) if axis not in (0, position))
