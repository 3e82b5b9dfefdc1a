"""Entries of weights that never matter: their gradient is zero for each of many random inputs and weights.

Ordinary sparsity is told apart by drawing again: a relu that is off is on for other weights, and every row of an
embedding is drawn; what did not come alive is drawn larger and smaller than the rest, to win a maximum or to lie where
a function bends. What cancels (a bias in front of a normalisation) is left with the rounding of its terms: a gradient
counts only if it is the same once weights, inputs and loss are changed a little, which rounding is not.
Then the entries that are left get other values, and the outputs must stay the same. Where they do not, a gradient is
looked for on the way from the ones to the others: a function that changes in a small range only has one there. What
has none even so (behind a rounding, a stopped gradient) is no dead weight.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .feed import KINDS, Feed, Uncovered, feeds
from .held import Held, by_design, dtype_of, path_of, places_of

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray
QUIET = 16  # rounds in which nothing new came alive, after which no more are run
BARREN = 4  # changes of the output in a row without a gradient, after which none is expected
# Of what is drawn for entries that are not known to be alive, and for the others of their layers.
FACTORS = ((1.0, 1.0), (5.0, 1.0), (0.03, 0.03), (1.0, 0.03), (1.0, 1.0), (30.0, 1.0), (0.001, 0.001), (5.0, 5.0))
HALVINGS = 20  # on the way to where the output changes
CLEAR = 1e-3  # of the largest gradient: no rounding comes so far
FLOOR = 1e-4  # of the loss's terms: all gradients may be rounding
NUDGE = 1e-6  # relative, of weights and inputs: some twenty roundings of float32
PACES = (1.0, 1.3719, 0.7731, 1.8243)  # of the loss: small multiples of one rounding never agree
AGREE = 1e-3  # relative, of gradients that are none of rounding
STILL = 1e-5  # of the largest output: what rounding may change there


def measure(whole: Any, model: Any, request: Data, described: Any) -> Iterator[Any]:
    """How many entries are known to be alive, again and again; at last a row for each weight that has dead ones."""
    held = Held(model, described, request["left"])
    outside = _outside(whole, held, described)
    matters: set[int] = set()
    rounds = 0
    for feed in feeds(held, request["inputs"], request["length"]):
        rounds += yield from _drawn(held, feed)
        if held.open and (yield from _moved(held, feed, held.open)):  # most often nothing moves: one question for all
            for index in held.open:
                if (yield from _moved(held, feed, [index])):
                    matters.add(index)
        if not held.open:
            break
    if rounds and not held.finite:
        raise Uncovered("its outputs are no finite numbers for the inputs that are drawn")
    claims = {tuple(claim["weight"]): claim for claim in request["claims"]}
    excuses = {id(variable): (why, which) for variable, why, which in by_design(model, described.keras.layers)}
    held.places += outside
    held.live += [np.zeros(tuple(variable.shape), bool) for _, _, variable in outside]
    found = []
    for index, (layer, position, variable) in enumerate(held.places):
        claim, excuse = claims.get((layer, position), {}), excuses.get(id(variable), ("", False))
        row = _beside(~held.live[index], claim, excuse, index in matters)
        if layer not in request["left"] and (row["dead"] or row["refuted"]):
            alike = [path_of(other) for number, _, other in held.places if number == layer]
            found.append({"layer": layer, "index": position, "name": _alone(path_of(variable), alike), **row})
    yield {"weights": found, "uncovered": sorted({n for n, _, _ in held.places if n in request["left"]})}


def _beside(dead: Array, claim: Data, excuse: tuple[str, Any], matters: bool) -> dict[str, Any]:
    """Dead entries counted and told, beside what rules say (``read``: boxes for each rewrite), and why which may be."""
    unread, excused = np.zeros((2, *dead.shape), bool)
    for boxes in claim.get("read", ()):
        unread |= np.logical_not(_inside(boxes, dead.shape))
    excused[excuse[1]] = dead[excuse[1]]
    return {
        "dead": int(dead.sum()), "of": int(dead.size), "slices": _slices(dead) if dead.any() else "",
        "explained": 0 if matters else int((dead & unread | excused).sum()),
        "excused": excuse[0] if excused.any() else None,
        "refuted": int((unread if matters else unread & ~dead).sum()), "matters": matters,
    }  # fmt: skip


def _inside(boxes: Sequence[Sequence[Sequence[int] | None]], shape: Sequence[int]) -> Array:
    mask = np.zeros(shape, bool)
    for box in boxes:
        mask[tuple(slice(None) if part is None else slice(*part) for part in box)] = True
    return mask


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


def _outside(whole: Any, held: Held, described: Any) -> list[tuple[int, int, Any]]:
    """The weights that nothing reads which call() gives, or adds to the loss. Raises Uncovered where others may."""
    inside = {id(variable) for _, _, variable in held.places}
    found = [place for place in places_of(whole, described) if id(place[2]) not in inside]
    followed = inside | {id(variable) for _, _, variable in found}
    if own := [v for v in whole.weights if "float" in dtype_of(v) and id(v) not in followed]:
        raise Uncovered(f"what it does with {path_of(own[0])[-1]}, a weight of its own, is not followed")
    base = described.keras.Model
    trained = any(getattr(type(whole), n, 0) is not getattr(base, n, 0) for n in ("train_step", "compute_loss"))
    if found and (trained or "training" in inspect.signature(whole.call).parameters):
        raise Uncovered(f"call() does not use {described.layers[found[0][0]]['name']}, but training may")
    return found


def _drawn(held: Held, feed: Feed) -> Generator[int, None, int]:
    """Draws until nothing more comes alive; how many rounds that took."""
    number = quiet = turn = 0
    while held.open and quiet < max(QUIET, 2 * feed.turns):
        factors, large = FACTORS[turn // feed.turns % len(FACTORS)], KINDS[number % len(KINDS)] == "large"
        weights, inputs = held.drawn(factors), feed.inputs(number)
        new = _noted(held, weights, inputs, number % 2 == 1, large or factors != FACTORS[0])
        number, quiet, turn = number + 1, 0 if new else quiet + 1, turn + (not new)
        yield held.known
    return number


def _alone(path: list[str], alike: Sequence[list[str]]) -> str:
    """The shortest end of a path that no other weight of the layer has: ``kernel``, ``query/bias``."""
    ends = (path[-size:] for size in range(1, len(path)))
    return "/".join(next((end for end in ends if sum(o[-len(end) :] == end for o in alike) < 2), path))


def _noted(held: Held, weights: Sequence[Array], inputs: Sequence[Array], training: bool, large: bool) -> bool:
    """Whether an entry came alive that has a gradient here; ``large``: what rounding leaves may be so, too."""
    size, first = held.gradients(weights, inputs, training)
    floor = math.inf if large else FLOOR * size
    clear = max(floor, *(CLEAR * float(np.abs(g).max(initial=0.0)) for g in first))
    if held.note([np.abs(g) > clear for g in first]):
        return True
    agree = [g != 0 for g in first]
    for pace in PACES[1:]:  # not worth it as long as more is clear each time
        if not any((a & ~live).any() for a, live in zip(agree, held.live, strict=True)):
            return False
        weights, inputs = ([_nudged(held.rng, values) for values in arrays] for arrays in (weights, inputs))
        _, other = held.gradients(weights, inputs, training, pace)
        agree = [a & (np.abs(o - g) <= AGREE * np.abs(g)) for a, g, o in zip(agree, first, other, strict=True)]
    return held.note(agree)


def _nudged(rng: Any, values: Array) -> Array:
    """The same but for some roundings; integers stay."""
    moved = values * (1 + NUDGE * rng.standard_normal(values.shape))
    return moved.astype(values.dtype) if np.issubdtype(values.dtype, np.floating) else values


def _moved(held: Held, feed: Feed, group: Sequence[int]) -> Generator[int, None, bool]:
    """Draws again until nothing more comes alive; whether the outputs change with entries of these weights even so."""
    number = quiet = barren = 0
    while any(index in held.open for index in group) and barren < BARREN and quiet < max(QUIET, feed.turns):
        found = _on_the_way(held, feed, group, number)
        number += 1
        quiet, barren = (0, 0) if found else (quiet + (found is None), barren + (found is False))
        yield held.known
    return barren > 0


def _on_the_way(held: Held, feed: Feed, group: Sequence[int], number: int) -> bool | None:
    """None if outputs stay the same with other values for unknown entries; else whether one came alive in between."""
    factors, inputs = FACTORS[number % len(FACTORS)], feed.inputs(number)
    start, other, training = held.drawn(factors), held.drawn(factors), number % 2 == 1
    way = [
        np.where(live, 0, after - before) * (index in group)
        for index, (live, before, after) in enumerate(zip(held.live, start, other, strict=True))
    ]

    def at(share: float) -> list[Array]:
        return [(s + share * w).astype(s.dtype) for s, w in zip(start, way, strict=True)]

    (low, left), (high, right) = ((share, held.outputs(at(share), inputs, training)) for share in (0.0, 1.0))
    if all(map(_same, left, right)):
        return None
    for halving in range(HALVINGS):
        middle = (low + high) / 2
        between = held.outputs(at(middle), inputs, training)
        if _apart(left, between) < _apart(between, right):
            low, left = middle, between
        else:
            high, right = middle, between
        if halving % 4 == 3 and _noted(held, at(middle), inputs, training, True):
            return True
    return False


def _apart(left: Sequence[Array], right: Sequence[Array]) -> float:
    return max(float(np.nan_to_num(np.abs(a - b)).max(initial=0.0)) for a, b in zip(left, right, strict=True))


def _same(left: Array, right: Array) -> bool:
    """Equal but for rounding; what is not finite is so on both sides."""
    finite = np.isfinite(left) & np.isfinite(right)
    apart = np.abs(left[finite] - right[finite]).max(initial=0.0)
    still = bool(apart <= STILL * np.abs(left[finite]).max(initial=0.0))
    return still and np.array_equal(left[~finite], right[~finite], equal_nan=True)
