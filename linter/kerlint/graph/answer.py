"""The four answers of a rule: Rewrite, Alternative, Respelling, Note."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from kerlint.graph.dim import Dim, same
from kerlint.graph.graph import Graph, Node, Tensor
from kerlint.graph.layer import Silent, Unknown, kept, no_weights
from kerlint.graph.rebuild import described, rebuild
from kerlint.graph.weight import Box, Untyped, Weight, reads, show_shape, unread


@dataclass(frozen=True)
class _Replacing:
    """``old`` (in order; the last one's output is replaced) and the tensor that stands for it."""

    old: tuple[Node, ...]
    new: Tensor

    @property
    def new_nodes(self) -> tuple[Node, ...]:
        """The nodes behind the new tensor (those that carry mapped weights), inputs first."""
        return tuple(_walk(self.new, {}))


@dataclass(frozen=True)
class Rewrite(_Replacing):
    """``old`` (in order; the last one's output is replaced) becomes ``new``, with every weight mapped.

    Typed when made: same shape, dtype and mask; every weight of a new layer is made of old ones and has the
    right shape. Raises Untyped otherwise.
    """

    def __post_init__(self) -> None:
        target = self.target
        through = all(node.layer.spec.output is kept for node in (*self.old, *self.new_nodes))
        if not through or target.shape is not self.new.shape:  # else it is the input's, known or not
            _agree("shape", target.shape, self.new.shape)
        if (target.dtype, target.masked) != (self.new.dtype, self.new.masked):
            raise Untyped(f"{self.new.dtype}, mask {self.new.masked} for {target.dtype}, mask {target.masked}")
        for node in self.new_nodes:
            check_weights(node, self.old)

    @property
    def target(self) -> Tensor:
        """The tensor that is replaced."""
        return self.old[-1].output

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """The tensors that enter the replaced region, each once."""
        inner = {t for node in self.old for t in node.outputs}
        read = (t for n in (*self.old, *self.new_nodes) for t in n.inputs if t not in inner)
        return tuple(dict.fromkeys(t for t in read if t.node is None or t.node.mapped is None))

    @property
    def read(self) -> dict[tuple[object, str], list[Box]]:
        """By old node and name of a weight, the entries of it that weights of the replacement read."""
        found: dict[tuple[object, str], list[Box]] = {}
        for node in self.new_nodes:
            for weight in (node.mapped or {}).values():
                for source, box in reads(weight):
                    found.setdefault(source, []).append(box)
        return found

    def dead(self) -> Dim:
        """Entries of the old weights that no weight of the replacement reads."""
        read = self.read
        return sum(
            unread(weight.shape, read.get((node, name), []))
            for node in dict.fromkeys(self.old)
            if node.layer.spec.weights is not no_weights
            for name, weight in node.weights.items()
        )

    def key(self, *, sizes: bool) -> Hashable:
        """Equal for rewrites that ask for the same edit and, with ``sizes``, for the same proof."""
        named: dict[Tensor, object] = {
            t: (i, str(t.shape) if sizes else "", t.dtype, t.masked) for i, t in enumerate(self.inputs)
        }
        rows = []
        for number, node in enumerate((*self.old, *self.new_nodes)):
            weights = str({name: str(weight) for name, weight in (node.mapped or {}).items()}) if sizes else ""
            inputs = tuple(named.get(t) for t in node.inputs)
            rows.append((str(described(node.layer)), node.form, inputs, weights))
            named.update({t: (number, t.index) for t in node.outputs})
        return (len(self.old), *rows)


@dataclass(frozen=True)
class Alternative(_Replacing):
    """Another graph for ``old``, no weights mapped: both counts are shown, it is never applied."""

    def __post_init__(self) -> None:
        if not self.old:
            raise TypeError("an alternative to no layer at all")


@dataclass(frozen=True)
class Respelling:
    """Another text for the same graph: ``edits`` are (Span, text); the new text must evaluate to it.

    An empty text removes an argument, an imported name or a comment with what belongs to it. ``names`` are
    (Span of a call, another name for what it calls), ``imports`` the Spans of statements that import from
    where Keras no longer keeps things: both are written as the file writes its imports.
    """

    edits: tuple[tuple[Any, str], ...]
    title: str
    nodes: tuple[Node, ...] = ()
    names: tuple[tuple[Any, str], ...] = ()
    imports: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Note:
    """Figures only: the nodes it speaks of, and how many of their parameters never matter."""

    nodes: tuple[Node, ...]
    dead: Dim = 0


Answer: TypeAlias = Rewrite | Alternative | Respelling | Note


def apply_all(graph: Graph, rewrites: Iterable[Rewrite]) -> Graph:
    """The graph in which several regions are replaced; a replacement trains as what it replaces."""
    rewrites = tuple(rewrites)
    frozen = set(graph.frozen)
    for rewrite in rewrites:
        for node in rewrite.new_nodes:
            alike = [n.layer for n in rewrite.old if n.kind == node.kind] or [n.layer for n in rewrite.old]
            if all(layer in graph.frozen for layer in alike):
                frozen.add(node.layer)
    return replace(rebuild(graph, {r.target: r.new for r in rewrites}), frozen=frozenset(frozen))


def _walk(tensor: Tensor, seen: dict[Node, None]) -> Iterator[Node]:
    node = tensor.node
    if node is None or node.mapped is None or node in seen:
        return
    seen[node] = None
    for source in node.inputs:
        yield from _walk(source, seen)
    yield node


def _agree(what: str, old: Any, new: Any) -> None:
    if isinstance(old, Unknown) or isinstance(new, Unknown):
        unknown = old if isinstance(old, Unknown) else new
        raise Silent(f"perhaps: the {what} is not known: {unknown.why}")
    if len(old) != len(new) or not all(same(a, b) is True for a, b in zip(old, new, strict=True)):
        raise Untyped(f"{what} {show_shape(new)} instead of {show_shape(old)}")


def check_weights(node: Node, replaced: tuple[Node, ...]) -> None:
    """Untyped unless each weight of a new node is mapped, from replaced layers, in its shape."""
    assert node.mapped is not None
    wanted, layers = node.specs, {old.layer for old in replaced}
    if set(wanted) != set(node.mapped):
        raise Untyped(f"{node.kind} has weights {list(wanted)}, mapped are {list(node.mapped)}")
    for name, spec in wanted.items():
        weight: Weight = node.mapped[name]
        try:
            _agree(name, spec.shape, weight.shape)
        except Untyped as error:
            raise Untyped(f"{node.kind}.{error}") from error
        if any(getattr(source, "layer", None) not in layers for (source, _), _box in reads(weight)):
            raise Untyped(f"{node.kind}.{name} reads a weight of a layer that is not replaced")
