"""What KER4 fixes builds the same model: the file as it was, read as Keras 1 and 2 read it, against Keras 3.

The old file runs on tf_keras behind a shim that is written from Keras 1.2.2's signatures and knows nothing of
kerlint's tables; the fixed one runs on Keras 3. The weights of the first are copied into the second.
"""

from __future__ import annotations

import builtins
import importlib
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.harness import FIXTURES, fixed, source, text_of

pytestmark = pytest.mark.keras

# Keras 1.2.2: positional arguments of the classes that the fixtures use, and what tf_keras calls each one.
CONVOLUTION = "nb_filter nb_row nb_col init activation weights border_mode subsample dim_ordering"
POSITIONAL = {
    "Convolution2D": CONVOLUTION,
    "AtrousConvolution2D": "nb_filter nb_row nb_col init activation weights border_mode subsample atrous_rate",
    "Dense": "output_dim init activation weights W_regularizer b_regularizer",
}
CLASSES = {"Convolution2D": "Conv2D", "AtrousConvolution2D": "Conv2D", "maxnorm": "MaxNorm"}
NAMES = {
    "nb_filter": "filters", "filter_length": "kernel_size", "output_dim": "units", "init": "kernel_initializer",
    "border_mode": "padding", "subsample": "strides", "subsample_length": "strides", "dim_ordering": "data_format",
    "atrous_rate": "dilation_rate", "bias": "use_bias", "W_regularizer": "kernel_regularizer",
    "b_constraint": "bias_constraint", "inner_activation": "recurrent_activation", "p": "rate",
    "forget_bias_init": "unit_forget_bias", "dropout_W": "dropout", "input": "inputs", "output": "outputs", "m": "max_value",
    "W_constraint": "kernel_constraint",
}  # fmt: skip
VALUES = {"tf": "channels_last", "th": "channels_first", "one": True}
MERGED = {"concat": "concatenate", "sum": "add", "mul": "multiply"}


def old_call(name: str, modern: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """A constructor as Keras 1 read it, with tf_keras's class."""
    known = POSITIONAL.get(name, "").split()
    old_words = any(k in NAMES for k in kwargs) or len(args) > 2
    given = dict(kwargs)
    if known and old_words:
        given |= dict(zip(known, args, strict=False))
        args = ()
    if "nb_row" in given:
        given["kernel_size"] = (given.pop("nb_row"), given.pop("nb_col"))
    given.pop("consume_less", None)
    if given.get("mode") == 0:
        del given["mode"]
    if name == "Embedding" and "W_regularizer" in given:
        given["embeddings_regularizer"] = given.pop("W_regularizer")
    if name == "Dense" and "units" in given and "output_dim" in given:
        raise TypeError("output_dim twice")
    made = modern(*args, **{NAMES.get(k, k): VALUES.get(v, v) if isinstance(v, str) else v for k, v in given.items()})
    if hasattr(made, "fit"):
        fit = made.fit
        made.fit = lambda *data, nb_epoch=10, **options: fit(*data, epochs=nb_epoch, **options)
    return made


def merge(inputs: Any, mode: str = "sum", concat_axis: int = -1, name: str | None = None) -> Any:
    """Keras 1's function."""
    layers = importlib.import_module("tf_keras").layers
    extra = {"axis": concat_axis} if mode == "concat" else {}
    return getattr(layers, MERGED[mode])(inputs, name=name, **extra)


class Old(types.ModuleType):
    """A module of Keras 1 or 2: wherever a name is asked for, it is found."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        keras = importlib.import_module("tf_keras")
        if name == "merge":
            return merge
        homes = (keras.layers, keras.models, keras, keras.utils, keras.regularizers, keras.constraints)
        for home in (*homes, keras.optimizers.legacy):
            modern = getattr(home, CLASSES.get(name, name), None)
            if isinstance(modern, type):
                wrapped = types.FunctionType(_called.__code__, {"old_call": old_call, "NAME": name, "MODERN": modern})
                return modern if name == "Layer" else wrapped
            if modern is not None and not isinstance(modern, types.ModuleType):
                return modern
        return Old(name)


def _called(*args: Any, **kwargs: Any) -> Any:
    return old_call(NAME, MODERN, args, kwargs)  # type: ignore[name-defined]  # noqa: F821


def run(text: str, path: Path, *, old: bool) -> dict[str, Any]:
    """Execute a file; the old one sees Keras 1."""

    def imported(name: str, *rest: Any) -> Any:
        mine = old and name.partition(".")[0] in ("keras", "tensorflow")
        return Old(name) if mine else builtins.__import__(name, *rest)

    space: dict[str, Any] = {"__builtins__": {**vars(builtins), "__import__": imported}, "__name__": "run"}
    exec(compile(text, str(path), "exec"), space)
    return space


CASES = {
    "renamed-argument/classifier.py": ["model"],
    "renamed-argument/sequences.py": ["tagger(50, 6)", "forecast(10, 3)", "waves([4, 8])", "dense"],
    "moved-import/classifier.py": ["model"],
    "moved-import/styles.py": ["build(True)", "build(False)"],
    "removed-layer/merged.py": ["model", "picture(0.4)", "sparse"],
}


@pytest.mark.parametrize("name", CASES)
def test_a_migrated_file_builds_the_same_model(name: str) -> None:
    path = FIXTURES / name
    before = run(source(path), path, old=True)
    again = text_of(fixed(source(path), str(path)))
    assert again != source(path)
    if "ThresholdedReLU(rate)" in again:  # the reader's part: the finding has no fix, and says what to write
        again = again.replace("ThresholdedReLU(rate)", "ReLU(threshold=rate)").replace("ThresholdedReLU, ", "")
    after = run(again, path, old=False)
    for expression in CASES[name]:
        error = compared(eval(expression, before), eval(expression, after))
        assert error < 1e-5, f"{name}: {expression} differs by {error}"


def test_the_comparison_can_fail() -> None:
    """With the kernel's sizes the wrong way round the models differ."""
    path = FIXTURES / "renamed-argument" / "classifier.py"
    wrong = text_of(fixed(source(path), str(path))).replace("(3, 5)", "(5, 3)")
    with pytest.raises((ValueError, AssertionError)):
        assert compared(run(source(path), path, old=True)["model"], run(wrong, path, old=False)["model"]) < 1e-5


TRAINING = """
import numpy as np
from keras.constraints import maxnorm
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD

x, y = np.random.RandomState(5).normal(size=(2, 16, 3))
model = Sequential([Dense(3, input_shape=(3,), init="zero", W_constraint=maxnorm(m=0.3))])
model.compile(SGD(lr=0.2, momentum=0.9, decay=0.0), "mse")
model.fit(x, y, nb_epoch=3, batch_size=4, shuffle=False, verbose=0)
"""


def test_a_migrated_training_ends_in_the_same_model() -> None:
    path = FIXTURES / "renamed-argument" / "some.py"
    again = text_of(fixed(TRAINING, str(path), selected=("renamed-argument", "moved-import")))
    kernels = [run(text, path, old=text is TRAINING)["model"].get_weights()[0] for text in (TRAINING, again)]
    assert 0.29 < np.linalg.norm(kernels[0], axis=0).max() < 0.31, "it is trained, up to what the constraint allows"
    assert np.max(np.abs(kernels[0] - kernels[1])) < 1e-6


def test_hard_sigmoid_is_another_function() -> None:
    """Why a fix is not safe where it stands: the migrated file builds another model."""
    text = (
        "from keras.layers import LSTM\nfrom keras.models import Sequential\n"
        'model = Sequential([LSTM(4, inner_activation="hard_sigmoid", input_shape=(6, 3))])\n'
    )
    path = FIXTURES / "renamed-argument" / "some.py"
    again = text_of(fixed(text, str(path)))
    assert 'recurrent_activation="hard_sigmoid"' in again
    assert compared(run(text, path, old=True)["model"], run(again, path, old=False)["model"]) > 1e-3


def compared(old: Any, new: Any) -> float:
    """The largest difference of outputs on random inputs, the old model's weights in both; they are random."""
    random = np.random.default_rng(3)
    indices = "embedding" in old.layers[0].name
    shapes = [(2, *(d or 20 for d in t.shape[1:])) for t in old.inputs]
    drawn = [random.integers(0, 50, s) if indices else random.normal(size=s).astype("float32") for s in shapes]
    inputs = drawn if len(drawn) > 1 else drawn[0]
    new(inputs)  # builds what declares no input
    old.set_weights([np.abs(random.normal(size=w.shape)).astype("float32") for w in old.get_weights()])
    new.set_weights(old.get_weights())
    results = [m(inputs, training=False) for m in (old, new)]
    pairs = zip(*(r if isinstance(r, (list, tuple)) else [r] for r in results), strict=True)
    return max(float(np.max(np.abs(np.asarray(a) - np.asarray(b)))) for a, b in pairs)
