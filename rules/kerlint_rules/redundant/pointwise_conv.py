"""KER101."""

from collections.abc import Iterable, Sequence

from kerlint.rule import (
    Equivalence,
    Node,
    Rewrite,
    at_least,
    immaterial,
    new,
    one,
    product,
    require,
    rule,
    say,
    unmasked,
)
from kerlint_rules.around import before, behind

ASIDE = "; {where} wider kernels that is an idiom, too, which among-convolutions = false leaves alone"
# Whether wider kernels come before it, and behind.
WHERE = {(True, True): "between", (True, False): "behind", (False, True): "in front of"}


@rule(
    "KER101",
    "pointwise-conv",
    on=one("Conv1D", "Conv2D", "Conv3D"),
    equivalence=Equivalence.IDENTICAL,
    bounds={"ranks": (1, 3)},
    message="{conv} looks at one position at a time: it is a Dense layer{aside}",
)
def pointwise_conv(
    conv: Node, *, ranks: Sequence[int] = (1,), among_convolutions: bool = True, in_blocks: bool = False
) -> Rewrite:
    """A convolution whose kernel covers a single position is a Dense layer.

    ## Why is this bad?
    One matrix is applied to the features of every position: what `Dense` does on the last axis.
    Nothing is convolved, and the name hides that the positions never meet: who takes it for a convolution expects
    features of a neighbourhood where there are none. It is a matter of reading; both are as large, and about as fast.

    ## Example
    ```python
    x = Input((1000, 1))
    x = Conv1D(128, kernel_size=1, activation="relu")(x)
    ```
    Use instead:
    ```python
    x = Input((1000, 1))
    x = Dense(128, activation="relu")(x)
    ```

    ## When it stays silent
    Strides above one (positions are dropped), groups, channels first, an input with a mask (a convolution
    drops it, `Dense` hands it on), or any of these not known. In two and three dimensions a kernel of one
    is the idiom of the field: the option `ranks = [1, 2, 3]` includes them. So it is in one dimension where
    branches with wider kernels are merged (a residual block, Inception) and in networks of causal or dilated
    kernels (WaveNet, TCN): the option `in-blocks = true` includes those. Some write it in a chain of wider
    kernels, too: the option `among-convolutions = false` leaves all alone that have a wider kernel before or
    behind.

    ## Fix safety
    Same parameters, same initial distribution (fan-in and fan-out are the same), same training.
    A checkpoint's kernel of shape (1, in, filters) becomes (in, filters). A constraint on the kernel takes
    its norm over an axis that is gone: then there is no fix.
    """
    rank = len(conv["kernel_size"])
    require(rank in ranks, f"rank {rank} is not selected (ranks)")
    conv.require(kernel_size=(1,) * rank, strides=(1,) * rank, groups=1, data_format="channels_last")
    require(unmasked(conv.input), "the input is masked")
    first, after = before(conv), behind(conv) if rank == 1 else []
    block = before(*(node for node in after if len(node.inputs) > 1))
    require(in_blocks or _alone(block), "it is a branch of a block that has wider kernels (in-blocks)")
    reaching = [node for node in (*first, *after) if _wider(node) and _reaches(node)]
    require(in_blocks or not reaching, "it stands in a network of causal or dilated kernels (in-blocks)")
    alone = _alone([*first, *after])
    require(among_convolutions or alone, "wider kernels come before or behind it (among-convolutions)")
    where = WHERE.get((_alone(first) is False, _alone(after) is False))
    say(aside=ASIDE.format(where=where) if where else "")
    immaterial(conv, "padding", "dilation_rate")
    dense = new.Dense.like(conv, units=conv["filters"])
    kernel = conv.weights["kernel"][(0,) * rank]
    return conv.becomes(dense(conv.input, weights=conv.weights | {"kernel": kernel}))


def _alone(nodes: Iterable[Node]) -> bool | None:
    """Whether no layer of these slides a kernel of more than one position; None if that is not known."""
    wider = [_wider(node) for node in nodes]
    return True not in wider and (None not in wider or None)


def _wider(node: Node) -> bool | None:
    """Whether a layer slides a kernel of more than one position, or holds one that does; None if that is not known."""
    if node.kind == "opaque":
        return None
    if "graph" in node.layer.config:
        return _alone(node.layer.config["graph"].nodes) is False
    if "kernel_size" not in node.layer.config:
        return False
    return at_least(product(node["kernel_size"]), 2) if node.layer.config.known("kernel_size") else None


def _reaches(node: Node) -> bool:
    """Whether the kernel of a layer looks back, or far: what networks of time series are made of."""
    apart = node.layer.config.peek("dilation_rate")
    return node.layer.config.peek("padding") == "causal" or any(at_least(n, 2) for n in apart or ())
