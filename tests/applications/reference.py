"""What the installed Keras builds, and what kerlint says it builds: layer by layer, in plain data."""

from __future__ import annotations

import contextlib
import inspect
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kerlint.evaluate.run import evaluate
from kerlint.graph.graph import Model
from kerlint.imports import Imports
from kerlint.report.summary import data_of
from kerlint.text.document import Document

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


class Row(NamedTuple):
    """One layer, or an operation on tensors, in the order of Keras."""

    kind: str
    name: str
    shape: tuple[int | None, ...]
    params: int
    trainable: int


class Facts(NamedTuple):
    """A model: its layers, its totals, and whether kerlint calls it complete."""

    rows: tuple[Row, ...]
    params: int
    trainable: int
    complete: bool = True


def constructors(keras: Any) -> list[str]:
    """The names of all constructors in keras.applications."""
    return [name for name in sorted(dir(keras.applications)) if inspect.isfunction(getattr(keras.applications, name))]


def built(keras: Any, name: str, **arguments: Any) -> Any:
    """The model that Keras builds. No weight gets a value, none is fetched: that is what takes the time."""
    keras.utils.clear_session()
    with keras.StatelessScope(initialize_variables=False), no_weights(keras):
        return getattr(keras.applications, name)(**arguments)


@contextlib.contextmanager
def no_weights(keras: Any) -> Iterator[None]:
    """Within: a model with pretrained weights is built as ever, and what it would fetch and load is not."""
    from keras.src.utils import file_utils

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_utils, "get_file", lambda *_arguments, **_more: "")
        patch.setattr(keras.Model, "load_weights", lambda *_arguments, **_more: None)
        yield


def size(variables: Any) -> int:
    """How many numbers the variables hold."""
    return sum(math.prod(v.shape) for v in variables)


def of_keras(model: Any) -> Facts:
    """The facts of a Keras model."""
    operations = getattr(model, "_operations", None) or model.layers
    rows = tuple(
        Row(
            type(one).__name__,
            one.name,
            tuple(one.output.shape),
            size(getattr(one, "weights", ())),
            size(getattr(one, "trainable_weights", ())),
        )
        for one in operations
    )
    return Facts(rows, size(model.weights), size(model.trainable_weights))


def of_kerlint(model: Model) -> Facts:
    """The facts of a model that kerlint evaluated."""
    data, _ = data_of(Document.of("", ""), model)
    rows = tuple(
        Row(r["class"], r["name"], tuple(r["output_shape"]), r["params"], r["trainable_params"]) for r in data["layers"]
    )
    return Facts(rows, data["total_params"], data["trainable_params"], data["complete"])


def from_source(keras: Any, name: str, call: str) -> list[Model]:
    """The models that the constructor's own source builds, by a call such as ``VGG16(weights=None)``."""
    path = inspect.getsourcefile(getattr(keras.applications, name))
    assert path is not None
    document = Document.parse(Path(path).read_bytes(), path)
    assert isinstance(document, Document)
    evaluation = evaluate(document, load=Imports(), roots=False, call=call)
    contexts = [context for context in evaluation.contexts if context.root == name]
    return [model for context in contexts for model in context.models if model.kind == "Functional"]


def written(arguments: Mapping[str, Any]) -> str:
    """The arguments as a program writes them."""
    return ", ".join(f"{key}={value!r}" for key, value in arguments.items())
