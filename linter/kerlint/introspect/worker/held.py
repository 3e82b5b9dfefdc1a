"""A model as a function of its weights, and what is known of each entry of these."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ...host.inside.draws import drawn_weight
from ...host.inside.framework import GRADIENTS, array, call, framework_of, nest, of_tensors, rewind, tensors_in, traced
from .describe import flat

Array = Any  # numpy.ndarray
Arrays = Sequence[Array]


class Held:
    """The weights of a model; ``live`` says of which entries a gradient was seen. Not judged are layers in ``left``."""

    def __init__(self, model: Any, described: Any, left: Sequence[int]) -> None:
        self.model, self.keras = model, described.keras
        self.generation, self.framework = 2 if described.old else 3, framework_of(described.keras)
        _plainly(model)
        self.places = list(places_of(model, described))
        self.live = [np.full(tuple(v.shape), layer in left) for layer, _, v in self.places]
        weights = [v for _, _, v in self.places]
        others = [v for v in getattr(model, "variables", ()) if not any(v is weight for weight in weights)]
        self.states = [(v, np.array(array(self.keras, t))) for v, t in zip(others, tensors_in(others), strict=True)]
        self.variables = [*weights, *others]
        names = ("_inputs_struct", "_nested_inputs")  # of Keras 3 and of Keras 2; a Sequential has but one input
        self.struct = next((vars(model)[name] for name in names if name in vars(model)), None)
        self.rng = np.random.default_rng(7)
        self.phase = 0.0  # of the direction of the last weights' gradients
        self.finite = False  # whether some outputs were numbers
        self._compiled: dict[Any, Callable[..., Any]] = {}

    def drawn(self, factors: tuple[float, float]) -> list[Array]:
        """Weights, scaled where entries are not known to be alive; the second factor is for the rest of such layers."""
        self.phase = self.rng.uniform(1.0, 9.0)
        unknown = {self.places[index][0] for index in self.open}
        found = []
        for (layer, _, variable), live in zip(self.places, self.live, strict=True):
            values = drawn_weight(self.rng, path_of(variable)[-1], live.shape)
            scaled = np.where(live, factors[1] if layer in unknown else 1.0, factors[0]) * values
            found.append(scaled.astype(dtype_of(variable)))
        return found

    def outputs(self, weights: Arrays, inputs: Arrays, training: bool = False) -> list[Array]:
        """Of a pass, what layers add to the loss among them; never in training for Keras 2, which draws anew."""
        training = training and self.generation == 3
        key, function = ("outputs", training), lambda state, *given: self._called(state, given, training)
        found = self._run(weights, key, function, inputs)
        return [array(self.keras, output).astype("float64") for output in found]

    def gradients(self, weights: Arrays, inputs: Arrays, training: bool, pace: float = 1.0) -> tuple[float, Arrays]:
        """The size of a weighted sum of all outputs, and its gradients; ``pace`` times faster, and given back."""
        count = len(weights)
        total, root = (of_tensors(self.keras, name) for name in ("sum", "sqrt"))

        def function(state: Sequence[Any], pace: Any, phase: Any, *given: Any) -> Any:
            def loss(values: Sequence[Any]) -> tuple[Any, Any]:
                outputs = self._called([*values, *state[count:]], given, training)
                floats = [o for o in outputs if "float" in str(o.dtype)]  # others have no gradient
                terms = [self._terms(output, number, phase) for number, output in enumerate(floats)]
                return pace * sum(map(total, terms), 0 * pace), root(sum((total(t * t) for t in terms), 0 * pace))

            return GRADIENTS[self.framework](loss, state[:count])

        size, found = self._run(
            weights, ("gradients", training), function, [np.float32(pace), np.float32(self.phase), *inputs]
        )
        self.finite |= math.isfinite(size)
        return float(size), [array(self.keras, gradient) / pace for gradient in found]

    def _terms(self, output: Any, seed: int, phase: Any) -> Any:
        """Of a sum in a random direction, so that no two outputs cancel; another one for other weights."""
        toward = np.random.default_rng(seed).standard_normal(tuple(output.shape)).astype("float32")
        tensor, cast, cos = (of_tensors(self.keras, name) for name in ("convert_to_tensor", "cast", "cos"))
        return cast(output, "float32") * cos(phase * tensor(toward))

    def _called(self, state: Sequence[Any], inputs: Sequence[Any], training: bool) -> list[Any]:
        given = inputs[0] if self.struct is None else nest(self.keras).pack_sequence_as(self.struct, list(inputs))
        if self.framework == "tensorflow":  # there, a model reads its variables itself
            return [*flat(self.model(given, training=training)), *self.model.losses]
        outputs, losses, _ = call(self, state, given, training)
        return [*flat(outputs), *losses]

    def _run(self, weights: Arrays, key: tuple[Any, ...], function: Any, given: Arrays) -> Any:
        """What the function gives: compiled, or as it is where something in it asks for numbers."""
        for (_, _, variable), values in zip(self.places, weights, strict=True):
            variable.assign(values)
        rewind(self)
        key = (*key, *(g.shape for g in given))
        tensors = [of_tensors(self.keras, "convert_to_tensor")(g) for g in given]
        try:
            quick = self._compiled.setdefault(key, traced(self, function))  # loops over time are ten times faster
            return quick(tensors_in(self.variables), *tensors)
        except Exception:
            self._compiled[key] = function
            return function(tensors_in(self.variables), *tensors)

    def note(self, found: Arrays) -> bool:
        """These entries are alive; whether one was not known to be."""
        before = self.known
        for live, alive in zip(self.live, found, strict=True):
            np.logical_or(live, alive, out=live)
        return self.known > before

    @property
    def known(self) -> int:
        """How many entries are known to be alive."""
        return sum(int(live.sum()) for live in self.live)

    @property
    def open(self) -> list[int]:
        """The weights with entries that are not known to be alive."""
        return [index for index, live in enumerate(self.live) if not live.all()]


def _plainly(model: Any) -> None:
    """Layers no longer compute in half precision, where most small gradients are zero, and what they add to the loss
    is of what they compute: a weight is not alive by a regulariser that only looks at weights.
    """
    for layer in model._flatten_layers():
        getattr(layer, "_callable_losses", []).clear()  # of Keras 2
        if "16" in str(getattr(layer, "compute_dtype", "")):
            keras_3 = functools.partial(setattr, layer, "dtype_policy")
            getattr(layer, "_set_dtype_policy", keras_3)("float32")
    for variable in (one for one in model.variables if hasattr(one, "regularizer")):
        variable.regularizer = None


def places_of(model: Any, described: Any) -> Iterator[tuple[int, int, Any]]:
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
            if id(variable) not in seen and "float" in dtype_of(variable):
                seen.add(id(variable))
                yield number, position, variable


def by_design(model: Any, layers: Any) -> Iterator[tuple[Any, str, Any]]:
    """Variables of which entries may be dead in any good model, why, and which entries."""
    attention = tuple(getattr(layers, n) for n in ("MultiHeadAttention", "GroupQueryAttention") if hasattr(layers, n))
    for layer in model._flatten_layers():
        bias = getattr(getattr(layer, "_key_dense", None), "bias", None)
        if bias is not None and isinstance(layer, attention):
            yield bias, "softmax", ...  # which takes out what all scores of a query have in common
        if isinstance(layer, layers.Embedding) and layer.built and layer.mask_zero:
            yield layer.embeddings, "mask_zero", slice(0, 1)  # of padding: who heeds the mask never uses it


def path_of(variable: Any) -> list[str]:
    """The words of its name."""
    return str(getattr(variable, "path", variable.name)).split(":")[0].split("/")


def dtype_of(variable: Any) -> str:
    """The name of its type."""
    return str(getattr(variable.dtype, "name", variable.dtype))
