"""Attributes of a layer that the program sets after making it: what is built with them, and what is not known then."""

from __future__ import annotations

from kerlint.evaluate.apply import argument
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import External, Value
from kerlint.evaluate.words import words
from kerlint.graph.layer import Config, Layer, Unknown

# Arguments that a layer keeps under their names and first looks at where it is built.
PLAINLY = words("units filters use_bias kernel_size strides dilation_rate groups pool_size axis momentum epsilon rate")


def alter_layer(run: Run, layer: Layer, name: str, value: Value, line: int) -> None:
    """``layer.name = value``: what it is from now on, or that it is not known. Of what is no argument, nothing.

    A layer of the module is one for all runs of its functions, and a loop perhaps never runs: that is not followed.
    """
    if name not in layer.config:
        return
    given, old = argument(run, name, value), layer.config.raw(name)
    if name == "activation":  # called each time; a string is no function; with another one the model was trained
        known = value is None or (isinstance(value, External) and isinstance(given, str))
        given = "linear" if given is None else given
    else:  # a layer that drops nothing has nothing to draw with
        known = name in PLAINLY and type(given) is type(old) and (name != "rate" or old != 0)
    late = layer in run.applied and (name != "activation" or any(model.compile for model in run.models))
    if late or not known or run.marked.get(layer) != run.marks or "return_sequences" in layer.config:
        given = Unknown(name, f"it is set in line {line}")
        run.unsure.add(layer)
    places = {key: place for key, place in layer.where().items() if key != name}
    config = Config({key: given if key == name else layer.config.raw(key) for key in layer.config})
    for part, now in (("config", config), ("where", lambda: places)):
        object.__setattr__(layer, part, now)  # it is the same layer, wherever it was applied
    for asked in ("written", "literal"):
        vars(layer).pop(asked, None)
