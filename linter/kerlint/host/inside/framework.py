"""What differs between the frameworks that Keras runs on: a call as a function of its variables, and gradients."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Array = Any  # numpy.ndarray
# Of a list of tensors: the number whose gradients are wanted, and what else comes out.
Function = Callable[[Sequence[Any]], tuple[Any, Any]]


class NoOperation(Exception):
    """The operation is not one that the worker can run."""


class NoKeras(Exception):
    """The interpreter has no Keras of the generation that is needed."""


def words(error: BaseException) -> str:
    """The part of a message that says something: Keras wraps it in where it happened and what was passed."""
    plain = re.sub(r"\x1b\[[\d;]*m|\{\{[^}]*\}\}", "", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    wrapped = len(lines) > 1 and lines[0].startswith("Exception encountered")
    return f"{type(error).__name__}: {lines[wrapped] if lines else 'no message'}"[:300]


def framework_of(keras: Any) -> str:
    """``tensorflow``, ``jax`` or ``torch``."""
    return str(keras.backend.backend())


def exact(keras: Any) -> bool:
    """Whether Keras computes in float64 if it is told to. Since 3.0 it rounds what it promotes, but on TensorFlow."""
    import numpy as np

    if not hasattr(keras, "ops") or framework_of(keras) == "tensorflow":
        return True
    with contextlib.suppress(ImportError, AttributeError):
        promotion = importlib.import_module("keras.src.backend.common.dtypes")
        promotion.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    ones = keras.ops.convert_to_tensor(np.ones((2, 2), "float64"))
    return all("float64" in str(f(ones, ones).dtype) for f in (keras.ops.add, keras.ops.matmul))


def of_tensors(keras: Any, name: str) -> Any:
    """A function on tensors by the name that Keras 3 has for it; Keras 2 has none, but TensorFlow the same names."""
    if hasattr(keras, "ops"):
        return getattr(keras.ops, name)
    import tensorflow as tf

    found = [getattr(room, name) for room in (tf.experimental.numpy, tf.nn, tf) if hasattr(room, name)]
    if not found:
        raise NoOperation(f"the operation {name} cannot be run in a proof")
    return found[0]


def nest(keras: Any) -> Any:
    """The functions on structures of tensors, of Keras 3.2 or else of TensorFlow."""
    return keras.tree if hasattr(keras, "tree") else importlib.import_module("tensorflow").nest


def array(keras: Any, tensor: Any) -> Array:
    """A tensor as an array."""
    import numpy as np

    return np.asarray(keras.ops.convert_to_numpy(tensor) if hasattr(keras, "ops") else tensor)


def rewind(side: Any) -> None:
    """Random generators and layers that go on from batch to batch back to where they were, as ``side.states`` says."""
    if side.generation == 2:
        importlib.import_module("tensorflow").random.set_seed(11)
        side.model.reset_states()
    for variable, state in side.states:
        variable.assign(state)


def tensors_in(variables: Iterable[Any]) -> list[Any]:
    """The framework's own tensors in variables; those of Keras 2 are their own."""
    return [v if callable(v.value) else v.value for v in variables]


def call(side: Any, values: Sequence[Any], inputs: Any, training: bool) -> Any:
    """Outputs, losses of the layers, and what variables become; ``values`` stand for the model's variables.

    A model of Keras 2 reads its variables itself, and has moved them when it returns.
    """
    model = side.model
    if side.generation == 2:
        return model(inputs, training=training), model.losses, []
    mapping = list(zip(side.variables, values, strict=True))
    with side.keras.StatelessScope(state_mapping=mapping, collect_losses=True) as scope:
        outputs, losses = model.call(inputs, training=training), model.losses
    return outputs, losses, [scope.get_current_value(v) for v in side.variables if not v.trainable]


def traced(side: Any, function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """A function of the variables' tensors and of others, compiled; TensorFlow's reads the variables itself."""
    if side.framework == "jax":
        import jax

        return jax.jit(function)  # type: ignore[no-any-return]
    if side.framework != "tensorflow":
        return function
    import tensorflow as tf

    own = tf.function(lambda *given: function(tensors_in(side.variables), *given), **options)
    return lambda _, *given: own(*given)


def _tensorflow(function: Function, given: Sequence[Any]) -> tuple[Any, list[Any]]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(given)
        number, rest = function(given)
    found = tape.gradient(number, given, unconnected_gradients="zero")
    return rest, [tf.convert_to_tensor(gradient) for gradient in found]  # embeddings give lists of rows


def _jax(function: Function, given: Sequence[Any]) -> tuple[Any, list[Any]]:
    import jax

    (_, rest), found = jax.value_and_grad(function, has_aux=True)(list(given))
    return rest, list(found)


def _torch(function: Function, given: Sequence[Any]) -> tuple[Any, list[Any]]:
    import torch

    leaves = [value.detach().clone().requires_grad_() for value in given]
    number, rest = function(leaves)
    if not number.requires_grad:
        return rest, [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(number, leaves, allow_unused=True, materialize_grads=True)
    return rest, list(found)


GRADIENTS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
