"""Calls written in the words of an older Keras: each one as a fact, with the text of today."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kerlint.evaluate.moved import for_one_version
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call
from kerlint.graph.facts import Fact
from kerlint.graph.graph import Node
from kerlint.graph.layer import Layer
from kerlint.layers.bind import Bound
from kerlint.layers.former import FORMER, GONE, NO_ALIAS, REFUSED, TAKEN, todays_class
from kerlint.layers.old import BESIDE_LAYERS, IDLE, PER_AXIS, VALUES
from kerlint.layers.table import find

PAST = frozenset([*IDLE, *REFUSED])  # arguments that are gone
WORDS = PAST | {"input_length", "input_dim"}
STEPWISE = ("Conv1D", "LocallyConnected1D")  # with those that return sequences: their input has a time axis


@dataclass
class Spelled:
    """One call while its text of today is found: edits are (Span, text), ``told`` says what changes."""

    c: Call
    edits: list[tuple[Any, str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)  # there is no such text
    gone: list[str] = field(default_factory=list)  # what there is no text for, by its old name
    still: str = ""  # why nothing has to be done

    def span(self, node: Any) -> Any:
        """Where a node stands."""
        return self.c.frame.source.span(node)

    def text(self, node: Any) -> str:
        """The source of a node."""
        return self.c.frame.source.document.text(self.span(node))

    def at(self, offset: int, text: str, length: int = 0) -> None:
        """Text in place of some characters."""
        whole = self.span(self.c.node)
        self.edits.append((type(whole)(whole.path, whole.cell, offset, offset + length), text))

    def rename(self, keyword: ast.keyword, name: str) -> None:
        """Another name for an argument."""
        assert keyword.arg is not None
        self.at(self.span(keyword).start, name, len(keyword.arg))
        self.told.append(f"{keyword.arg} is {name}")

    def join(self, keywords: list[ast.keyword], name: str, values: list[str]) -> None:
        """One tuple for several arguments: in the place of the first, the others go."""
        first, *others = sorted(keywords, key=lambda k: self.span(k).start)
        last = "," if len(values) == 1 else ""
        self.edits.append((self.span(first), f"{name}=({', '.join(values)}{last})"))
        self.edits += [(self.span(k), "") for k in others]
        self.told.append(f"{' and '.join(str(k.arg) for k in keywords)} {'is' if not others else 'are'} {name}")


def note_call(run: Run, made: Layer, bound: Bound, c: Call, keywords: dict[str, ast.keyword]) -> None:
    """Records a constructor call that an older Keras understood, and today's does not, or by another name."""
    if not bound.renamed and (c.via or (c.name not in NO_ALIAS and WORDS.isdisjoint(keywords))):
        return
    if not hasattr(c.node, "args") or find(FORMER.get(c.name, c.name)) is not made.spec:
        return
    spelled = Spelled(c)
    gone = c.name in NO_ALIAS
    if c.via:
        spelled.told += [f"{old} is {new}" for old, new in bound.renamed]
        spelled.why.append("its arguments stand in two places (functools.partial)")
    else:
        _respell(spelled, made, bound, keywords)
    if spelled.told or spelled.why or gone:
        today = todays_class(c.name, made.kind)
        kind = "removed-layer" if gone else "old-argument"
        data = {"layer": made, "given": frozenset(bound.origin), "renamed": bool(bound.renamed)}
        _record(run, spelled, kind, c.name or made.kind, today, **data)


def _respell(spelled: Spelled, made: Layer, bound: Bound, keywords: dict[str, ast.keyword]) -> None:
    """Everything about a constructor call that is written in another way today."""
    _sizes(spelled, made, bound, keywords)
    for old, new in bound.renamed:
        if old in keywords and old not in PER_AXIS:
            spelled.rename(keywords[old], new)
            _value(spelled, new, keywords[old].value)
    _behind(spelled, bound)
    for name, keyword in keywords.items():
        if name in PAST and name not in made.spec.signature and made.kind not in TAKEN.get(name, ()):
            _gone(spelled, keyword)
    _input_shape(spelled, made, keywords)


def _record(run: Run, spelled: Spelled, kind: str, name: str, today: str, **data: Any) -> None:
    """A fact about a call, unless the program has one for each version of Keras."""
    if not for_one_version(run, spelled.c.node, spelled.c.frame):
        data |= {key: tuple(getattr(spelled, key)) for key in ("told", "edits", "why", "gone")}
        run.fact(kind, spelled.c.span, name=name, today=today, still=spelled.still, **data)


def _sizes(spelled: Spelled, made: Layer, bound: Bound, keywords: dict[str, ast.keyword]) -> None:
    """``32, 3, 3`` and ``nb_row=3, nb_col=3`` as one kernel size."""
    old = [name for name, _ in bound.renamed if name in PER_AXIS]
    if not old:
        return
    written = [keywords[name] for name in sorted(old, key=PER_AXIS.index) if name in keywords]
    values = spelled.c.node.args[1 : 1 + len(old)]
    if len(written) == len(old) == len(made.config.raw("kernel_size")):  # type: ignore[arg-type]
        spelled.join(written, "kernel_size", [spelled.text(k.value) for k in written])
    elif written or len(values) != len(old) or any(isinstance(v, ast.Starred) for v in values):
        spelled.why.append("the sizes of the kernel are not all written there")
    else:
        spelled.at(spelled.span(values[0]).start, "(")
        spelled.at(spelled.span(values[-1]).end, ")")
        spelled.told.append(f"{', '.join(map(spelled.text, values))} is one kernel_size")


def _behind(spelled: Spelled, bound: Bound) -> None:
    """What came after the sizes by position has its name today."""
    shifted = sum(name in PER_AXIS for name, _ in bound.renamed)
    args = spelled.c.node.args
    if not shifted or any(name in PER_AXIS for name in (k.arg for k in spelled.c.node.keywords)):
        return
    for name, where in bound.origin.items():
        if isinstance(where, int) and 1 + shifted <= where < len(args):
            spelled.at(spelled.span(args[where]).start, f"{name}=")


def _value(spelled: Spelled, name: str, value: ast.expr) -> None:
    """``"th"`` is ``"channels_first"``."""
    words = VALUES.get(name)
    if words is None:
        return
    if not isinstance(value, ast.Constant):
        spelled.why.append(f"the value of {name} is not written there, and it had other words")
    elif value.value in words:
        today = words[value.value]
        quote = spelled.text(value)[-1]
        spelled.edits.append((spelled.span(value), f"{quote}{today}{quote}" if isinstance(today, str) else str(today)))


def _idle(keyword: ast.keyword) -> bool:
    """Whether an argument that is gone did nothing with this value."""
    values = IDLE.get(str(keyword.arg), ())
    return values is None or (isinstance(keyword.value, ast.Constant) and keyword.value.value in values)


def _gone(spelled: Spelled, keyword: ast.keyword) -> None:
    """An argument that is gone: one that does nothing can go, for another something else has to be written."""
    if idle := _idle(keyword):
        spelled.edits.append((spelled.span(keyword), ""))
    else:
        spelled.gone.append(str(keyword.arg))
    whole = not idle or IDLE.get(str(keyword.arg)) is None
    spelled.told.append(f"{keyword.arg} is gone" if whole else f"{spelled.text(keyword)} can go")


def _input_shape(spelled: Spelled, made: Layer, keywords: dict[str, ast.keyword]) -> None:
    """``input_dim`` and ``input_length`` of a first layer; alone, the layers of one axis still take input_dim."""
    given = [keywords[n] for n in ("input_length", "input_dim") if n in keywords and n not in made.spec.signature]
    names = [k.arg for k in given]
    timed = "return_sequences" in made.spec.signature or made.kind in STEPWISE
    if not given or made.kind == "Embedding" or "input_shape" in keywords or "batch_input_shape" in keywords:
        return
    if names == ["input_dim"] and not timed and not spelled.told:
        spelled.still = "Keras 3 still takes input_dim where there is no time axis"
    if "input_dim" not in names or (not timed and len(names) > 1):
        spelled.why.append("input_length alone is no shape: write input_shape")
        spelled.told.append("input_length is a part of input_shape")
        return
    values = [spelled.text(k.value) for k in given]
    spelled.join(given, "input_shape", ["None", *values] if timed and len(values) == 1 else values)


def note_names(run: Run, c: Call, today: str) -> None:
    """Records a call of something other than a layer that has another name today, or arguments that have, or had."""
    spelled = Spelled(c)
    if c.via or not isinstance(c.node, ast.Call):
        return
    if today != c.name and isinstance(c.node.func, ast.Attribute):
        spelled.at(spelled.span(c.node.func).end - len(c.name), today, len(c.name))
        spelled.told.append(f"{c.name} is {today}")
        if c.name.endswith("_generator") and len(c.node.args) > 1:
            spelled.why.append("what follows the data has another order there")
    for keyword in c.node.keywords:
        if keyword.arg in BESIDE_LAYERS:
            spelled.rename(keyword, BESIDE_LAYERS[keyword.arg])
        elif keyword.arg in REFUSED or (keyword.arg in IDLE and _idle(keyword)):
            _gone(spelled, keyword)
    if spelled.told:
        _record(run, spelled, "old-argument", today, today)


def note_removed(run: Run, c: Call, name: str) -> None:
    """Records a call of a class or function that Keras 3 does not have, and that is no layer of the table."""
    if name in GONE:
        _record(run, Spelled(c, gone=[name]), "removed-layer", name, "")


def note_merge(run: Run, c: Call, today: str) -> None:
    """Records ``merge([a, b], mode="concat")``: ``concatenate([a, b])``."""
    spelled = Spelled(c)
    for keyword in c.node.keywords:
        if keyword.arg == "mode":
            spelled.edits.append((spelled.span(keyword), ""))
        elif keyword.arg == "concat_axis" and today == "concatenate":
            spelled.rename(keyword, "axis")
        elif keyword.arg not in ("inputs", "name"):
            spelled.why.append(f"{keyword.arg} has no counterpart")
    if len(c.node.args) > 1:
        spelled.edits.append((spelled.span(c.node.args[1]), ""))
    if len(c.node.args) > 2 or today == "dot" or c.via or not c.plain:
        spelled.gone.append("merge")
    _record(run, spelled, "removed-layer", "merge", today)


def removed(run: Run, nodes: list[Node]) -> Iterator[Fact]:
    """The layers of the table that Keras 3 does not have, with where they are applied."""
    for layer in run.made_by:
        if 3 not in layer.spec.generations:
            applied = tuple(node for node in nodes if node.layer is layer)
            data = {"layer": layer, "name": layer.kind, "edits": (), "today": ""}
            yield Fact("removed-layer", layer.made_at, applied[:1], data)
