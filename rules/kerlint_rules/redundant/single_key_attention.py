"""KER107."""

import functools
import operator

from kerlint.rule import (
    Dim,
    Equivalence,
    Node,
    NoFix,
    Rewrite,
    Tensor,
    Weight,
    fixable,
    immaterial,
    new,
    one,
    product,
    require,
    rule,
    same,
    unmasked,
)

MASKS = ("mask", "query_mask", "value_mask", "key_mask", "attention_mask", "use_causal_mask")
# What acts on all projections alike, or on the output on its way out.
WHOLE = (*(f"{w}_{kind}" for w in ("kernel", "bias") for kind in ("regularizer", "constraint")), "activity_regularizer")
INITIAL = ("kernel_initializer", "bias_initializer")
SIZES = ("key_dim", "value_dim", "output_shape", "head_dim", "num_query_heads", "num_key_value_heads")


def _projected(attention: Node, x: Tensor) -> Tensor:
    """MultiHeadAttention: the value goes through its own projection and through that of the output."""
    attention.require(use_gate=False, sliding_window=None)
    if attention.output.rank != 3:
        raise NoFix("the output has several axes", _dead(attention))
    immaterial(attention, "flash_attention", *SIZES, *WHOLE, *INITIAL)
    for argument in WHOLE:
        fixable(attention.layer.config.raw(argument) is None, f"{argument} acts on all projections at once")
    given = {argument: attention.layer.config.raw(argument) for argument in INITIAL}
    for argument, value in given.items():
        fixable(isinstance(value, str), f"{argument} is one object: the projections would start alike")
    weights = attention.weights
    heads, width = weights["value.kernel"].shape[1:]
    outgoing = _of_values(weights["attention_output.kernel"], heads)
    if outgoing is None:
        raise NoFix("the number of heads is not known", _dead(attention))
    kernels = {"value": weights["value.kernel"], "attention_output": outgoing}
    shapes = {"value": (x.size(-1), heads * width), "attention_output": (heads * width, attention.output.size(-1))}
    for part, (into, units) in shapes.items():
        mapped = {"kernel": kernels[part].reshape(into, units)}
        if attention["use_bias"]:
            mapped["bias"] = weights[f"{part}.bias"].reshape(units)
        x = new.Dense(units, use_bias=attention["use_bias"], **given)(x, weights=mapped)
    return x


def _dead(attention: Node) -> Dim:
    """The parameters that only the scores depend on."""
    return sum(product(w.shape) for name, w in attention.weights.items() if name.startswith(("query.", "key.")))


def _of_values(kernel: Weight, heads: Dim) -> Weight | None:
    """The output's kernel (query heads, width, units) by heads of the value: those that read the same one add up.

    None where it is not known which do.
    """
    if kernel.shape[0] == heads:
        return kernel
    shared = kernel.shape[0] // heads if isinstance(heads, int) and isinstance(kernel.shape[0], int) else 0
    if shared == 0:
        return None
    grouped = kernel.reshape(heads, shared, *kernel.shape[1:])
    return functools.reduce(operator.add, (grouped[:, number] for number in range(shared)))


@rule(
    "KER107",
    "single-key-attention",
    on=one("MultiHeadAttention", "GroupedQueryAttention", "Attention", "AdditiveAttention"),
    equivalence=Equivalence.SAME_FUNCTION,
    message="{attention} looks at a single position: whatever the query, its weight is 1",
)
def single_key_attention(attention: Node) -> Rewrite:
    """Attention over a single position returns that position, whatever the query.

    ## Why is this bad?
    The softmax over one score is 1. So nothing depends on the query and the key: their projections are
    stored, saved and updated, and no output ever depends on them. What comes out is the value, projected if
    the layer does so, and repeated for each query. Mostly the features stand where the positions were meant to
    stand.

    ## Example
    ```python
    x = Input((1, 32))
    x = MultiHeadAttention(num_heads=2, key_dim=8)(x, x)
    ```
    Use instead:
    ```python
    x = Input((1, 32))
    x = Dense(32)(Dense(16)(x))
    ```

    ## When it stays silent
    Several positions, or a number that is not known; dropout on the scores; masks; a gate, a sliding window
    or attention over other axes than the second; tensors of another rank.

    ## Fix safety
    The same function with fewer weights; in a checkpoint heads become columns, and of GroupQueryAttention the
    rows of query heads that share a value are added. No fix where the scores are returned as well, where the
    number of queries or heads is not known or the output has several axes, with regularisers or constraints
    (they act on all projections), or with an initialiser that is one object (the projections would start alike).
    """
    query, value = attention.inputs[:2]
    require(query.rank == value.rank == 3, f"tensors of rank {query.rank} and {value.rank}")
    require(same(value.size(1), 1), "there are several positions")
    require(all(unmasked(tensor) for tensor in attention.inputs), "an input is masked")
    require(all(attention.options.get(mask) in (None, False) for mask in MASKS), "it is called with a mask")
    attention.require(dropout=0.0)
    immaterial(attention, "use_scale", "score_mode", "seed")
    fixable(attention.options.get("return_attention_scores") in (None, False), "the scores are returned, too")
    steps = query.size(1)
    alone = same(steps, 1) is True
    fixable(isinstance(steps, int), "the number of queries is not known")
    x = value if alone else new.Flatten()(value)
    if attention.kind == "MultiHeadAttention":
        require(attention["attention_axes"] in (None, 1, (1,)), "it attends over other axes")
    if "use_gate" in attention.layer.config:
        x = _projected(attention, x)
    return attention.becomes(x if alone else new.RepeatVector(steps)(x))
