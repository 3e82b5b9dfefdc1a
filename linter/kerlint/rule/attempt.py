"""One rule asked about one subject: an answer with its notes, or why it is silent."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass

from kerlint.graph.answer import Alternative, Answer, Note, Respelling, Rewrite
from kerlint.graph.dim import Dim, Poly, show
from kerlint.graph.graph import ASKED, Graph, Node, Tensor, Trace
from kerlint.graph.layer import REQUIRED, Layer, NoFix, Refused, Silent, Unknown
from kerlint.graph.weight import Untyped, show_shape
from kerlint.layers.bind import bind
from kerlint.layers.operations import OPERATIONS
from kerlint.rule.guard import FROZEN, NOTES, TRACE, Notes, replaceable
from kerlint.rule.new import EVERY, POLICY
from kerlint.rule.rule import Rule

# Arguments that need no word of the rule: the fix carries them, or they do not outlive the constructor.
CARRIED = frozenset(
    ["name", "input_shape", "input_dim", "input_length", "batch_input_shape", "batch_size", "autocast", "weights"]
)
OF_A_LAYER = frozenset({"dtype", "trainable"})  # say nothing where no layer is left


@dataclass(frozen=True)
class Answered:
    """What a rule said: its answer (None where no replacement can be written) with message and reasons."""

    answer: Answer | None
    nodes: tuple[Node, ...]
    message: str
    reasons: tuple[str, ...]
    dead: Dim
    doubts: tuple[str, ...] = ()  # why the fix is not safe
    hint: str | None = None  # what the author may have meant; such a fix is never safe


def attempt(
    rule: Rule,
    subject: Sequence[object],
    nodes: tuple[Node, ...],
    trace: Trace,
    options: Mapping[str, object],
    frozen: frozenset[Layer] = frozenset(),
) -> Answered | str:
    """Run a rule; why it stays silent is text. What it raises other than Silent, NoFix and refusals propagates."""
    notes, asked = Notes(), set[tuple[Node, str]]()
    circumstances = copy_context()
    circumstances.run(_begin, notes, asked, frozen, trace, nodes)
    dead: Dim = 0
    answer: Answer | None = None
    try:
        answer = circumstances.run(rule.function, *subject, **options)
        if isinstance(answer, (Rewrite, Alternative)):
            circumstances.run(replaceable, *answer.old)
        dead = _weighed(answer, notes, asked, trace)
    except Untyped as error:
        return f"its replacement does not fit: {error} ({line_of(rule, error)})"
    except (Silent, Refused) as error:
        return str(error)
    except NoFix as error:
        try:
            circumstances.run(replaceable, *error.region)
        except Silent as silent:
            return silent.reason
        notes.reasons.append(error.reason)
        dead, nodes = error.dead, error.region or nodes
    if set_later := sorted(trace.later.intersection(argument for _, argument in asked)):
        return f"perhaps: {set_later[0]} is set elsewhere, too, by code that is not followed"
    nodes = getattr(answer, "old", getattr(answer, "nodes", ())) or nodes
    reasons, doubts = (tuple(dict.fromkeys(said)) for said in (notes.reasons, notes.doubts))
    hint = notes.words.get("hint", rule.hint)
    return Answered(answer, nodes, _message(rule, subject, notes), reasons, dead, doubts, str(hint) if hint else None)


def _weighed(answer: object, notes: Notes, asked: set[tuple[Node, str]], trace: Trace) -> Dim:
    """How many parameters never matter; of a rewrite, also what would be lost. Raises Silent for one that is none."""
    if isinstance(answer, Rewrite):
        _masks(answer)
        notes.reasons += [*_forgotten(answer, asked), *_left_over(answer, trace)]
        return answer.dead()
    if not isinstance(answer, (Note, Alternative, Respelling)):
        raise TypeError(f"it gives {answer!r}, which is no answer")
    return answer.dead if isinstance(answer, Note) else 0


def line_of(rule: Rule, error: Exception) -> str:
    """File and line of the rule that led to an error."""
    file, line = rule.place
    inside = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    return f"{file}:{(inside or [line])[-1]}"


def _begin(
    notes: Notes, asked: set[tuple[Node, str]], frozen: frozenset[Layer], trace: Trace, nodes: Sequence[Node]
) -> None:
    NOTES.set(notes)
    ASKED.set(asked)
    FROZEN.set(frozen)
    TRACE.set(trace)
    policy = nodes[0].layer.config.raw("dtype") if nodes else None
    POLICY.set(policy if isinstance(policy, str) else "float32")


def _masks(rewrite: Rewrite) -> None:
    """Behind a mask, one layer for one layer is understood, and a first layer that stays and drops the mask."""
    if all(t.masked is False for t in rewrite.inputs):
        return
    new = rewrite.new_nodes
    ended = new and rewrite.target.masked is False and rewrite.new.masked is False
    if ended and _masked(new) == _masked(rewrite.old):
        return
    if len(rewrite.old) != 1 or len(new) > 1 or (new and new[0].inputs != rewrite.old[0].inputs):
        raise Silent("the input is masked, and the replacement would not hand on the same mask")


def _masked(nodes: Sequence[Node]) -> list[tuple[str, tuple[Tensor, ...]]]:
    """The layers that a mask reaches, or may reach."""
    return [(n.kind, n.inputs) for n in nodes if any(t.masked is not False for t in n.inputs)]


def _left_over(rewrite: Rewrite, trace: Trace) -> Iterator[str]:
    """What only the region reads, which would be dead code; tensors that go though the program reads their shape."""
    region = set(rewrite.old)
    read = {rewrite.new, *(t for node in rewrite.new_nodes for t in node.reads)}
    for tensor in rewrite.inputs:
        used = [node for node in trace.consumers(tensor) if node not in region]
        if tensor not in read and not used and tensor not in trace.model_outputs:
            yield f"nothing would read what {tensor.node.kind if tensor.node else tensor.name} gives"
    shapes = (rewrite.target.shape, *(t.shape for node in rewrite.new_nodes for t in node.outputs))
    for node in rewrite.old:
        if any(("shape", t) in trace.held and t.shape not in shapes for t in node.outputs):
            yield f"the program reads the shape of what {node.kind} gives"


def _forgotten(rewrite: Rewrite, asked: set[tuple[Node, str]]) -> list[str]:
    """Arguments of replaced layers that differ from the default and reappear nowhere: they would be lost."""
    reasons = []
    new = [n.layer.config for n in rewrite.new_nodes]
    for node in rewrite.old:
        signature = dict.fromkeys(sorted(EVERY)) | dict(node.layer.spec.signature)
        for argument, default in signature.items():
            if argument not in node.layer.config or argument in CARRIED:
                continue
            if default is REQUIRED or (node, argument) in asked:
                continue
            value = node.layer.config.raw(argument)
            if argument in OF_A_LAYER and (not new or value is None):  # None: no layer, an operation
                continue
            kept = [config for config in new if argument in config and config.raw(argument) == value]
            if not kept and not _is_default(node.layer, argument, value):
                reasons.append(f"{argument}={show_value(value)} would be lost")
    return reasons


def _is_default(layer: Layer, argument: str, value: object) -> bool:
    required = {a: layer.config.raw(a) for a, default in layer.spec.signature.items() if default is REQUIRED}
    return bool(value == bind(layer.spec, (), required).config.raw(argument))


def _message(rule: Rule, subject: Sequence[object], notes: Notes) -> str:
    code = rule.function.__code__
    names = code.co_varnames[: code.co_argcount]
    words: dict[str, object] = dict(zip(names, subject, strict=False))
    for item in subject:
        words.update(getattr(item, "data", {}))
    words.update(notes.words)
    return rule.message.format(**{n: describe(w) if isinstance(w, Node) else w for n, w in words.items()})


def describe(node: Node) -> str:
    """A layer as the user would say it: ``LSTM(128)``, its class with what it cannot be without.

    A number is shown; what is a formula, or not known, is shown as the program has it.
    """
    spec, config = node.layer.spec, node.layer.config
    if spec.name in OPERATIONS and "function" in config:
        return f"{config.raw('function')}()"
    shown = next((a for a, default in spec.signature.items() if default is REQUIRED), None)
    if shown is None:
        return spec.name
    value, (_, text) = config.raw(shown), node.layer.where().get(shown, (None, ""))
    whole = text and not text.endswith("...") and isinstance(value, (Poly, Unknown))
    return f"{spec.name}({text if whole else show_value(value)})"


def show_value(value: object) -> str:
    """A value of a configuration as source text."""
    if isinstance(value, Unknown):
        return value.expression
    if isinstance(value, Layer):
        return value.kind
    if isinstance(value, Graph):
        return "..."
    if isinstance(value, tuple):
        plain = all(isinstance(v, int) for v in value)
        return show_shape(value) if plain else f"({', '.join(map(show_value, value))})"
    return repr(value) if isinstance(value, str) else show(value) if isinstance(value, Poly) else str(value)
