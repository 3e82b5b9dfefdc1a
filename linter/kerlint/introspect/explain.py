"""Dead entries of weights, as they were measured, beside those that a rule's rewrite leaves unread."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph, Node
from kerlint.graph.layer import Layer, Unknown
from kerlint.graph.weight import Box, unread
from kerlint.introspect.read import Reader
from kerlint.layers.nested import indexing

Key = tuple[int, int]  # number of the layer, which of its weights


@dataclass
class Said:
    """What rules say of one model: by weight what rewrites read of it, and dead counts that no rewrite places."""

    read: dict[Key, list[list[Box]]] = field(default_factory=dict)  # what each rewrite reads of a weight
    rules: dict[Key, list[str]] = field(default_factory=dict)
    counts: dict[int, list[tuple[str, int]]] = field(default_factory=dict)  # by layer: rule and count

    def rewrite(self, rule: str, rewrite: Rewrite, reader: Reader) -> None:
        """Notes the weights of which the replacement does not read everything."""
        boxes, numbers = rewrite.read, reader.numbers
        for node in (n for n in rewrite.old if n.layer in numbers):
            for index, (name, weight) in enumerate(node.weights.items()):
                if unread(weight.shape, read := boxes.get((node, name), [])) != 0:
                    self.read.setdefault((numbers[node.layer], index), []).append(read)
                    self.rules.setdefault((numbers[node.layer], index), []).append(rule)

    def note(self, rule: str, nodes: Sequence[Node], dead: int, reader: Reader) -> None:
        """A count without a rewrite."""
        for node in nodes[:1]:
            if node.layer in reader.numbers and dead:
                self.counts.setdefault(reader.numbers[node.layer], []).append((rule, dead))

    def plain(self) -> list[dict[str, Any]]:
        """What the worker holds its measurements against."""
        return [{"weight": list(key), "read": read} for key, read in self.read.items()]


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


def explained(measured: Mapping[str, Any], said: Said, layers: Sequence[Mapping[str, Any]]) -> list[Weight]:
    """Every weight of the measured layers that has dead entries or is said to have some."""
    left = {number: [*counts] for number, counts in said.counts.items()}
    return [_weight(row, said, layers, left) for row in measured["weights"]]


def _weight(
    row: Mapping[str, Any], said: Said, layers: Sequence[Mapping[str, Any]], left: dict[int, list[tuple[str, int]]]
) -> Weight:
    """Counts without entries explain what fits of the dead entries that no rewrite explains."""
    both = int(row["explained"])
    rules = [*said.rules.get((row["layer"], row["index"]), []), *([row["excused"]] if row["excused"] else [])]
    for position, (rule, number) in enumerate(() if row["matters"] else left.get(row["layer"], [])):
        taken = min(number, row["dead"] - both)
        if taken > 0:
            left[row["layer"]][position] = (rule, number - taken)
            both, rules = both + taken, [*rules, rule]
    counted = (both, tuple(dict.fromkeys(rules)), row["refuted"], row["matters"])
    return Weight(layers[row["layer"]]["name"], row["name"], row["slices"], row["dead"], row["of"], *counted)


class Undrawn(Exception):
    """An input whose values cannot be drawn; says why."""


def inputs_of(graph: Graph, reader: Reader) -> Iterator[dict[str, Any]]:
    """A model's inputs as the worker draws them; a size that is free is None. Raises Undrawn."""
    for number, tensor in enumerate(graph.inputs):
        if isinstance(tensor.shape, Unknown):
            raise Undrawn(f"the shape of input {number + 1} is not known")
        shape = [d if isinstance(d, int) else None for d in tensor.shape]
        found = [*indexing(graph.nodes, tensor)]
        if tensor.dtype == "string" or (not found and "int" in tensor.dtype):
            kind = "text" if tensor.dtype == "string" else "integers"
            raise Undrawn(f"which {kind} input {number + 1} takes is not known")
        below = min((node.layer.config[argument] for node, argument in found), default=None)
        tables = {"below": below, "tables": [reader.numbers.get(node.layer) for node, _ in found]}
        yield {"shape": shape, "dtype": tensor.dtype, **(tables if found else {})}


def uncovered(graph: Graph, reader: Reader) -> set[int]:
    """The layers with a table of rows that are not drawn one by one: their indices are computed."""
    drawn: set[Layer] = set()
    for tensor in graph.inputs:
        rows: dict[bool, dict[Layer, int]] = {True: {}, False: {}}  # of tables, whether the input itself is the index
        for node, argument in indexing(graph.nodes, tensor):
            plain = node.input.node is None or node.input.node.kind == "InputLayer"
            rows[plain][node.layer] = node.layer.config[argument]
        if min(rows[True].values(), default=0) <= min(rows[False].values(), default=math.inf):
            drawn |= rows[True].keys()  # else what is computed of an index keeps it from their last rows
    return {
        number
        for number, layer in reader.layers.items()
        if layer not in drawn and any(w[0] == "embeddings" for w in reader.data["layers"][number]["weights"])
    }
