"""One fix while it is made: its edits, the texts of its layers, the spelling of their classes."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kerlint.fix.imports import Speller
from kerlint.fix.layout import comma_of, equals_of
from kerlint.fix.render import Wanted, compact, edited
from kerlint.fix.values import equal, guard, quote_of
from kerlint.fix.written import Argument, Written, inner_layers, written
from kerlint.graph.graph import Graph, Node
from kerlint.graph.layer import SHAPES, Layer, NoFix
from kerlint.text.document import Document
from kerlint.text.edit import Edit
from kerlint.text.span import Span

# Layers whose input_dim is the last of two axes, and whose input_length is the first.
RECURRENT = ("SimpleRNN", "LSTM", "GRU", "Bidirectional", "RNN", "CuDNNLSTM", "CuDNNGRU")


@dataclass(eq=False)
class Work:
    """What the placing functions share."""

    document: Document
    graph: Graph
    speller: Speller
    edits: list[Edit] = field(default_factory=list)
    changing: frozenset[Node] = frozenset()  # old nodes whose constructor this fix changes or removes
    renamed: dict[ast.Name, ast.Name] = field(default_factory=dict)  # target of what goes -> the one that has its name
    handed: dict[Node, list[Argument]] = field(default_factory=dict)  # input shapes of removed layers before them

    def edit(self, cell: int | None, start: int, end: int, text: str) -> None:
        """One more edit."""
        self.edits.append(self.speller.edit(cell, start, end, text))

    def constructor(self, old: Node, text: str) -> None:
        """The call that makes an old layer becomes ``text``; where the class stays, only what differs."""
        call = written(self.document, old.layer)
        start, end, before = call.span.start, call.span.end, call.code.code[call.span.start : call.span.end]
        callee = call.code.text(call.call.func)
        if text.startswith(callee + "("):
            front, back = _common(before, text, len(callee) + 1)
            start, end, text = start + front, end - back, text[front : len(text) - back]
        if start != end or text:
            self.edit(call.span.cell, start, end, text)


def _common(before: str, after: str, least: int) -> tuple[int, int]:
    """How much of two texts is equal in front and at the back, in whole words."""
    front = least
    while front < min(len(before), len(after)) and before[front] == after[front]:
        front += 1
    while front > least and _in_word(before, front) | _in_word(after, front):
        front -= 1
    back = 0
    while back < min(len(before), len(after)) - front and before[-1 - back] == after[-1 - back]:
        back += 1
    while back and _in_word(before, len(before) - back) | _in_word(after, len(after) - back):
        back -= 1
    return front, back


def _in_word(text: str, at: int) -> bool:
    """Whether a cut there would go through a word, a string or a line break."""
    pair = text[at - 1 : at + 1]
    return len(pair) == 2 and all(c.isalnum() or c in "_\\.\"'\r\n" for c in pair)


def texts(work: Work, old: Node, new: Sequence[Node]) -> list[str]:
    """The constructor calls of the new layers that stand for an old one."""
    own = written(work.document, old.layer)
    calls = [own, *_inner(work, own)]
    calls += _moved(work, calls, new)
    pool = [a for call in calls for a in call.arguments]
    carries = shapes_of(work, old, own)
    if new[0].layer.spec is not old.layer.spec:
        carries = as_input_shape(old, carries)
    quote = quote_of(own.code.code)
    if len(new) == 1 and not carries and (direct := _passed(own, new[0])) is not None:
        return [direct]
    main = _main(calls, new)
    found = []
    for index, node in enumerate(new):
        wanted = Wanted(node.layer, "", pool, quote, carries if index == 0 else ())
        template = next((c for c in calls if c.layer.spec is node.layer.spec), calls[0]) if node is main else None
        found.append(_text(work, node, template, own, wanted))
    if main is None:
        _guard(pool, found)
    return found


def shapes_of(work: Work, old: Node, own: Written) -> list[Argument]:
    """The input shapes that come with a layer: its own, or of layers before it that go."""
    written_ones = [a for a in own.arguments if a.name in SHAPES and a.name not in own.layer.spec.signature]
    if written_ones and work.handed.get(old):
        raise NoFix(f"{old.kind} has an input shape of its own")
    return [*work.handed.get(old, []), *written_ones]


def as_input_shape(old: Node, carries: list[Argument]) -> list[Argument]:
    """``input_length=1, input_dim=n`` of a recurrent layer as ``input_shape=(1, n)``, read alike by all."""
    by_name = {a.name: a for a in carries}
    size = by_name.pop("input_dim", None)
    if size is None or old.kind not in RECURRENT:
        return carries
    length = by_name.pop("input_length", None)
    text = f"({length.text if length else None}, {size.text})"
    return [Argument("input_shape", None, text, False, size.cst), *by_name.values()]


def _text(work: Work, node: Node, template: Written | None, own: Written, wanted: Wanted) -> str:
    base = template or own
    callee = work.speller.spell(base.span.cell, base.call, base.layer.spec, node.kind)
    inner = template is not None and template is not own
    wanted = replace(wanted, callee=callee, equals=equals_of(own), comma=comma_of(own.cst), inner=inner)
    if template is None:
        return compact(wanted)
    first = [*template.arguments, *(a for a in wanted.pool if a not in template.arguments)]
    return edited(template, replace(wanted, pool=first))


def _inner(work: Work, own: Written) -> list[Written]:
    """The calls of wrapped layers that are written inside of the wrapper's call."""
    inner = inner_layers(own.layer)
    here = [layer for layer in inner if isinstance(layer.made_at, Span) and layer.made_at.within(own.span)]
    return [written(work.document, layer) for layer in here]


def _moved(work: Work, calls: Sequence[Written], new: Sequence[Node]) -> list[Written]:
    """The calls of other layers that this fix changes, where one of their class is wanted here: they move."""
    wanted = [n.layer.spec for n in new if all(c.layer.spec is not n.layer.spec for c in calls)]
    found = [o for o in work.changing if o.layer.spec in wanted and isinstance(o.layer.made_at, Span)]
    return [written(work.document, o.layer) for o in sorted(found, key=lambda o: o.layer.made_at)]


def _passed(own: Written, node: Node) -> str | None:
    """``TimeDistributed(dense)``: the text of the layer itself, if that is what is wanted."""
    for argument in own.arguments:
        layer = argument.value
        if not isinstance(layer, Layer) or not isinstance(layer.made_at, Span) or layer.made_at.within(own.span):
            continue
        if layer.spec is node.layer.spec:
            if not all(equal(layer.config.raw(n), node.layer.config.raw(n)) for n in layer.spec.signature):
                raise NoFix(f"{layer.kind} is made elsewhere")
            return argument.text
    return None


def _main(calls: Sequence[Written], new: Sequence[Node]) -> Node | None:
    """The new layer that is the old one changed; the others are written anew."""
    alike = [n for n in new if any(c.layer.spec is n.layer.spec for c in calls)]
    given = [(a.name, a.value) for call in calls for a in call.arguments if a.name not in (None, *SHAPES)]
    heirs = [n for n in new if any(k in n.layer.config and equal(n.layer.config.raw(str(k)), v) for k, v in given)]
    return next((found[0] for found in (new, alike, heirs) if len(found) == 1), None)


def _guard(pool: Sequence[Argument], found: Sequence[str]) -> None:
    """What the arguments do is done once, as before."""
    for argument in pool:
        times = sum(argument.text in text for text in found)
        if times == 0:
            guard(argument)
        elif times > 1:
            guard(argument, "would run several times")
