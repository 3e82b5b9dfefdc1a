"""Which new layers stand where an old one stood: the replaced chain and its replacement, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kerlint.graph.answer import Alternative, Answer, Rewrite
from kerlint.graph.graph import Node, Tensor
from kerlint.layers.policies import no_weights


@dataclass(frozen=True, eq=False)
class Step:
    """``old`` becomes the chain ``new``: nothing (removed), itself (kept), another layer, several."""

    old: Node
    new: tuple[Node, ...]

    @property
    def kept(self) -> bool:
        """Whether nothing changes."""
        return len(self.new) == 1 and identical(self.old, self.new[0])


def identical(old: Node, new: Node) -> bool:
    """Whether a new layer is what the old one is, name included."""
    a, b = old.layer, new.layer
    alike = a.spec is b.spec and (a.named or b.named) == (a.named and b.named and a.name == b.name)
    return a is b or (alike and all(a.config.raw(n) == b.config.raw(n) for n in a.spec.signature))


def steps(rewrite: Rewrite | Alternative) -> list[Step] | None:
    """The replaced chain, step by step; None if one of the two is no chain."""
    result = _result(rewrite)
    if result is None or any(b.inputs != (a.output,) for a, b in pairwise(rewrite.old)):
        return None
    if len(result) == len(rewrite.old):
        return [Step(o, (n,)) for o, n in zip(rewrite.old, result, strict=True)]
    return _aligned(rewrite.old, result)


def first_changed(rewrite: Rewrite | Alternative) -> Node:
    """The first layer of the region that is not written the same afterwards."""
    return next((s.old for s in steps(rewrite) or () if not s.kept), rewrite.old[0])


def _result(rewrite: Rewrite | Alternative) -> list[Node] | None:
    """The nodes of the replacement from the region's input on, old ones that stay among them."""
    ours = {*rewrite.old, *rewrite.new_nodes}
    entering = rewrite.old[0].inputs
    chain: list[Node] = []
    tensor: Tensor = rewrite.new
    while tensor.node in ours:
        node = tensor.node
        assert node is not None
        chain.append(node)
        if node.inputs == entering:
            return chain[::-1]
        if len(node.inputs) != 1:
            return None
        tensor = node.inputs[0]
    return chain[::-1] if entering == (tensor,) else None


def _aligned(old: Sequence[Node], new: Sequence[Node]) -> list[Step]:
    """Old and new layers of the same class in order; what is between two pairs goes to the old ones there."""
    pairs = [(-1, -1), *_best(old, new), (len(old), len(new))]
    found: list[Step] = []
    for (i, j), (k, m) in pairwise(pairs):
        extra = tuple(new[j + 1 : m])
        if i + 1 < k:
            found += _gap(old[i + 1 : k], extra)
            extra = ()
        if k < len(old):
            found.append(Step(old[k], (*extra, new[m])))
        elif extra:  # behind the last pair, and no old layer to put them at
            last = found.pop()
            found.append(Step(last.old, (*last.new, *extra)))
    return found


def _gap(old: Sequence[Node], new: Sequence[Node]) -> list[Step]:
    paired = [Step(o, (n,)) for o, n in zip(old, new, strict=False)]
    paired += [Step(o, ()) for o in old[len(new) :]]
    if len(new) > len(old):
        paired[-1] = Step(old[-1], tuple(new[len(old) - 1 :]))
    return paired


def _best(old: Sequence[Node], new: Sequence[Node]) -> list[tuple[int, int]]:
    """The pairing in order that keeps most: a node itself, an equal layer, the class and its arguments."""
    table: dict[tuple[int, int], tuple[int, list[tuple[int, int]]]] = {}
    for i in range(len(old), -1, -1):
        for j in range(len(new), -1, -1):
            options = [table[i + 1, j]] if i < len(old) else []
            options += [table[i, j + 1]] if j < len(new) else []
            if i < len(old) and j < len(new) and (score := _likeness(old[i], new[j])):
                rest = table[i + 1, j + 1]
                joined = any(weight.op != "old" for weight in (new[j].mapped or {}).values())
                last = i if joined else 0  # of two layers that are one from now on, the first goes
                options.insert(0, (score + last + rest[0], [(i, j), *rest[1]]))
            table[i, j] = max(options, key=lambda o: o[0], default=(0, []))
    return table[0, 0][1]


def _likeness(old: Node, new: Node) -> int:
    if old is new:
        return 3000
    if old.layer.spec is not new.layer.spec:
        return 0
    a, b = old.layer.config, new.layer.config
    return 2000 if identical(old, new) else 1000 + sum(a.raw(n) == b.raw(n) for n in old.layer.spec.signature)


def counted(nodes: Sequence[Node]) -> str:
    """``3 Dense, 2 Multiply and 1 Activation``."""
    parts = [f"{n} {kind}" for kind, n in Counter(node.kind for node in nodes).items()]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def only_goes(answer: Answer | None) -> bool:
    """Whether layers are removed, and nothing else is written differently."""
    found = steps(answer) if isinstance(answer, Rewrite) else None
    return found is not None and all(step.kept or not step.new for step in found)


def weightless(answer: Answer | None) -> bool:
    """Whether no layer that would be replaced has weights."""
    gone = answer.old if isinstance(answer, Rewrite) else ()
    return bool(gone) and all(node.layer.spec.weights is no_weights for node in gone)
