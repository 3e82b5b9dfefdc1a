"""Dead entries of weights, as they were measured, beside those that a rule's rewrite leaves unread."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph, Node
from kerlint.graph.layer import Unknown
from kerlint.graph.weight import Box, reads
from kerlint.introspect.read import Reader
from kerlint.layers.indices import indexing

Ranges = list[tuple[int, int]]  # of a flat array, in order, apart from each other
Key = tuple[int, int]  # number of the layer, which of its weights


@dataclass
class Said:
    """What rules say of one model: unread entries by weight, and dead counts that no rewrite places."""

    unread: dict[Key, Ranges] = field(default_factory=dict)
    rules: dict[Key, list[str]] = field(default_factory=dict)
    excused: dict[Key, Ranges] = field(default_factory=dict)  # dead by design, where it is dead
    counts: dict[int, list[tuple[str, int]]] = field(default_factory=dict)  # by layer: rule and count

    def rewrite(self, rule: str, rewrite: Rewrite, reader: Reader) -> None:
        """The entries of replaced weights that the replacement does not read."""
        boxes: dict[tuple[object, str], list[Box]] = {}
        for node in rewrite.new_nodes:
            for weight in (node.mapped or {}).values():
                for source, box in reads(weight):
                    boxes.setdefault(source, []).append(box)
        numbers = {layer: number for number, layer in reader.layers.items()}
        for node in (n for n in rewrite.old if n.layer in numbers):
            for index, (name, weight) in enumerate(node.weights.items()):
                shape = [d for d in weight.shape if isinstance(d, int)]
                left = complement(union(flat(shape, b) for b in boxes.get((node, name), [])), product(shape))
                if left:
                    key = (numbers[node.layer], index)
                    self.unread[key] = union([self.unread.get(key, []), left])
                    self.rules.setdefault(key, []).append(rule)

    def padding(self, reader: Reader) -> None:
        """The row of an embedding that stands for padding: whoever heeds the mask never uses it."""
        for number, layer in reader.layers.items():
            if layer.kind == "Embedding" and layer.config["mask_zero"]:
                self.excused[number, 0] = [(0, layer.config["output_dim"])]

    def note(self, rule: str, nodes: Sequence[Node], dead: int, reader: Reader) -> None:
        """A count without a rewrite."""
        numbers = {layer: number for number, layer in reader.layers.items()}
        for node in nodes[:1]:
            if node.layer in numbers and dead:
                self.counts.setdefault(numbers[node.layer], []).append((rule, dead))


@dataclass(frozen=True)
class Weight:
    """One weight: measured dead entries, how many of them a rule explains, and what rules claim beyond them."""

    layer: str
    name: str
    slices: str
    dead: int
    of: int
    explained: int
    rules: tuple[str, ...]
    refuted: int = 0  # entries that a rule calls dead and a gradient calls alive
    matters: bool = False  # no gradient, but the output changes with it


def explained(
    measured: Mapping[str, Any], said: Said, layers: Sequence[Mapping[str, Any]], uncovered: set[int]
) -> list[Weight]:
    """Every weight of the measured and covered layers that has dead entries or is said to have some."""
    rows = {(row["layer"], row["index"]): row for row in measured["weights"]}
    left = {number: [*counts] for number, counts in said.counts.items()}
    keys = {key for key in (*rows, *said.unread) if key[0] in measured["layers"] and key[0] not in uncovered}
    return [_weight(key, rows.get(key), said, layers, left) for key in sorted(keys)]


def _weight(
    key: Key,
    row: Mapping[str, Any] | None,
    said: Said,
    layers: Sequence[Mapping[str, Any]],
    left: dict[int, list[tuple[str, int]]],
) -> Weight:
    layer = layers[key[0]]
    name, shape = layer["weights"][key[1]][:2]
    unread, rules = said.unread.get(key, []), said.rules.get(key, [])
    if row is None:
        return Weight(layer["name"], name, "", 0, product(shape), 0, tuple(rules), length(unread))
    dead = [(a, b) for a, b in row["ranges"] or []]
    excused = intersection(dead, said.excused.get(key, []))
    both = length(union([intersection(dead, unread), excused]))
    refuted = length(unread) - length(intersection(dead, unread))
    rules = [*rules, "mask_zero"] if excused else rules
    if row["matters"]:
        return Weight(layer["name"], name, row["slices"], row["dead"], row["of"], 0, tuple(rules), length(unread), True)
    for position, (rule, number) in enumerate(left.get(key[0], [])):  # a count names no entries: take what fits
        taken = min(number, row["dead"] - both)
        if taken > 0:
            left[key[0]][position] = (rule, number - taken)
            both, rules = both + taken, [*rules, rule]
    return Weight(
        layer["name"], name, row["slices"], row["dead"], row["of"], both, tuple(dict.fromkeys(rules)), refuted
    )


# --- ranges ------------------------------------------------------------------------------------------------


def product(shape: Iterable[int]) -> int:
    """The number of entries."""
    total = 1
    for size in shape:
        total *= size
    return total


def flat(shape: Sequence[int], box: Box) -> Ranges:
    """A box as ranges of the flat array."""
    spans = [(0, size) if part is None else part for part, size in zip(box, shape, strict=True)]
    while len(spans) > 1 and spans[-1] == (0, shape[len(spans) - 1]):  # whole inner axes make longer ranges
        start, stop = spans[-2]
        inner = shape[len(spans) - 1]
        spans = [*spans[:-2], (start * inner, stop * inner)]
        shape = [*shape[: len(spans) - 1], shape[len(spans) - 1] * inner]
    if not spans:
        return [(0, 1)]
    strides = [product(shape[axis + 1 :]) for axis in range(len(spans))]
    found = []
    for place in itertools.product(*(range(a, b) for a, b in spans[:-1])):
        base = sum(i * s for i, s in zip(place, strides, strict=False))
        found.append((base + spans[-1][0], base + spans[-1][1]))
    return found


def union(parts: Iterable[Ranges]) -> Ranges:
    """All of them, merged."""
    found: Ranges = []
    for start, stop in sorted(r for part in parts for r in part):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found


def complement(ranges: Ranges, size: int) -> Ranges:
    """What lies between, up to ``size``."""
    ends = [0, *(end for r in ranges for end in r), size]
    return [(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if a < b]


def intersection(left: Ranges, right: Ranges) -> Ranges:
    """What both have."""
    found, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        start, stop = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < stop:
            found.append((start, stop))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


def length(ranges: Ranges) -> int:
    """How many entries."""
    return sum(stop - start for start, stop in ranges)


class Undrawn(Exception):
    """An input whose values cannot be drawn; says why."""


def inputs_of(graph: Graph) -> Iterator[dict[str, Any]]:
    """A model's inputs as the worker draws them; a size that is free is None. Raises Undrawn."""
    for tensor in graph.inputs:
        if isinstance(tensor.shape, Unknown):
            raise Undrawn(f"the shape of the input {tensor.name} is not known")
        shape = [d if isinstance(d, int) else None for d in tensor.shape]
        below = [node.layer.config[argument] for node, argument in indexing(graph.nodes, tensor)]
        if not below and "int" in tensor.dtype:
            raise Undrawn(f"which integers the input {tensor.name} takes is not known")
        yield {"shape": shape, "dtype": tensor.dtype, **({"below": min(below)} if below else {})}


def uncovered(graph: Graph, reader: Reader) -> set[int]:
    """The layers with a table of rows that are not drawn one by one: their indices are computed."""
    found = [node for tensor in graph.inputs for node, _ in indexing(graph.nodes, tensor)]
    drawn = {node.layer for node in found if node.input.node is None or node.input.node.kind == "InputLayer"}
    return {
        number
        for number, layer in reader.layers.items()
        if layer not in drawn and any(w[0] == "embeddings" for w in reader.data["layers"][number]["weights"])
    }
