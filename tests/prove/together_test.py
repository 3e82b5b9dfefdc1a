"""Fixes that meet in one model: it is compared whole, before and after all of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.prove.regions import layer, new, nothing, old, pointwise, tensor

from kerlint.engine import check
from kerlint.fixing import prove_all, together
from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph, Node
from kerlint.graph.layer import Config, Layer
from kerlint.layers.nested import NESTED
from kerlint.outcome import Checked
from kerlint.prove.client import Prover
from kerlint.prove.proof import Proof
from kerlint.report.row import rows_of
from kerlint.rule.finding import UNCOUNTED, Finding, Impact
from kerlint.rule.load import load
from kerlint.text.document import Document

pytestmark = pytest.mark.keras
RULES = load().rules
HEAD = "from keras import Input, Model, Sequential\nfrom keras.layers import *\n\n"
AGREES = "the whole model, changed in {} places, agrees"
PROVED = Proof("proved", 0.0)


def said(source: str, prover: Prover) -> list[tuple[str, str, str | None]]:
    """Code, status and reason of each proof, as the JSON gives them."""
    report = prove_all(check(Document.of(HEAD + source), RULES), prover.prove)
    proofs = [(row.data["code"], fix["proof"]) for row in rows_of(report) for fix in row.fixes]
    return [(code, proof["status"], proof["reason"]) for code, proof in proofs]


def joined(graph: Graph, changes: Sequence[tuple[Rewrite, Proof]], prover: Prover, code: str = "KER101") -> list[Proof]:
    """What becomes of the proofs of fixes that are made at once."""
    rule = next(rule for rule in RULES if rule.code == code)
    impact = Impact(UNCOUNTED, UNCOUNTED, UNCOUNTED)
    taken = [
        Checked(Finding(rule, None, "", (), None, a, impact, 0, (), agreeing=((a, graph),)), None, proof)
        for a, proof in changes
    ]
    return [proof for checked in together(taken, prover.prove) if (proof := checked.proof) is not None]


def test_a_model_is_compared_before_and_after_all_of_its_fixes(prover: Prover) -> None:
    source = (
        "i = Input((6, 4))\nx = Dropout(0)(Conv1D(8, 1, activation='relu')(i))\n"
        "x = Activation('relu')(BatchNormalization()(Conv1D(8, 3)(x)))\nx = Activation('relu')(x)\n"
        "m = Model(i, Dense(3)(Flatten()(x)))\n"
    )
    found = said(source, prover)
    assert [code for code, _, _ in found] == ["KER112", "KER101", "KER111", "KER113"]
    assert {(status, reason) for _, status, reason in found} == {("proved", AGREES.format(4))}


def test_the_weakest_level_is_what_all_of_them_claim(prover: Prover) -> None:
    """Two Dense layers in one are trained otherwise: so is the model in which an empty Dropout goes as well."""
    source = "i = Input((8,))\nx = Dense(8)(i)\nx = Dense(4)(x)\nx = Dropout(0)(x)\nm = Model(i, Dense(2, 'tanh')(x))\n"
    found = said(source, prover)
    assert {(code, status) for code, status, _ in found} >= {("KER110", "proved"), ("KER112", "proved")}
    assert {reason for _, _, reason in found} == {AGREES.format(2)}


def test_one_fix_is_proved_where_it_stands(prover: Prover) -> None:
    assert said("m = Sequential([Input((6, 4)), Conv1D(8, 1), Flatten(), Dense(3)])\n", prover) == [
        ("KER101", "proved", None)
    ]


def test_a_line_that_makes_several_layers_changes_its_model_in_several_places(prover: Prover) -> None:
    source = "x = i = Input((6, 4))\nfor _ in range(3):\n    x = Conv1D(8, 1, activation='relu')(x)\nm = Model(i, x)\n"
    assert said(source, prover) == [("KER101", "proved", AGREES.format(3))]


def test_what_is_right_in_each_place_and_wrong_in_the_model_is_refuted(prover: Prover) -> None:
    """Two copies of a shared layer give what it gave, and are trained apart."""
    x = tensor(6, 4)
    shared = layer("Dense", 4)
    first = Node(shared, (x,))
    second = Node(shared, (first.output,))
    graph = Graph((first, second), (x,), (second.output,))
    copies = [node.becomes(new("Dense", node.input, node.weights, 4)) for node in graph.nodes]
    alone = [prover.prove(rewrite, "identical") for rewrite in copies]
    assert [proof.status for proof in alone] == ["proved", "proved"]
    for proof in joined(graph, [*zip(copies, alone, strict=True)], prover):
        assert proof.status == "refuted"
        assert "changed in 2 places, does not agree: training outputs differ" in (proof.reason or "")


def chain(*, single: bool = False, wrong: str = "") -> tuple[Graph, list[Rewrite]]:
    """A recurrent layer on one step, whose recurrent kernel is idle, a pointwise convolution, an empty Dropout."""
    x = tensor(1, 4)
    rnn = old("LSTM", x, 4, return_sequences=True)
    conv = pointwise(rnn.output, wrong=wrong)
    none = nothing("Dropout", conv.target, 0.0)
    last = old("Softmax", none.target) if not single else old("Softmax", old("Dense", none.target, 1).output)
    nodes = (rnn, *conv.old, *none.old, *([last.input.node] if last.input.node not in none.old else []), last)
    return Graph(tuple(n for n in nodes if n is not None), (x,), (last.output,)), [conv, none]


def test_what_was_idle_in_the_model_before_is_no_fault_of_the_fixes(prover: Prover) -> None:
    graph, changes = chain()
    proofs = joined(graph, [(change, PROVED) for change in changes], prover)
    assert [(p.status, p.reason) for p in proofs] == [("proved", AGREES.format(2))] * 2


def test_a_wrong_fix_among_others_is_refuted(prover: Prover) -> None:
    graph, changes = chain(wrong="sign")
    proofs = joined(graph, [(change, PROVED) for change in changes], prover)
    assert [p.status for p in proofs] == ["refuted", "refuted"]
    assert "does not agree: outputs differ by" in (proofs[0].reason or "")


def test_a_comparison_that_could_not_fail_says_nothing(prover: Prover) -> None:
    graph, changes = chain(single=True, wrong="sign")
    (first, _) = joined(graph, [(change, PROVED) for change in changes], prover)
    assert (first.status, first.reason) == (
        "proved",
        "the whole model, changed in 2 places, is not compared: what is new never shows in its output",
    )


def test_what_shows_has_to_be_new(prover: Prover) -> None:
    """The branch that is fixed ends in a softmax over one; that the other one matters controls nothing."""
    x = tensor(1, 4)
    conv = pointwise(x, "relu", wrong="sign")
    none = nothing("Dropout", conv.target, 0.0)
    dense, beside = old("Dense", none.target, 1), old("Dense", x, 1)
    constant = old("Softmax", dense.output)
    both = old("Add", (constant.output, beside.output))
    graph = Graph((*conv.old, *none.old, dense, constant, beside, both), (x,), (both.output,))
    (first, _) = joined(graph, [(conv, PROVED), (none, PROVED)], prover)
    assert (first.reason or "").endswith("is not compared: what is new never shows in its output"), first


def test_a_model_that_makes_much_of_one_rounding_is_not_compared(prover: Prover) -> None:
    source = (
        "x = i = Input((16,))\nfor _ in range(24):\n    x = Activation('elu')(BatchNormalization()(Dense(16)(x)))\n"
        "m = Model(i, Dense(3)(x))\n"
    )
    ((code, status, reason),) = said(source, prover)
    assert (code, status) == ("KER111", "proved")
    assert reason is not None and reason.startswith("the whole model, changed in 24 places, is not compared: one roun")


INNER = "inner = Sequential([Input((6, 4)), Dense(4), Sequential([BatchNormalization()])])\ni = Input((6, 4))\n"


def test_a_model_that_is_applied_in_it_is_its_layers(prover: Prover) -> None:
    """Twice the same one, and models within models: each layer once, with its own weights."""
    source = INNER + "m = Model(i, Dropout(0)(Conv1D(8, 1)(inner(inner(i)))))\n"
    assert {reason for _, _, reason in said(source, prover)} == {AGREES.format(2)}


def test_a_wrong_fix_behind_a_model_within_it_is_refuted(prover: Prover) -> None:
    x = tensor(6, 4)
    dense = old("Dense", x, 4)
    inner = Node(Layer(NESTED, Config({"graph": Graph((dense,), (x,), dense.outputs)}), "inner"), (tensor(6, 4),))
    conv = pointwise(inner.output, wrong="sign")
    none = nothing("Dropout", conv.target, 0.0)
    graph, changes = Graph((inner, *conv.old, *none.old), inner.inputs, (none.target,)), (conv, none)
    proofs = joined(graph, [(change, PROVED) for change in changes], prover)
    assert [p.status for p in proofs] == ["refuted", "refuted"]


def test_what_cannot_be_put_to_keras_as_a_whole_is_said(prover: Prover) -> None:
    found = said(INNER + "m = Model(i, Dropout(0)(Conv1D(8, 1)(inner(i, training=True))))\n", prover)
    wanted = "the whole model, changed in 2 places, is not compared: what a model within it does there is not known"
    assert {reason for _, _, reason in found} == {wanted}
