"""KER213."""

from collections.abc import Iterator, Sequence

from kerlint.rule import (
    Alternative,
    Equivalence,
    Node,
    Object,
    Tensor,
    at_least,
    learnt,
    new,
    one,
    require,
    rule,
    say,
    trains,
)
from kerlint_rules.around import holds, in_front, reader

WEIGHTED = ("Dense", "Conv1D", "Conv2D", "Conv3D")
RELU = ("Activation", "ReLU")
RANKS = (1, 2, 3)
ALIKE = (  # treat all units alike and draw nothing at random
    *RELU,
    "ELU",
    "LeakyReLU",
    "Flatten",
    "BatchNormalization",
    *(f"{kind}Pooling{rank}D" for kind in ("Max", "Average", "GlobalMax", "GlobalAverage") for rank in RANKS),
)
ZERO_AT_ZERO = ("linear", "relu", "tanh", "elu", "selu", "softsign")  # activations that give 0 for 0
CONSTANT = {"zeros": 0, "zero": 0, "ones": 1, "one": 1, "constant": 0}


@rule(
    "KER213",
    "constant-initializer",
    on=one(*WEIGHTED, *RELU),
    equivalence=Equivalence.ADVICE,
    message="{starting} {learning}: {because}",
)
def constant_initializer(layer: Node) -> Alternative:
    """A layer whose weights start constant, so that it cannot learn, or only as a single unit.

    ## Why is this bad?
    Under relu, a kernel and a bias of zeros give zeros, where the derivative is 0: neither they nor anything
    in front of them ever moves. And where the kernel is constant in a layer and in the next one, all units
    of the first compute the same and get the same gradient: they stay equal, one unit many times over; if both
    start at zero, and what is between gives 0 for 0, no gradient comes back at all, and nothing of them learns.
    Of a whole chain of such layers the first is reported, which names the others.

    ## Example
    ```python
    inputs = Input((20,))
    x = Dense(64, activation="relu", kernel_initializer="zeros")(inputs)
    outputs = Dense(1)(x)
    ```
    Use instead:
    ```python
    inputs = Input((20,))
    x = Dense(64, activation="relu")(inputs)
    outputs = Dense(1)(x)
    ```

    ## When it stays silent
    A constant kernel in front of a random one, and one of zeros without relu behind it (both train); with
    something random between (Dropout); where the layer does not train, or is given its `weights`; where a
    script only looks at the weights, or sets them, and trains nothing; for biases and the scales of normalisations.

    ## Fix safety
    There is no automatic fix: another initialiser makes another training.
    """
    if layer.kind in RELU:
        _is_relu(layer)
        before = layer.input.node
        require(before is not None and before.kind in WEIGHTED, "no kernel stands before")
        assert before is not None
        before.require(activation="linear")
        return _dead(before, [layer])
    if layer["activation"] == "relu" and _silent_at_first(layer):
        return _dead(layer, [])
    return _equal(layer)


def _silent_at_first(layer: Node) -> bool:
    """Whether all its sums are zero until something trains."""
    return _starts(layer, "kernel") == 0 and (not layer["use_bias"] or _starts(layer, "bias") == 0)


def _is_relu(layer: Node) -> None:
    if layer.kind == "ReLU":
        layer.require(threshold=0.0, negative_slope=0.0)
    else:
        layer.require(activation="relu")


def _dead(layer: Node, behind: Sequence[Node]) -> Alternative:
    """Silent unless relu is given zeros, whatever the input."""
    require(_silent_at_first(layer), "kernel and bias do not start at zero")
    because = "its kernel and bias start at zero under relu, whose derivative is 0 there"
    say(learning="cannot learn as written", because=because)
    return _started(layer, behind)


def _equal(layer: Node) -> Alternative:
    """Silent unless the units of the layer before are equal and stay so, and it is the first such layer of a chain."""
    before, between = _alike(layer)
    require(not holds(_alike, before), "told at the first layer of the chain")
    if _silent_at_first(before) and before["activation"] in ZERO_AT_ZERO and _starts(layer, "kernel") == 0:
        because = "its kernel and the next one start at zero: so do all gradients"
        say(learning="cannot learn as written", because=because)
        return _started(before, [*between, layer])
    units = before["units" if before.kind == "Dense" else "filters"]
    because = f"its kernel and the next one start constant, so that its {units} units stay equal"
    others = ", ".join(map(_named, _further(layer)))
    say(learning="learns as a single unit", because=f"{because}; and so do those of {others}" if others else because)
    return _started(before, [*between, layer])


def _further(layer: Node) -> Iterator[Node]:
    """The layers further down the chain whose units stay equal as well."""
    behind = reader(layer, ALIKE)
    if behind is not None and behind.kind in WEIGHTED and holds(_alike, behind):
        yield layer
        yield from _further(behind)


def _named(layer: Node) -> str:
    return f"{layer.kind}({layer['units' if layer.kind == 'Dense' else 'filters']})"


def _alike(layer: Node) -> tuple[Node, list[Node]]:
    """The layer before, whose units are equal and stay so, and what is between. Silent where they do not."""
    require(_starts(layer, "kernel") is not None, "the kernel starts at random")
    before, between = in_front(layer.input, ALIKE)
    require(before is not None and before.kind in WEIGHTED, "the layer before has no kernel that starts constant")
    assert before is not None
    require(_starts(before, "kernel") is not None, "the kernel before starts at random")
    require(not before["use_bias"] or _starts(before, "bias") is not None, "the bias before starts at random")
    for norm in (node for node in between if node.kind == "BatchNormalization"):
        require(_starts(norm, "gamma") is not None, "the scales between start at random")
        require(_starts(norm, "beta") is not None, "the offsets between start at random")
    units = before["units" if before.kind == "Dense" else "filters"]
    require(at_least(units, 2), "a single unit")
    _can_train(before)
    return before, between


def _starts(layer: Node, weight: str) -> float | None:
    """The number that all entries of a weight start at; None if they are random, or differ."""
    value = layer[f"{weight}_initializer"]
    if isinstance(value, str):
        return CONSTANT.get(value.lower())
    if not isinstance(value, Object) or value.kind not in ("Zeros", "Ones", "Constant"):
        return None
    number = dict(value.config).get("value", CONSTANT[value.kind.lower()])
    return number if isinstance(number, (int, float)) else None


def _can_train(layer: Node) -> None:
    require(trains(layer), "the layer does not train")
    require("weights" not in layer.layer.config, "it is given its weights")
    require(learnt(layer), "the program looks at the weights, or sets them, and trains nothing")


def _started(layer: Node, behind: Sequence[Node]) -> Alternative:
    """The same layers, the first with its usual initialiser."""
    _can_train(layer)
    say(starting=layer)
    x: Tensor = getattr(new, layer.kind).like(layer, kernel_initializer="glorot_uniform")(layer.input)
    for node in behind:
        x = getattr(new, node.kind).like(node)(x)
    return Alternative((layer, *behind), x)
