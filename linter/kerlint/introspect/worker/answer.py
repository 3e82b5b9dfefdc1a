"""One request, answered: a target is run and its models described, or their dead weights measured."""

from __future__ import annotations

import importlib
import os
import time
from typing import Any

from ...host.inside.framework import NoKeras, words
from .describe import Described
from .inert import Draws, quieten
from .load import NoModel, Raised, run
from .missing import opener, without_data
from .sites import Sites
from .trace import Calls

HELD: dict[str, Any] = {}  # the models of the last target, for a question about them


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """``{"models", ...}`` or ``{"error"}``. Only what the user's program raises is an error."""
    if request["ask"] == "dead":
        return _measured(request)
    draws = Draws(request["sizes"])
    try:
        return _introspected(request, draws)
    except (Raised, NoModel) as error:
        return {"error": f"{error}{draws.told}"}
    except NoKeras as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "out of memory (the limit is --memory)"}


def _measured(request: dict[str, Any]) -> dict[str, Any]:
    """What is known after another round; a question with a model begins a measurement."""
    from .dead import measure
    from .feed import Uncovered

    try:
        if "model" in request:
            whole, model = HELD["models"][request["model"]]
            HELD["measuring"] = measure(whole, model, request, HELD["described"])
        return {"dead": next(HELD["measuring"])}
    except Exception as error:  # the next model may be measured all the same
        return {"error": str(error) if isinstance(error, Uncovered) else words(error)}


def _introspected(request: dict[str, Any], draws: Draws) -> dict[str, Any]:
    target = request["target"] | {"asked": time.monotonic(), "seconds": request["seconds"]}
    keras = _keras(request["generation"])
    sites = Sites(request["roots"])
    sites.watch(keras)
    calls = Calls(keras)
    stood_in: list[str] = []
    if not request["run_all"]:
        load = keras.models.load_model
        quieten(keras, draws, {id(load): opener("load_model", load, draws, sites)})
        stood_in = without_data(draws, sites).stood_in
    else:
        _beside(request["target"]["search"])
    ran = run(target, sites, keras, draws)
    unique = list({id(model): model for model in ran.models}.values())
    described = Described(keras, sites, calls)
    rows = [described.model(model) | {"variable": ran.names.get(id(model))} for model in unique]
    graphs = [calls.trained.get(id(model), model) for model in unique]
    for layer in (layer for graph in graphs for layer in graph.layers):
        described.layer(layer)  # also what is there for the loss alone
    HELD.update(described=described, models=[*zip(unique, graphs, strict=True)])
    return {
        "models": rows, "layers": described.layers, "tensors": described.tensors, "keras": keras.__version__,
        "source": ran.path, "expression": ran.expression, "raised": ran.raised and ran.raised + draws.told,
        "drawn": draws.made, "stood_in": stood_in,
    }  # fmt: skip


def _beside(folders: list[str]) -> None:
    """What lies beside the program is found by its relative path, too; what the program writes lands elsewhere."""
    for folder in reversed(folders):
        for entry in os.scandir(folder) if os.path.isdir(folder) else ():
            if not os.path.lexists(entry.name):
                os.symlink(entry.path, entry.name)


def _keras(generation: int) -> Any:
    name = "tf_keras" if generation == 2 else "keras"
    try:
        found = importlib.import_module(name)
    except ImportError as error:
        raise NoKeras(f"no {name} in the interpreter: {error}") from error
    if generation == 2:
        from .generation import as_keras

        as_keras(found)
    return found
