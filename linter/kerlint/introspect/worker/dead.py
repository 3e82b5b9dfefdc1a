"""Entries of weights that never matter: their gradient is zero for each of many random inputs and weights.

Ordinary sparsity is told apart by drawing again: a relu that is off is on for other weights, and every row of an
embedding is drawn. What cancels (a bias in front of a normalisation) is left with the rounding of its terms: a
gradient counts only if it is the same once weights, inputs and loss are changed a little, which rounding is not.
What has no gradient but changes the output all the same (behind a rounding, a stopped gradient) is no dead weight:
the entries that are left get other values, and the outputs must stay the same.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_input, drawn_weight
from .slices import beside

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray
QUIET = 8  # rounds in which nothing new came alive, after which no more are run
ROUNDS = 200
EXAMPLES = 8
MOST = 2**20  # numbers that go into a pass, unless 8 examples have more
KINDS = ("ordinary", "negative", "ordinary", "large", "ordinary")
FAR = 1e6  # no threshold is looked for beyond
CLEAR = 1e-3  # of the largest gradient: no rounding comes so far
FLOOR = 1e-4  # of the loss's terms: all gradients may be rounding
NUDGE = 1e-6  # relative, of weights and inputs: some twenty roundings of float32
PACES = (1.0, 1.3719, 0.7731, 1.8243)  # of the loss: small multiples of one rounding never agree
AGREE = 1e-3  # relative, of gradients that are none of rounding
STILL = 1e-5  # of the largest output: what rounding may change there


class Uncovered(Exception):
    """It would take too long to see which entries matter; says why."""


class Held:
    """A model's weights with what is known of each entry."""

    def __init__(self, model: Any, described: Any) -> None:
        self.model = model
        self.places = list(_places(model, described))
        self.live = [np.zeros(tuple(v.shape), bool) for _, _, v in self.places]
        self.states = [(v, np.array(v)) for v in getattr(model, "variables", ()) if "int" in _dtype(v)]  # of seeds
        self.rng = np.random.default_rng(7)
        self.reach = _reach([row["config"] for row in described.layers if "config" in row])
        self.scale = 0.0  # of the last loss's terms, together

    def draw(self) -> None:
        """Other values for every weight."""
        for _, _, variable in self.places:
            shape = tuple(variable.shape)
            variable.assign(drawn_weight(self.rng, _path(variable)[-1], shape).astype(_dtype(variable)))

    def nudged(self, array: Array) -> Array:
        """The same but for some roundings; integers stay."""
        if not np.issubdtype(array.dtype, np.floating):
            return array
        return (array * (1 + NUDGE * self.rng.standard_normal(array.shape))).astype(array.dtype)

    def gradients(self, inputs: Sequence[Array], training: bool, pace: float = 1.0) -> list[Array]:
        """Of a weighted sum of all outputs, with respect to each weight; ``pace`` times faster, and given back."""
        import tensorflow as tf

        tf.random.set_seed(11)  # of Keras 2; those of Keras 3 have a state
        for variable, state in self.states:
            variable.assign(state)
        variables = [_raw(v) for _, _, v in self.places]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            outputs = [o for o in _outputs(self, inputs, training) if o.dtype.is_floating]  # others have no gradient
            terms = [_terms(o, number) for number, o in enumerate(outputs)]
            loss = pace * tf.add_n([tf.zeros(()), *map(tf.reduce_sum, terms)])
        self.scale = math.sqrt(sum(float(tf.reduce_sum(part * part)) for part in terms))
        found = tape.gradient(loss, variables, unconnected_gradients="zero")
        return [np.asarray(tf.convert_to_tensor(gradient)) / pace for gradient in found]

    def note(self, found: Sequence[Array]) -> bool:
        """These entries are alive; whether one was not known to be."""
        new = any(bool((a & ~live).any()) for a, live in zip(found, self.live, strict=True))
        for live, alive in zip(self.live, found, strict=True):
            np.logical_or(live, alive, out=live)
        return new


def measure(model: Any, request: Data, described: Any) -> dict[str, Any]:
    """A row for each weight that has dead entries, and the numbers of the layers that were looked at."""
    _in_single(model)
    held = Held(model, described)
    rows = _sized(held, request["inputs"])
    covering = max((math.ceil(row["below"] / np.prod(row["shape"])) for row in rows if "below" in row), default=0)
    if covering > ROUNDS:
        raise Uncovered("an input has more indices than can be tried")
    quiet, enough = 0, max(QUIET, covering)  # until each row has been there once more, and nothing came of it
    for number in range(max(ROUNDS, 3 * covering)):
        quiet = 0 if _round(held, rows, number) else quiet + 1
        if quiet >= enough or all(live.all() for live in held.live):
            break
    matters = _matters(held, rows)
    claims = {tuple(claim["weight"]): claim for claim in request["claims"]}
    found = []
    for index, (layer, position, variable) in enumerate(held.places):
        row = beside(~held.live[index], claims.get((layer, position), {}), index in matters)
        if row["dead"] or row["refuted"]:
            alike = [_path(other) for number, _, other in held.places if number == layer]
            found.append({"layer": layer, "index": position, "name": _alone(_path(variable), alike), **row})
    return {"weights": found, "layers": sorted({layer for layer, _, _ in held.places})}


def _in_single(model: Any) -> None:
    """Layers that compute in half precision no longer do: there, most small gradients are zero."""
    for layer in model._flatten_layers():
        if "16" in str(getattr(layer, "compute_dtype", "")):
            if hasattr(layer, "_set_dtype_policy"):  # Keras 2
                layer._set_dtype_policy("float32")
            else:
                layer.dtype_policy = "float32"


def _reach(config: Any) -> float:
    """The largest number that layers are made with, as thresholds are."""
    parts = config.items() if isinstance(config, dict) else enumerate(config if isinstance(config, list) else ())
    inner = max((_reach(part) for key, part in parts if key != "seed"), default=1.0)
    own = abs(config) if isinstance(config, (int, float)) else 1.0
    return max(inner, own if own < FAR else 1.0)


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


def _path(variable: Any) -> list[str]:
    return str(getattr(variable, "path", variable.name)).split(":")[0].split("/")


def _alone(path: list[str], alike: Sequence[list[str]]) -> str:
    """The shortest end of a path that no other weight of the layer has: ``kernel``, ``query/bias``."""
    ends = (path[-size:] for size in range(1, len(path)))
    return "/".join(next((end for end in ends if sum(o[-len(end) :] == end for o in alike) < 2), path))


def _dtype(variable: Any) -> str:
    return str(getattr(variable.dtype, "name", variable.dtype))


def _sized(held: Held, inputs: Sequence[Data]) -> list[dict[str, Any]]:
    """The inputs with a number for every free size: the first for which the model runs."""
    sizes = (7, 16, 32, 64, 128, 224) if any(None in row["shape"][1:] for row in inputs) else (7,)
    if any(0 in row["shape"] for row in inputs):
        raise Uncovered("an input holds nothing")
    for size in sizes:
        shapes = [[size if d is None else d for d in row["shape"][1:]] for row in inputs]
        wanted = max(math.ceil(r.get("below", 0) / QUIET / math.prod(s)) for r, s in zip(inputs, shapes, strict=True))
        examples = max(EXAMPLES, min(wanted, MOST // sum(map(math.prod, shapes))))
        rows: list[dict[str, Any]] = [
            {**row, "shape": [examples if row["shape"][0] is None else row["shape"][0], *shape]}
            for row, shape in zip(inputs, shapes, strict=True)
        ]
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
    far = held.reach if kind == "large" else 1.0
    return [
        _covering(row, number)
        if "below" in row
        else (far * drawn_input(held.rng, row, kind, "float32")).astype(row["dtype"])
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
    held.draw()
    inputs, training = _inputs(held, rows, number), number % 2 == 1
    first = held.gradients(inputs, training)
    large = KINDS[number % len(KINDS)] == "large"  # so may be what rounding leaves
    floor = math.inf if large else FLOOR * held.scale
    clear = max(floor, *(CLEAR * float(np.abs(g).max(initial=0.0)) for g in first))
    if held.note([np.abs(g) > clear for g in first]):
        return True
    agree = [g != 0 for g in first]
    for pace in PACES[1:]:  # not worth it as long as more is clear each time
        if not any((a & ~live).any() for a, live in zip(agree, held.live, strict=True)):
            return False
        for _, _, variable in held.places:
            variable.assign(held.nudged(np.array(_raw(variable))))
        other = held.gradients([held.nudged(array) for array in inputs], training, pace)
        agree = [a & (np.abs(o - g) <= AGREE * np.abs(g)) for a, g, o in zip(agree, first, other, strict=True)]
    return held.note(agree)


def _terms(output: Any, seed: int) -> Any:
    """Of a sum in a random direction, so that no two outputs cancel."""
    import tensorflow as tf

    toward = np.random.default_rng(seed).standard_normal(output.shape)
    return tf.cast(output * tf.cast(toward, output.dtype), "float32")


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
    return [group for group in groups if any(_changes(held, rows, group, number) for number in range(len(KINDS)))]


def _changes(held: Held, rows: Sequence[Data], group: Sequence[int], number: int) -> bool:
    held.draw()
    inputs = _inputs(held, rows, number)
    before = _numbers(held, inputs)
    for index in group:
        variable = held.places[index][2]
        values = np.array(_raw(variable))
        other = drawn_weight(held.rng, _path(variable)[-1], values.shape).astype(values.dtype)
        variable.assign(np.where(held.live[index], values, other))
    return not all(map(_same, before, _numbers(held, inputs)))


def _numbers(held: Held, inputs: Sequence[Array]) -> list[Array]:
    return [np.asarray(output).astype("float64") for output in _outputs(held, inputs, False)]


def _same(left: Array, right: Array) -> bool:
    """Equal but for rounding; what is not finite is so on both sides."""
    finite = np.isfinite(left) & np.isfinite(right)
    apart = np.abs(left[finite] - right[finite]).max(initial=0.0)
    still = bool(apart <= STILL * np.abs(left[finite]).max(initial=0.0))
    return still and np.array_equal(left[~finite], right[~finite], equal_nan=True)
