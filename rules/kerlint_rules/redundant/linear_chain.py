"""KER110."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

from kerlint.rule import (
    Dim,
    Equivalence,
    Node,
    NoFix,
    Rewrite,
    Silent,
    Tensor,
    Unknown,
    Weight,
    at_least,
    immaterial,
    learnt,
    new,
    one,
    product,
    replaceable,
    require,
    rule,
    say,
    trains,
    unmasked,
)
from kerlint_rules.around import holds, in_front, reader

MOVED = ("Flatten", "Reshape")  # what may stand between
LONGEST = 20  # layers of a row: which part of a longer one is one map is asked of ever more parts
# Dense layers that follow one another, each behind what stands between it and the one before.
Run = list[tuple[Node, ...]]


def _in_front(second: Node) -> list[Node]:
    """The linear Dense in front, and what stands between. Silent if there is none, or others have a part in it."""
    first, between = in_front(second.input, MOVED)
    require(first is not None and first.kind == "Dense", "no Dense in front")
    assert first is not None
    first.require(activation="linear")
    require(trains(first), f"{first.kind} in front does not train")
    require(trains(second), "it does not train")
    require(learnt(first) and learnt(second), "the program looks at the weights, or sets them, and trains nothing")
    for layer in between:
        if layer.kind == "Flatten":
            layer.require(data_format="channels_last")
    for last in between[-1:]:
        require(last.output.rank == 2, f"a {last.kind} between that keeps several axes")
    replaceable(first, *between, second)
    known = not isinstance(first.input.shape, Unknown)  # else nothing is written that could hand on a mask
    require(not known or unmasked(first.input), "the input is masked")
    return [first, *between]


def _run(dense: Node) -> Run:
    """All that follow one another before and behind the layer."""
    run: Run = [(dense,)]
    with suppress(Silent):
        while len(run) <= LONGEST:
            first, *between = _in_front(run[0][-1])
            run[:1] = [(first,), (*between, run[0][-1])]
    with suppress(Silent):
        while len(run) <= LONGEST and (behind := reader(run[-1][-1], MOVED)) is not None and behind.kind == "Dense":
            run.append((*_in_front(behind)[1:], behind))
    return run


def _parts(run: Run) -> Iterator[Run]:
    """The longest part that one layer can be, and such parts of what is left before and behind it."""
    size = len(run)
    spans = ((start, start + length) for length in range(size, 1, -1) for start in range(size - length + 1))
    for start, end in spans:
        if holds(_one_map, run[start:end]):
            yield from _parts(run[:start])
            yield run[start:end]
            yield from _parts(run[end:])
            return


def _one_map(part: Run) -> None:
    """Silent unless one Dense can be all that these are together."""
    *inner, last = (group[-1] for group in part)
    require(
        last["use_bias"] or not any(d["use_bias"] for d in inner), "the bias of the first layer would have no place"
    )
    arriving = inner[0].input
    width = None if isinstance(arriving.shape, Unknown) else arriving.size(-1)
    moved = max(place for place, group in enumerate(part) if place == 0 or len(group) > 1)
    for place, dense in enumerate(inner, 1):
        # As wide as one of its sides, the middle has more parameters than one layer, and limits nothing.
        apart = place <= moved  # positions are put side by side behind it, of which it sees one
        sides = [*([] if apart else [last["units"]]), *([] if width is None else [width])]
        wide = [at_least(dense["units"] - side, 0) for side in sides]
        known = width is not None and None not in wide
        require(True in wide or (False if known else None), "the middle is narrow: a factorisation")
        width = None if width is None else width * _positions(dense, part[place])


def _positions(first: Node, behind: tuple[Node, ...]) -> Dim:
    """How many outputs of the first layer lie side by side in what the one behind it takes."""
    return product(first.output.shape[1:-1]) if len(behind) > 1 else 1


def _flat(between: list[Node], x: Tensor) -> Tensor:
    """``x`` with all positions and features of an example in one row."""
    last = between[-1]
    if last.kind == "Flatten":
        return new.Flatten.like(last)(x)
    return new.Reshape.like(last, target_shape=(-1,))(x)


def _product(inner: dict[str, Weight], second: Node, positions: Dim) -> dict[str, Weight]:
    """Kernel and bias of both layers as one; ``positions`` of the first one's outputs lie side by side."""
    outer = second.weights
    (width, middle), units = inner["kernel"].shape, second["units"]
    blocks = outer["kernel"].reshape(positions, middle, units).transpose(1, 0, 2)
    kernel = (inner["kernel"] @ blocks).transpose(1, 0, 2).reshape(positions * width, units)
    terms = [inner["bias"].repeat(positions) @ outer["kernel"]] if "bias" in inner else []
    terms += [outer["bias"]] if "bias" in outer else []
    return {"kernel": kernel, **({"bias": sum(terms[1:], terms[0])} if terms else {})}


@rule(
    "KER110",
    "linear-chain",
    on=one("Dense"),
    equivalence=Equivalence.SAME_CLASS,
    hint="an activation may be missing",
    message="{first} {plain}: with the {rest} behind it, it can do no more than {which} alone",
)
def linear_chain(second: Node) -> Rewrite:
    """A Dense without activation in front of a Dense is the same linear map in more parameters.

    ## Why is this bad?
    The product of two matrices is a matrix: however many linear layers follow one another, together they
    are one. The first layer looks like a hidden layer, costs parameters and time, and adds nothing. Mostly
    its activation was forgotten (`Dense` has none by default). A longer row is one finding: about all of it, or,
    where one layer cannot be all of it (a narrow one stands in it), about the longest part that it can be.

    ## Example
    ```python
    x = Input((30, 8))
    x = LSTM(50)(x)
    x = Dense(25)(x)
    x = Dense(1)(x)
    ```
    Use instead:
    ```python
    x = Input((30, 8))
    x = LSTM(50)(x)
    x = Dense(1)(x)
    ```

    ## When it stays silent
    A middle that is narrower than what it joins (a factorisation of low rank, a linear autoencoder, an
    adapter: deliberate), or may be; a last layer alone without a bias; Dropout, noise or a normalisation between;
    a layer that does not train; a masked input; where another layer reads what is in between; rows of more than 20;
    where a script only looks at the weights, or sets them, of a model that it neither compiles nor trains.

    ## Fix safety
    The same functions can be represented: the new kernel is the product of all. Training is another one, and
    where an activation is missing, adding it is the better fix: so it is never applied unasked. No fix where
    one in front has regularisers, constraints or a bias that starts elsewhere than at zero, or where the
    shape of the input is not known.
    """
    _in_front(second)
    run = _run(second)
    require(len(run) <= LONGEST, f"perhaps: it stands in a row of more than {LONGEST} linear layers")
    part = next((part for part in _parts(run) if part[-1][-1] is second), [])
    if not part:
        place = [group[-1] for group in run].index(second)
        _one_map(run[place - 1 : place + 1])
    require(bool(part), "it is within a longer chain")
    denses = [group[-1] for group in part]
    first, more = denses[0], len(denses) - 1
    say(first=first, plain="is linear" if "activation" in first.layer.written else "has no activation")
    say(rest=second if more == 1 else f"{more} Dense", which="that one" if more == 1 else "the last of them")
    between = [node for group in part[1:] for node in group[:-1]]
    region = (first, *(node for group in part[1:] for node in group))
    if isinstance(first.input.shape, Unknown):
        raise NoFix("the shape of the input is not known, so nothing can be proved", region=region)
    weights = first.weights
    for before, group in pairwise(part):
        immaterial(before[-1], "use_bias", "kernel_initializer")
        weights = _product(weights, group[-1], _positions(before[-1], group))
    x = _flat(between, first.input) if between else first.input
    return Rewrite(region, new.Dense.like(second)(x, weights=weights))
