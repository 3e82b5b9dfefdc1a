"""The question put to Keras: plain data, the same for the same pattern, or the reason why there is none."""

from __future__ import annotations

import json

import pytest
from tests.prove.regions import layer, new, nothing, old, pointwise, stepwise, tensor, timed_dense

from kerlint.graph.answer import Rewrite
from kerlint.graph.dim import symbol
from kerlint.graph.graph import Graph, Node
from kerlint.graph.layer import Config, Layer, Unknown
from kerlint.layers.table import TABLE
from kerlint.prove.proof import Proof, Unprovable, from_plain
from kerlint.prove.request import request_of
from kerlint.prove.whole import wholes


def test_equal_patterns_are_one_question() -> None:
    first, second = (request_of(pointwise(tensor(6, symbol(name))), "identical") for name in ("n", "width"))
    assert first.canonical == second.canonical
    assert first.key("keras 3") == second.key("keras 3") != first.key("keras 2")


@pytest.mark.parametrize(
    "other", [pointwise(tensor(6, 3), "relu"), pointwise(tensor(6, 2)), pointwise(tensor(6, 3), wrong="sign")]
)
def test_other_patterns_are_other_questions(other: Rewrite) -> None:
    asked = request_of(pointwise(tensor(6, 3)), "identical")
    assert request_of(other, "identical").canonical != asked.canonical
    assert request_of(pointwise(tensor(6, 3)), "same-class").canonical != asked.canonical


def test_it_is_plain_data() -> None:
    data = request_of(timed_dense(tensor(symbol("T", free=True), 3)), "identical").data
    assert json.loads(json.dumps(data)) == data


def test_symbols_are_drawn_odd_even_and_one() -> None:
    draws = request_of(pointwise(tensor(6, symbol("n"))), "identical").data["draws"]
    sizes = [draw["inputs"][0]["shape"][-1] for draw in draws]
    assert len(sizes) == 3 and 1 in sizes and {s % 2 for s in sizes} == {0, 1}


def test_two_symbols_are_two_sizes() -> None:
    draws = request_of(pointwise(tensor(symbol("T", free=True), symbol("n"))), "identical").data["draws"]
    assert all(len(set(draw["inputs"][0]["shape"][1:])) == 2 for draw in draws)


@pytest.mark.parametrize("window", [2, 7, 41])
def test_one_length_is_longer_than_windows_reach_and_others_are_not(window: int) -> None:
    """Of both graphs, and with what dilation adds: there each tap counts, and what is beyond it does not."""
    x = tensor(symbol("n"), 4)
    conv, pool = old("Conv1D", x, 4, window, padding="same"), old("MaxPooling1D", x, 2, 1, padding="same")
    spread = old("DepthwiseConv1D", x, 2, dilation_rate=window - 1, padding="same")
    short, long = (new("MaxPooling1D", x, None, size, 1, padding="same") for size in (2, window))
    for rewrite in (conv.becomes(short), spread.becomes(short), pool.becomes(long)):
        draws = request_of(rewrite, "identical").data["draws"]
        sizes = [draw["inputs"][0]["shape"][1] for draw in draws]
        assert sizes[0] > 2 * window and window in sizes and 1 in sizes, "the first is compared the most"


def test_only_sizes_that_build_are_drawn() -> None:
    n = symbol("n")
    first = old("Cropping1D", tensor(n, 3), 4)
    draws = request_of(Rewrite((first,), new("Cropping1D", first.input, None, (4, 4))), "identical").data["draws"]
    assert all(draw["inputs"][0]["shape"][1] > 8 for draw in draws)


@pytest.mark.parametrize(("kind", "even"), [("DepthwiseConv2D", True), ("MaxPooling2D", False)])
def test_steps_that_are_not_known_are_drawn_so_that_tensorflow_runs_them(kind: str, even: bool) -> None:
    node = old(kind, tensor(9, 9, 2), 2, (symbol("rows"), symbol("columns")), padding="same")
    draws = request_of(
        node.becomes(new(kind, node.input, node.weights, 2, node["strides"], padding="same")), "identical"
    )
    strides = [draw["old"]["layers"][0]["config"].get("strides", [1, 1]) for draw in draws.data["draws"]]
    assert {len({*each}) for each in strides} == ({1} if even else {1, 2})


def test_a_perhaps_masked_input_is_asked_both_ways() -> None:
    draws = request_of(timed_dense(tensor(5, 3, masked=None)), "identical").data["draws"]
    assert [draw["inputs"][0]["masked"] for draw in draws] == [False, True]


def test_indices_stay_in_range() -> None:
    table = old("Embedding", tensor(6), 9, 4)
    rewrite = table.becomes(new("Embedding", table.input, table.weights, 9, 4))
    (draw,) = request_of(rewrite, "identical").data["draws"]
    assert draw["inputs"][0]["below"] == 9


def test_defaults_are_not_sent() -> None:
    (draw,) = request_of(pointwise(tensor(6, 3), "relu"), "identical").data["draws"]
    assert draw["new"]["layers"][0]["config"] == {"units": 4, "activation": "relu"}


def test_each_side_has_its_generation() -> None:
    assert request_of(stepwise(tensor(5, 3)), "same-function").data["generation"] == {"old": 2, "new": 3}


def unknown_activation() -> Rewrite:
    """An activation that the evaluator could not follow."""
    known = layer("Dense", 3)
    values = {name: known.config.raw(name) for name in known.config}
    values["activation"] = Unknown("act", "line 3: act is read from a file")
    node = Node(Layer(TABLE["Dense"], Config(values), "dense"), (tensor(4),))
    return Rewrite((node,), Node(node.layer, node.inputs, mapped=node.weights).output)


def inner() -> Rewrite:
    """A replacement that needs a tensor of what it replaces."""
    first = old("Activation", tensor(4), "relu")
    second = old("Activation", first.output, "linear")
    return Rewrite((first, second), new("Activation", first.output, None, "linear"))


@pytest.mark.parametrize(
    ("rewrite", "level", "said"),
    [
        (unknown_activation(), "identical", "activation of Dense is not known: line 3"),
        (inner(), "identical", "inside of what it replaces"),
        (nothing("Dropout", tensor(4), 0.0), "advice", "claims nothing"),
    ],
)
def test_what_cannot_be_asked(rewrite: Rewrite, level: str, said: str) -> None:
    with pytest.raises(Unprovable, match=said):
        request_of(rewrite, level)


def test_a_proof_with_idle_weights_cannot_hold() -> None:
    with pytest.raises(ValueError, match="idle"):
        Proof("proved", 0.0, 0.0, idle=("kernel",))


def test_proofs_survive_the_way_through_json() -> None:
    proof = Proof("refuted", 0.5, idle=("kernel of Dense",), inputs=3, reason="never matters: kernel of Dense")
    assert from_plain(json.loads(json.dumps(proof.plain()))) == proof


def whole(*nodes: Node) -> Rewrite:
    """A chain with its last layer left out."""
    (found,) = wholes(Graph(nodes, nodes[0].inputs, (nodes[-1].output,)), [Rewrite(nodes[-1:], nodes[-1].input)])
    return found


def windows(kind: str, *sizes: object, rank: int = 1) -> Rewrite:
    """Windows on axes of unknown length, one after the other, and a Dropout that does nothing."""
    x = tensor(*(symbol(name, name) for name in "nm"[:rank]), 4)
    nodes: list[Node] = []
    for size in sizes:
        nodes.append(old(kind, x, *((4,) if kind.startswith("Conv") else ()), size))
        x = nodes[-1].output
    return whole(*nodes, old("Dropout", x, 0.0))


@pytest.mark.parametrize(
    "rewrite",
    [
        windows("Conv1D", 3000),
        windows("Conv1D", 600, 600, 600, 600),
        windows("MaxPooling1D", 10, 10, 10, 10),
        windows("Cropping1D", (1200, 1200)),
        windows("Cropping2D", ((300, 10), (500, 700)), rank=2),
        windows("AveragePooling2D", 12, 12, 3, rank=2),
        windows("Reshape", (-1, 37)),
        windows("Reshape", (-1, 7, 7)),
    ],
)
def test_long_windows_and_divisors_are_given_sizes_that_fit(rewrite: Rewrite) -> None:
    """What is drawn for a length is never the reason why nothing is proved."""
    assert len(request_of(rewrite, "identical").data["draws"]) >= 3


def test_windows_and_steps_that_are_not_known_are_small() -> None:
    """Sizes as for an input would be kernels of a hundred positions, and strides that skip all of it."""
    x, sizes = tensor(symbol("h"), symbol("w"), symbol("c")), [symbol(name) for name in "klst"]
    conv = old("Conv2D", x, symbol("f"), tuple(sizes[:2]), strides=tuple(sizes[2:]), padding="same")
    draws = request_of(
        conv.becomes(new("Conv2D", x, dict(conv.weights), symbol("f"), tuple(sizes[:2]), tuple(sizes[2:]), "same")),
        "identical",
    ).data["draws"]
    kernels = [tuple(draw["old"]["layers"][0]["config"]["kernel_size"]) for draw in draws]
    assert len({*kernels}) > 1 and max(map(max, kernels)) <= 5
    assert all(min(draw["inputs"][0]["shape"][1:3]) >= 1 for draw in draws)
