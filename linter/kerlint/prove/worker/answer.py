"""One request, answered: the whole course of a proof."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from ...host.inside.framework import NoOperation, exact, framework_of
from .build import Refuted, Unrunnable, gist, keras_of
from .compare import Found, Pair, compare, couplings
from .control import idle, wiring_shows
from .start import otherwise
from .tolerances import ROUNDINGS
from .train import train

Data = Mapping[str, Any]
WAYS = 12  # of pairing what both graphs draw
SAYS = {Refuted: "refuted", NoOperation: "unprovable", Unrunnable: "unprovable"}
COPIES = 10  # of weights and inputs that exist at once: both graphs, gradients, momentum, comparison


class TooLarge(Unrunnable):
    """The graphs cannot be run here as precisely as a proof needs, or not at all."""


def answer(request: Data) -> dict[str, Any]:
    """The proof as plain data. Never raises for what a request says; a crash of Keras becomes ``not-run``."""
    found = Found()
    verdict: dict[str, Any] = {"status": "proved", "idle": [], "reason": None, "starts": None}
    started = time.perf_counter()
    try:
        entries = max(draw["entries"] for draw in request["draws"])
        if entries * 8 * COPIES > _free_memory():
            raise TooLarge(f"too large to be run here: {entries / 1e6:,.0f} million weights and inputs")
        for version in request["generation"].values():
            if not exact(keras := keras_of(version)):
                raise TooLarge(f"Keras {keras.__version__} has no float64 on {framework_of(keras)}")
        started = time.perf_counter()  # the import is the run's, not the proof's
        _prove(request, found, verdict)
    except Exception as error:  # Keras and TensorFlow raise what they like; the reason carries it
        verdict |= {"status": SAYS.get(type(error), "not-run"), "reason": gist(error)}
    if verdict["reason"] is None and found.notes:
        verdict["reason"] = "; ".join(dict.fromkeys(found.notes))
    seconds = round(time.perf_counter() - started, 3)
    figures = {"max_error": found.error, "gradient_error": found.gradient, "inputs": found.inputs}
    return {**verdict, **(figures if found.inputs else {}), "dtype": "float64", "seconds": seconds}


def _free_memory() -> float:
    """Bytes that may be used: most of what is available; 8 GB where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            available = next(line for line in file if line.startswith("MemAvailable"))
        return int(available.split()[1]) * 1024 * 0.8
    except (OSError, StopIteration, ValueError):
        return 8 * 2.0**30


def _prove(request: Data, found: Found, verdict: dict[str, Any]) -> None:
    level, generation, whole = request["equivalence"], request["generation"], request.get("whole")
    for number, draw in enumerate(request["draws"]):
        try:
            pair = _compared(draw, generation, level, number, found)
        except Refuted:
            if whole and _shaky(draw, generation, level, number):
                raise Unrunnable("one rounding of its weights is enough to change what it does") from None
            raise
        sizes = [[d[side]["layers"] for side in generation] for d in request["draws"][: number + 1]]
        if pair.strict and not whole and sizes.index(sizes[-1]) == number and not verdict["starts"]:
            verdict["starts"] = otherwise(pair)
            found.notes += [verdict["starts"]] if verdict["starts"] else []
        if number:
            continue
        if not (_shown if whole else _controlled)(pair, verdict):
            return
        if not whole:  # rounding adds up in a whole model
            compare(Pair(draw, generation, level, seed=number, dtype="float32"), Found(), training=False)


def _compared(draw: Data, generation: Mapping[str, int], level: str, number: int, found: Found) -> Pair:
    """The two graphs, which agree: in training under one pairing of what they draw. Raises Refuted."""
    failed: list[tuple[Found, Refuted]] = []
    for turn, way in enumerate(islice(couplings(draw), WAYS)):
        pair = Pair({**way, "moved": turn > 0}, generation, level, number)
        if not turn:
            compare(pair, found, training=False)
        tried = replace(found)
        try:
            train(pair, tried)
        except Refuted as error:
            failed.append((tried, error))
            continue
        vars(found).update(vars(tried))
        return pair
    vars(found).update(vars(failed[0][0]))
    raise failed[0][1]


def _shaky(draw: Data, generation: Mapping[str, int], level: str, seed: int) -> bool:
    """Whether the model differs from itself with weights some roundings away: many layers make much of little."""
    pair = Pair({**draw, "new": draw["old"]}, dict.fromkeys(("old", "new"), generation["old"]), level, seed)
    rng = np.random.default_rng([seed, 23])
    pair.mapped = {key: w * (1 + ROUNDINGS * rng.standard_normal(w.shape)) for key, w in pair.weights.items()}
    try:
        compare(pair, Found(), training=False)
        train(pair, Found())
    except Refuted:
        return True
    return False


def _shown(pair: Pair, verdict: dict[str, Any]) -> bool:
    """Whether a comparison of whole models could fail: some weight shows, a new one where there are any."""
    fresh = [key for key in pair.mapped if key[0] not in pair.kept]
    shows = any(not idle(pair, [key]) for key in fresh or pair.mapped) if pair.mapped else wiring_shows(pair)
    verdict |= {} if shows else {"status": "unprovable", "reason": "what is new never shows in its output"}
    return bool(shows)


def _controlled(pair: Pair, verdict: dict[str, Any]) -> bool:
    """The negative control; False if the proof fails by it."""
    if pair.mapped:
        names = idle(pair, pair.mapped)
        told = f"never matters: {', '.join(names)}"
        if len(names) == len(pair.mapped):  # nor is it wrong: nothing can be told
            verdict |= {"status": "unprovable", "idle": names, "reason": f"the output is a constant; {told}"}
        elif names:
            verdict |= {"status": "refuted", "idle": names, "reason": told}
        return not names
    shows = wiring_shows(pair)
    if shows is None:
        verdict |= {"status": "unprovable", "reason": "no wrong wiring could be built to control the comparison"}
    elif not shows:
        verdict |= {"status": "refuted", "reason": "wrong wirings give the same outputs: the comparison says nothing"}
    return bool(shows)
