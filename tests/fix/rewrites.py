"""Small rewrites to place, and one function that turns a source into the fixed source."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from kerlint.evaluate.run import evaluate
from kerlint.fix.fix import fix_of
from kerlint.graph.answer import Alternative, Rewrite, apply_all
from kerlint.graph.graph import Graph, Node, Tensor
from kerlint.graph.layer import Layer, NoFix
from kerlint.graph.rebuild import difference
from kerlint.rule import new
from kerlint.rule.new import Made
from kerlint.text.document import Document
from kerlint.text.edit import Applicability, Fix

Answer = Rewrite | Alternative
Rule = Callable[[Node], Answer | None]


def _before(node: Node) -> Node | None:
    return node.inputs[0].node if node.inputs else None


def pointwise(node: Node) -> Answer | None:
    """Conv1D with kernel 1 -> Dense."""
    if node.kind != "Conv1D" or node["kernel_size"] != (1,):
        return None
    dense = new.Dense.like(node, units=node["filters"])
    return node.becomes(dense(node.input, weights={**node.weights, "kernel": node.weights["kernel"][0]}))


def narrower(node: Node) -> Answer | None:
    """Conv1D with kernel 3 -> kernel 1, the same class."""
    if node.kind not in ("Conv1D", "Conv2D") or node["kernel_size"][0] != 3:
        return None
    size = (1,) * len(node["kernel_size"])
    kernel = node.weights["kernel"]
    for _ in size:
        kernel = kernel[1]
    kernel = kernel.reshape(*size, *kernel.shape)
    conv = getattr(new, node.kind).like(node, kernel_size=size)
    return node.becomes(conv(node.input, weights={**node.weights, "kernel": kernel}))


def gates(node: Node) -> Answer | None:
    """LSTM on one step -> three Dense and two products."""
    if node.kind != "LSTM":
        return None
    x = node.input if node["return_sequences"] else new.Flatten()(node.input)
    units, squash, logistic = node["units"], node["activation"], node["recurrent_activation"]

    def gate(slot: int, activation: str) -> Tensor:
        columns = slice(slot * units, (slot + 1) * units)
        dense = new.Dense(units, activation=activation, use_bias=node["use_bias"])
        kept = {k: w[..., columns] for k, w in node.weights.items() if k != "recurrent_kernel"}
        return dense(x, weights=kept)

    carry = new.Multiply()([gate(0, logistic), gate(2, squash)])
    return node.becomes(new.Multiply()([gate(3, logistic), new.Activation(squash)(carry)]))


def recurrent(node: Node) -> Answer | None:
    """SimpleRNN on one step -> Flatten, Dense."""
    if node.kind != "SimpleRNN":
        return None
    dense = new.Dense.like(node, units=node["units"])
    kept = {k: w for k, w in node.weights.items() if k != "recurrent_kernel"}
    return node.becomes(dense(new.Flatten()(node.input), weights=kept))


def kept_state(node: Node) -> Answer | None:
    """LSTM -> the state that LSTM hands on beside its output: the same numbers, but its second output."""
    if node.kind != "LSTM":
        return None
    both = new.LSTM.like(node, return_state=True)(node.input, weights=node.weights).node
    assert both is not None
    return node.becomes(both.outputs[1])


def kept_state_of(node: Node) -> Answer | None:
    """The same with a layer behind it."""
    answer = kept_state(node)
    return answer and node.becomes(new.Activation("linear")(answer.new))


def nothing(node: Node) -> Answer | None:
    """Dropout(0) and joins of one tensor -> nothing."""
    single = node.kind in ("Add", "Concatenate") and len(node.inputs) == 1
    if single or (node.kind == "Dropout" and node["rate"] == 0):
        return Rewrite((node,), node.inputs[0])
    return None


def unbiased(node: Node) -> Answer | None:
    """A layer with a bias in front of BatchNormalization -> use_bias=False."""
    before = _before(node)
    if node.kind != "BatchNormalization" or before is None or not before["use_bias"]:
        return None
    kernel = {"kernel": before.weights["kernel"]}
    x = getattr(new, before.kind).like(before, use_bias=False)(before.input, weights=kernel)
    norm = new.BatchNormalization.like(node)(x, weights=node.weights)
    return Rewrite((before, node), norm)


def timed(node: Node) -> Answer | None:
    """TimeDistributed(L) -> L."""
    if node.kind != "TimeDistributed":
        return None
    inner: Layer = node["layer"]
    named = node.layer if node.layer.named else inner
    layer = replace(inner, made_at=None, where=dict, name=named.name, named=named.named)
    weights = {name.partition(".")[2]: weight for name, weight in node.weights.items()}
    return node.becomes(Made(layer)(node.input, weights=weights))


def merged(node: Node) -> Answer | None:
    """Dense, Dense -> one Dense."""
    before = _before(node)
    if node.kind != "Dense" or before is None or before.kind != "Dense":
        return None
    one, two = before.weights, node.weights
    weights = {"kernel": one["kernel"] @ two["kernel"], "bias": two["bias"]}
    return Rewrite((before, node), new.Dense.like(node)(before.input, weights=weights))


def turned(node: Node) -> Answer | None:
    """Dense, Flatten -> Flatten, Dense (another graph: nothing is mapped)."""
    before = _before(node)
    if node.kind != "Flatten" or before is None or before.kind != "Dense":
        return None
    flat = Node(node.layer, before.inputs, mapped={}).output
    return Alternative((before, node), Node(before.layer, (flat,), mapped={}).output)


@dataclass(frozen=True)
class Fixed:
    """The fixed text with its fix."""

    text: str
    fix: Fix
    document: Document


def document_of(source: str, path: str = "model.py") -> Document:
    found = Document.parse(source.encode(), path)
    assert isinstance(found, Document)
    return found


def first(document: Document, rule: Rule) -> tuple[Answer, Graph]:
    """The first place where the rewrite applies."""
    evaluation = evaluate(document)
    assert not evaluation.problems, evaluation.problems
    for context in evaluation.contexts:
        for node in context.trace.nodes:
            if (answer := rule(node)) is not None:
                models = [m.graph for m in context.models if node in m.graph.nodes]
                return answer, models[0] if models else Graph(context.trace.nodes, (), (), trace=context.trace)
    raise AssertionError("the rewrite applies nowhere in this source")


def fixed(source: str, rule: Rule, path: str = "model.py") -> Fixed:
    """The source after the first place was fixed; what comes out parses."""
    document = document_of(source, path)
    answer, graph = first(document, rule)
    fix = fix_of(document, answer, graph, Applicability.SAFE, ())
    edited = document.edited(fix.edits)
    for cell in edited.cells:
        ast.parse(cell.code)
    if isinstance(answer, Rewrite):
        _keeps_its_promise(answer, graph, edited)
    return Fixed("\n".join(cell.source for cell in edited.cells), fix, edited)


def _keeps_its_promise(rewrite: Rewrite, graph: Graph, edited: Document) -> None:
    """The fixed text gives the graph that the rewrite promises."""
    promised = apply_all(replace(graph, outputs=graph.outputs or (rewrite.target,)), [rewrite])
    contexts = evaluate(edited).contexts
    reached = [m.graph for c in contexts for m in c.models]
    tensors = [t for c in contexts for n in c.trace.nodes for t in n.outputs]
    reached += [Graph((), promised.inputs, (t,)) for t in tensors]
    differences = [difference(promised, g) for g in reached]
    assert None in differences, differences


def refusal(source: str, rule: Rule) -> str:
    """Why there is no fix."""
    document = document_of(source)
    answer, graph = first(document, rule)
    try:
        found = fix_of(document, answer, graph, Applicability.SAFE, ())
    except NoFix as error:
        return error.reason
    raise AssertionError(f"fixed: {[e.text for e in found.edits]}")
