"""Negative controls: a comparison that could not fail proves nothing."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .build import Side
from .compare import Pair
from .run import Ran, run
from .tolerances import SHOWS, apart, magnitude

Data = Mapping[str, Any]
DRAWS = 3  # of the noise on one weight
MUTANTS = 40  # wirings tried at most
KINDS = ("ordinary", "negative", "large")


def idle(pair: Pair, keys: Iterable[tuple[int, str]]) -> list[str]:
    """The weights of the replacement that never matter: noise on them changes no output, in either mode.

    The noise is independent and random: one shift of all entries vanishes before a softmax or a
    normalisation, and a right rewrite would be refused.
    """
    wanted = functools.cache(functools.partial(_outputs, pair, pair.old))
    cases = [case for case in pair.cases if case[0] in KINDS][: 2 if pair.heavy else None]  # inference comes first
    return [pair.name(key, "new") for key in keys if not _matters(pair, key, cases, wanted)]


def _outputs(pair: Pair, side: Side, kind: str, training: bool) -> Ran:
    pair.reset()
    return run(side, pair.inputs(kind), training)


def _matters(pair: Pair, key: tuple[int, str], cases: Any, wanted: Callable[[str, bool], Ran]) -> bool:
    """Whether noise on one weight shows; ``wanted`` keeps the right outputs from weight to weight."""
    rng = np.random.default_rng([pair.seed, 17])
    exact = pair.mapped[key]
    if not exact.size:
        return True
    scale = float(np.std(exact)) or magnitude(exact) or 1.0
    for _, (kind, training) in itertools.product(range(DRAWS), cases):
        noise = rng.standard_normal(exact.shape) * scale
        wrong = np.abs(exact + noise) + 0.01 if "variance" in key[1] else exact + noise
        right = wanted(kind, training).output
        pair.reset()
        pair.new.assign({key: wrong})
        if apart(run(pair.new, pair.inputs(kind), training).output, right) > SHOWS:
            return True
    return False


def wiring_shows(pair: Pair) -> bool | None:
    """Whether some wrong wiring of a replacement without weights is seen; None if none can be built."""
    wanted = [_outputs(pair, pair.old, kind, training) for kind, training in pair.cases]
    built = 0
    nothing = not pair.draw["new"]["nodes"]
    which = "old" if nothing else "new"
    for graph in itertools.islice(_mutants(pair.draw[which], pair.draw["new"]["result"], nothing), MUTANTS):
        try:
            side = Side(graph, pair.draw["inputs"], pair.generation[which], "float64")
            got = [run(side, pair.inputs(kind), training) for kind, training in pair.cases]
        except Exception:  # Keras refuses a mutant in its own ways; one that does not run controls nothing
            continue
        built += 1
        if any(_seen(a, b, pair.strict) for a, b in zip(wanted, got, strict=True)):
            return True
    return False if built else None


def _seen(right: Ran, wrong: Ran, strict: bool) -> bool:
    shown = apart(right.output, wrong.output) > SHOWS or apart(right.mask, wrong.mask) > 0
    return shown or (strict and apart(right.penalty, wrong.penalty) > SHOWS)


def _mutants(graph: Data, result: Sequence[Any], nothing: bool) -> Iterator[Data]:
    """Wrong replacements. Where the replacement is ``nothing``: what stood there, no longer an identity."""
    yield from _shorter(graph) if not nothing else ()
    for i, layer in enumerate(graph["layers"]):
        for changed in _other_layers(layer):
            yield {**graph, "layers": [*graph["layers"][:i], changed, *graph["layers"][i + 1 :]]}
    for i, node in enumerate(graph["nodes"]):
        for inputs in _other_inputs(node):
            yield {**graph, "nodes": [*graph["nodes"][:i], {**node, "inputs": inputs}, *graph["nodes"][i + 1 :]]}
    if nothing:  # the last resort, where no argument makes it an identity: something that is none in its place
        row = {"class": "Activation", "config": {"activation": "tanh"}, "weights": []}
        node = {"layer": 0, "inputs": [result], "many": False, "options": {}}
        yield {**graph, "layers": [row], "nodes": [node], "result": ["node", 0, 0]}


def _shorter(graph: Data) -> Iterator[Data]:
    """Each step left out in turn: whoever read its output reads its first input."""
    for i, node in enumerate(graph["nodes"]):
        now = {("node", i): node["inputs"][0]}
        rows = [{**row, "inputs": [now.get(tuple(ref[:2]), ref) for ref in row["inputs"]]} for row in graph["nodes"]]
        yield {**graph, "nodes": rows, "result": now.get(tuple(graph["result"][:2]), graph["result"])}


NEIGHBOURS = {
    "padding": ("valid", "same"), "activation": ("tanh", "linear"), "interpolation": ("nearest", "bilinear"),
    "merge_mode": ("sum", "concat"),
}  # fmt: skip
CLASSES = {
    "Add": ("Multiply", "Average"), "Multiply": ("Add",), "Subtract": ("Add",), "Average": ("Add",),
    "Maximum": ("Minimum",), "Minimum": ("Maximum",),
}  # fmt: skip


def _other_layers(layer: Data) -> Iterator[Data]:
    for name, value in layer["config"].items():
        for other in _other_values(name, value):
            yield {**layer, "config": {**layer["config"], name: other}}
    for name in CLASSES.get(layer["class"], ()):
        yield {**layer, "class": name}


def _other_values(name: str, value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, float):
        yield value + 0.5 if value < 0.5 else value / 2
    elif isinstance(value, str):
        yield from (other for other in NEIGHBOURS.get(name, ()) if other != value)
    elif isinstance(value, list):
        if value[::-1] != value:
            yield value[::-1]
        for i, part in enumerate(value):
            yield from ([*value[:i], other, *value[i + 1 :]] for other in _other_values(name, part))
        if value and all(isinstance(v, int) for v in value):
            yield [v + 1 for v in value]


def _other_inputs(node: Data) -> Iterator[list[Any]]:
    inputs = list(node["inputs"])
    if len(inputs) > 1:
        yield inputs[::-1]
        yield [inputs[0]] * len(inputs)
    elif node["many"]:
        yield inputs * 2
