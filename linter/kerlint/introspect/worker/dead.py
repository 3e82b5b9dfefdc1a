"""Entries of weights that never matter: their gradient is zero for each of many random inputs and weights.

Ordinary sparsity is told apart by drawing again: a relu that is off is on for other weights, and every row of an
embedding is drawn. What has no gradient but changes the output all the same (behind a rounding, a stopped
gradient) is no dead weight: the entries that are left get other values, and the outputs must stay the same.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_input, drawn_weight

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray
QUIET = 8  # rounds in which nothing new came alive, after which no more are run
ROUNDS = 200
EXAMPLES = 8
KINDS = ("ordinary", "negative", "ordinary")
RANGES = 200_000  # more of them are not told one by one


class Held:
    """A model's weights with what is known of each entry."""

    def __init__(self, model: Any, described: Any) -> None:
        self.model = model
        self.places = list(_places(model, described))
        self.live = [np.zeros(tuple(v.shape), bool) for _, _, v in self.places]
        self.rng = np.random.default_rng(7)

    def draw(self) -> None:
        """Other values for every weight."""
        for _, _, variable in self.places:
            shape = tuple(variable.shape)
            variable.assign(drawn_weight(self.rng, _name(variable), shape).astype(_dtype(variable)))


def measure(model: Any, request: Data, described: Any) -> dict[str, Any]:
    """A row for each weight that has dead entries, and the numbers of the layers that were looked at."""
    held = Held(model, described)
    rows = _sized(held, request["inputs"])
    covering = max((math.ceil(row["below"] / np.prod(row["shape"])) for row in rows if "below" in row), default=0)
    quiet = 0
    for number in range(max(ROUNDS, covering)):
        quiet = 0 if _round(held, rows, number) else quiet + 1
        if quiet >= QUIET and number >= covering:
            break
    matters = _matters(held, rows)
    found = []
    for index, (layer, position, variable) in enumerate(held.places):
        dead = ~held.live[index]
        if dead.any():
            row = {"layer": layer, "index": position, "name": _name(variable), "shape": [*dead.shape]}
            found.append({**row, **_entries(dead), "matters": index in matters})
    return {"weights": found, "layers": sorted({layer for layer, _, _ in held.places})}


def _places(model: Any, described: Any) -> Iterator[tuple[int, int, Any]]:
    """(number of the layer, which of its weights, the variable), each variable once, nested models opened."""
    seen: set[int] = set()
    stack = list(reversed(model.layers))
    while stack:
        layer = stack.pop()
        number = described.layer(layer)
        if "model" in described.layers[number]:
            stack.extend(reversed(layer.layers))
            continue
        for position, variable in enumerate(layer.weights):
            if id(variable) not in seen and "float" in str(_dtype(variable)):
                seen.add(id(variable))
                yield number, position, variable


def _name(variable: Any) -> str:
    return str(variable.name.split("/")[-1].split(":")[0])


def _dtype(variable: Any) -> str:
    return str(getattr(variable.dtype, "name", variable.dtype))


def _sized(held: Held, inputs: Sequence[Data]) -> list[dict[str, Any]]:
    """The inputs with a number for every free size: the first for which the model runs."""
    sizes = (7, 16, 32, 64, 128, 224) if any(None in row["shape"][1:] for row in inputs) else (7,)
    for size in sizes:
        rows: list[dict[str, Any]] = [
            {**row, "shape": [EXAMPLES if row["shape"][0] is None else row["shape"][0],
                              *(size if d is None else d for d in row["shape"][1:])]}
            for row in inputs
        ]  # fmt: skip
        try:
            _outputs(held, _inputs(held, rows, 0), False)
        except Exception:
            if size == sizes[-1]:
                raise
            continue
        return rows
    return []


def _inputs(held: Held, rows: Sequence[Data], number: int) -> list[Array]:
    kind = KINDS[number % len(KINDS)]
    return [
        _covering(row, number) if "below" in row else drawn_input(held.rng, row, kind, "float32").astype(row["dtype"])
        for row in rows
    ]


def _covering(row: Data, number: int) -> Array:
    """The next indices in turn, so that after some rounds each has been there; at other positions every time."""
    size, below = int(np.prod(row["shape"])), row["below"]
    indices = (np.arange(size) + number * size) % below
    return np.random.default_rng(number).permutation(indices).reshape(row["shape"]).astype(row["dtype"])


def _outputs(held: Held, inputs: Sequence[Array], training: bool) -> list[Any]:
    import tensorflow as tf

    given = [tf.constant(array) for array in inputs]
    found = held.model(given if len(given) > 1 else given[0], training=training)
    return list(tf.nest.flatten(found))


def _round(held: Held, rows: Sequence[Data], number: int) -> bool:
    """One pass with other weights and inputs; whether an entry came alive."""
    import tensorflow as tf

    held.draw()
    inputs = _inputs(held, rows, number)
    variables = [_raw(v) for _, _, v in held.places]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(variables)
        outputs = [o for o in _outputs(held, inputs, number % 2 == 1) if o.dtype.is_floating]
        loss = tf.add_n([_sum(o) for o in outputs])
    gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
    new = False
    for live, gradient in zip(held.live, gradients, strict=True):
        found = np.asarray(tf.convert_to_tensor(gradient)) != 0
        new = new or bool((found & ~live).any())
        np.logical_or(live, found, out=live)
    return new


def _sum(output: Any) -> Any:
    """In a random direction, so that no two outputs cancel."""
    import tensorflow as tf

    return tf.cast(tf.reduce_sum(output * tf.random.normal(output.shape, dtype=output.dtype)), "float32")


def _raw(variable: Any) -> Any:
    """TensorFlow's own variable inside of a Keras one."""
    return variable if callable(variable.value) else variable.value


def _matters(held: Held, rows: Sequence[Data]) -> set[int]:
    """The weights whose gradient is zero somewhere although the outputs change with the entry."""
    dead = [i for i, live in enumerate(held.live) if not live.all()]
    if not dead or not _changing(held, rows, [dead]):  # most often none of them: one question for all
        return set()
    return set(itertools.chain.from_iterable(_changing(held, rows, [[i] for i in dead])))


def _changing(held: Held, rows: Sequence[Data], groups: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """The groups of weights whose dead entries, given other values, change some output."""
    return [group for group in groups if any(_changes(held, rows, group, number) for number in range(3))]


def _changes(held: Held, rows: Sequence[Data], group: Sequence[int], number: int) -> bool:
    held.draw()
    inputs = _inputs(held, rows, number)
    before = [np.asarray(o) for o in _outputs(held, inputs, False)]
    for index in group:
        variable = held.places[index][2]
        values = np.array(_raw(variable))
        other = drawn_weight(held.rng, _name(variable), values.shape).astype(values.dtype)
        variable.assign(np.where(held.live[index], values, other))
    after = [np.asarray(o) for o in _outputs(held, inputs, False)]
    return not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(before, after, strict=True))


# --- telling which ------------------------------------------------------------------------------------------


def _entries(dead: Array) -> dict[str, Any]:
    """How many, which (as ranges of the flat array) and how a reader would write them."""
    flat = np.concatenate([[False], dead.ravel(), [False]])
    ends = np.flatnonzero(flat[1:] != flat[:-1]).reshape(-1, 2)
    ranges = ends.tolist() if len(ends) <= RANGES else None
    return {"dead": int(dead.sum()), "of": int(dead.size), "ranges": ranges, "slices": _slices(dead)}


def _slices(dead: Array) -> str:
    """``[1]``, ``[:, 128:256]``, ``except [1, 1]``; empty for all of it."""
    if dead.all():
        return ""
    box = _box(dead)
    if box is not None:
        return box
    rest = _box(~dead)
    return f" except {rest}" if rest is not None else " (scattered)"


def _box(mask: Array) -> str | None:
    """The index of a mask that is a range on every axis."""
    parts, size = [], 1
    for axis in range(mask.ndim):
        where = np.flatnonzero(mask.any(axis=tuple(a for a in range(mask.ndim) if a != axis)))
        first, last = int(where[0]), int(where[-1]) + 1
        if last - first != len(where):
            return None
        size *= len(where)
        whole = (first, last) == (0, mask.shape[axis])
        parts.append(":" if whole else str(first) if last - first == 1 else f"{first}:{last}")
    while parts and parts[-1] == ":":
        parts.pop()
    return f"[{', '.join(parts)}]" if size == int(mask.sum()) else None
