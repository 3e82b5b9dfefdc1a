"""A model as a function of its weights, and what is known of each entry of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_weight
from ...host.inside.framework import GRADIENTS, array, call, framework_of, nest, of_tensors
from .describe import flat

Array = Any  # numpy.ndarray
NUDGE = 1e-6  # relative, of weights and inputs: some twenty roundings of float32


class Held:
    """The weights of a model; ``live`` says of which entries a gradient was seen. Not judged are layers in ``left``."""

    def __init__(self, model: Any, described: Any, left: Sequence[int]) -> None:
        self.model, self.keras = model, described.keras
        self.generation, self.framework = 2 if described.old else 3, framework_of(described.keras)
        _in_single(model)
        self.places = list(_places(model, described))
        self.live = [np.full(tuple(v.shape), layer in left) for layer, _, v in self.places]
        ours = {id(v) for _, _, v in self.places}
        self.others = [(v, self.now(v)) for v in getattr(model, "variables", ()) if id(v) not in ours]  # seeds
        self.variables = [*(v for _, _, v in self.places), *(v for v, _ in self.others)]
        names = ("_inputs_struct", "_nested_inputs")  # of Keras 3 and of Keras 2; a Sequential has but one input
        self.struct = next((vars(model)[name] for name in names if name in vars(model)), None)
        self.rng = np.random.default_rng(7)
        self.scale = 0.0  # of the last loss's terms, together
        self.finite = False  # whether some loss was a number
        self._compiled: dict[Any, Callable[..., Any]] = {}

    def drawn(self, index: int, factors: tuple[float, float]) -> Array:
        """Other values for a weight; entries that are not known to be alive, and the others of such a layer, scaled."""
        variable, (scale, beside) = self.places[index][2], factors
        values = drawn_weight(self.rng, path_of(variable)[-1], tuple(variable.shape))
        beside = beside if self.places[index][0] in {self.places[i][0] for i in self.open} else 1.0
        return np.where(self.live[index], beside * values, scale * values).astype(_dtype(variable))

    def draw(self, factors: tuple[float, float]) -> None:
        """Other values for every weight."""
        for index in range(len(self.places)):
            self.assign(index, self.drawn(index, factors))

    def assign(self, index: int, values: Array) -> None:
        """These values for a weight."""
        self.places[index][2].assign(values)

    def now(self, variable: Any) -> Array:
        """The values of a variable."""
        return np.array(array(self.keras, _raw(variable)))

    def nudge(self) -> None:
        """Every weight stays the same but for some roundings."""
        for index, (_, _, variable) in enumerate(self.places):
            self.assign(index, self.nudged(self.now(variable)))

    def nudged(self, values: Array) -> Array:
        """The same but for some roundings; integers stay."""
        if not np.issubdtype(values.dtype, np.floating):
            return values
        return (values * (1 + NUDGE * self.rng.standard_normal(values.shape))).astype(values.dtype)

    def outputs(self, inputs: Sequence[Array]) -> list[Array]:
        """Of a pass in inference."""
        found = self._run(("outputs",), lambda state, *tensors: self._called(state, tensors, False), inputs)
        return [array(self.keras, output).astype("float64") for output in found]

    def gradients(self, inputs: Sequence[Array], training: bool, pace: float = 1.0) -> list[Array]:
        """Of a weighted sum of all outputs, with respect to each weight; ``pace`` times faster, and given back."""
        count = len(self.places)
        total, root = (of_tensors(self.keras, name) for name in ("sum", "sqrt"))

        def function(state: Sequence[Any], pace: Any, *tensors: Any) -> Any:
            def loss(values: Sequence[Any]) -> tuple[Any, Any]:
                outputs = self._called([*values, *state[count:]], tensors, training)
                floats = [o for o in outputs if "float" in str(o.dtype)]  # others have no gradient
                terms = [self._terms(output, number) for number, output in enumerate(floats)]
                zero = 0 * pace
                return pace * sum(map(total, terms), zero), root(sum((total(t * t) for t in terms), zero))

            return GRADIENTS[self.framework](loss, state[:count])

        scale, found = self._run(("gradients", training), function, [np.float32(pace), *inputs])
        self.scale = float(scale)
        self.finite |= math.isfinite(self.scale)
        return [array(self.keras, gradient) / pace for gradient in found]

    def _terms(self, output: Any, seed: int) -> Any:
        """Of a sum in a random direction, so that no two outputs cancel."""
        toward = np.random.default_rng(seed).standard_normal(tuple(output.shape)).astype("float32")
        tensor, cast = (of_tensors(self.keras, name) for name in ("convert_to_tensor", "cast"))
        return cast(output, "float32") * tensor(toward)

    def _called(self, state: Sequence[Any], inputs: Sequence[Any], training: bool) -> list[Any]:
        given = inputs[0] if self.struct is None else nest(self.keras).pack_sequence_as(self.struct, list(inputs))
        if self.framework == "tensorflow":  # there, a model reads its variables itself
            return flat(self.model(given, training=training))
        return flat(call(self, state, given, training)[0])

    def _run(self, key: tuple[Any, ...], function: Callable[..., Any], given: Sequence[Array]) -> Any:
        """What the function gives: compiled, or as it is where something in it asks for numbers."""
        if self.generation == 2:
            import tensorflow as tf

            tf.random.set_seed(11)
        for variable, value in self.others:
            variable.assign(value)
        key = (*key, *(g.shape for g in given))
        state = [_raw(v) for v in self.variables]
        tensors = [of_tensors(self.keras, "convert_to_tensor")(g) for g in given]
        try:
            return self._compiled.setdefault(key, self._compile(function))(state, *tensors)
        except Exception:
            self._compiled[key] = function
            return function(state, *tensors)

    def _compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Loops over time are ten times faster so."""
        if self.framework == "jax":
            import jax

            return jax.jit(function)  # type: ignore[no-any-return]
        if self.framework != "tensorflow":
            return function
        import tensorflow as tf

        traced = tf.function(lambda *tensors: function([_raw(v) for v in self.variables], *tensors))
        return lambda _state, *tensors: traced(*tensors)

    def note(self, found: Sequence[Array]) -> bool:
        """These entries are alive; whether one was not known to be."""
        new = any(bool((a & ~live).any()) for a, live in zip(found, self.live, strict=True))
        for live, alive in zip(self.live, found, strict=True):
            np.logical_or(live, alive, out=live)
        return new

    @property
    def open(self) -> list[int]:
        """The weights with entries that are not known to be alive."""
        return [index for index, live in enumerate(self.live) if not live.all()]


def _in_single(model: Any) -> None:
    """Layers that compute in half precision no longer do: there, most small gradients are zero."""
    for layer in model._flatten_layers():
        if "16" in str(getattr(layer, "compute_dtype", "")):
            if hasattr(layer, "_set_dtype_policy"):  # Keras 2
                layer._set_dtype_policy("float32")
            else:
                layer.dtype_policy = "float32"


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


def path_of(variable: Any) -> list[str]:
    """The words of its name."""
    return str(getattr(variable, "path", variable.name)).split(":")[0].split("/")


def _dtype(variable: Any) -> str:
    return str(getattr(variable.dtype, "name", variable.dtype))


def _raw(variable: Any) -> Any:
    """The framework's own variable inside of a Keras one."""
    return variable if callable(variable.value) else variable.value
