"""Subclassed models followed: call() is run on symbolic tensors, where the layers it applies leave nodes."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from types import SimpleNamespace as Like  # what is to be an input: its arguments
from typing import Any

from ...host.inside.framework import framework_of, nest, words


class Untraced(Exception):
    """What a model's call() does is not known; says why."""


class Calls:
    """What each model was first called with, and the graphs of what their call() does."""

    def __init__(self, keras: Any) -> None:
        self.keras, self.map = keras, nest(keras).map_structure
        self.given: dict[int, tuple[Any, Any, Any]] = {}  # the model, so that it stays one; arguments, those by name
        self.graphs: dict[int, Any] = {}
        self.trained: dict[int, Any] = {}  # the same, with what call() adds to the loss among the outputs
        if hasattr(keras, "Operation") and framework_of(keras) == "tensorflow":
            _take_symbolic_tensors(keras)
        calls = keras.Model.__call__

        def calling(model: Any, *args: Any, **kwargs: Any) -> Any:
            if id(model) not in self.given:
                self.given[id(model)] = model, *self.map(_like, (args, kwargs))
            return calls(model, *args, **kwargs)

        keras.Model.__call__ = calling

    def graph(self, model: Any) -> Any:
        """A functional model of the same layers that does the same; Untraced where there is none."""
        if id(model) not in self.graphs:
            try:
                self.graphs[id(model)] = self._traced(model)
            except Untraced as error:
                self.graphs[id(model)] = error
            except Exception as error:  # of the user's code, or of what takes no symbolic tensors
                self.graphs[id(model)] = Untraced(f"its call() takes no symbolic tensors: {words(error)}")
        return self.graphs[id(model)]

    def _traced(self, model: Any) -> Any:
        built = getattr(model, "_build_shapes_dict", None) or {}
        shapes = [*built.values(), getattr(model, "_build_input_shape", None)]  # of Keras 3 and of Keras 2
        declared = [_declared(shape) for shape in shapes if shape is not None]
        _, args, kwargs = self.given.get(id(model), (model, declared, {}))
        inputs: list[Any] = []

        def entry(value: Any) -> Any:
            if isinstance(value, Like):
                inputs.append(value := self.keras.Input(**vars(value)))
            return value

        kwargs = {name: value for name, value in kwargs.items() if name != "training"}
        args, kwargs = self.map(entry, (args, kwargs))
        if not inputs:
            raise Untraced("it is never called, so that its input's shape is not known")
        training = inspect.signature(model.call).parameters.get("training")
        if training is not None and training.default is inspect.Parameter.empty:
            kwargs["training"] = False
        if not model.built:
            model(*args, **kwargs)
        call = getattr(model.call, "python_function", model.call)  # of a tf.function
        add_loss, added = self.keras.layers.Layer.add_loss, list[Any]()
        self.keras.layers.Layer.add_loss = lambda _, loss, **_kwargs: added.append(loss)  # it refuses symbolic ones
        try:
            graph = self.keras.Model(inputs, call(*args, **kwargs))
        finally:
            self.keras.layers.Layer.add_loss = add_loss
        own = [loss for loss in nest(self.keras).flatten(added) if isinstance(loss, type(inputs[0]))]
        self.trained[id(model)] = self.keras.Model(inputs, [*graph.outputs, *own]) if own else graph
        return graph


def _take_symbolic_tensors(keras: Any) -> None:
    """TensorFlow's functions are operations on symbolic tensors from now on, as those of ``keras.ops`` are."""
    import tensorflow as tf

    outputs = importlib.import_module("keras.src.backend").compute_output_spec

    class Function(keras.Operation):  # type: ignore[misc]
        def __init__(self, function: Callable[..., Any]) -> None:
            super().__init__()
            self.call = function

        def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
            return outputs(self.call, *args, **kwargs)

    class Dispatcher(tf.__internal__.dispatch.GlobalOpDispatcher):  # type: ignore[misc]
        def handle(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
            given = any(isinstance(value, keras.KerasTensor) for value in tf.nest.flatten([args, kwargs]))
            return Function(function)(*args, **kwargs) if given else self.NOT_SUPPORTED

    Dispatcher().register()


def _like(value: Any) -> Any:
    shape, dtype = getattr(value, "shape", None), str(getattr(getattr(value, "dtype", None), "name", ""))
    dtype = dtype or str(getattr(value, "dtype", ""))
    if shape is None or not dtype or len(shape) == 0:
        return value
    return Like(batch_shape=(None, *shape[1:]), dtype=None if "float" in dtype else dtype)


def _declared(shape: Any) -> Any:
    """What has the shapes that a model was built with."""
    if isinstance(shape, dict):
        return {key: _declared(part) for key, part in shape.items()}
    if all(size is None or isinstance(size, int) for size in shape):
        return Like(batch_shape=(None, *shape[1:]))
    return [_declared(part) for part in shape]
