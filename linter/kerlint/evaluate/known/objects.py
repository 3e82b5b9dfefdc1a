"""Initialisers, regularisers, constraints, optimisers, losses: objects that a layer or compile() is given."""

from __future__ import annotations

from typing import Any

from kerlint.evaluate.apply import argument
from kerlint.evaluate.registry import function
from kerlint.evaluate.spelling import note_names
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call, External, Partial, Value
from kerlint.graph.layer import Object
from kerlint.layers.former import RENAMED

NAMES: dict[str, str] = {
    "initializers": """
        Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal VarianceScaling Orthogonal
        Identity GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform
        glorot_normal glorot_uniform he_normal he_uniform lecun_normal lecun_uniform zeros ones
        constant random_normal random_uniform truncated_normal orthogonal variance_scaling
        """,
    "regularizers": "L1 L2 L1L2 l1 l2 l1_l2 OrthogonalRegularizer",
    "constraints": "MaxNorm NonNeg UnitNorm MinMaxNorm max_norm maxnorm non_neg nonneg unit_norm unitnorm min_max_norm",
    "optimizers": "SGD RMSprop Adam Adagrad Adadelta Adamax Nadam Ftrl AdamW Lion sgd adam rmsprop",
    "losses": """
        CategoricalCrossentropy SparseCategoricalCrossentropy BinaryCrossentropy MeanSquaredError
        MeanAbsoluteError Huber KLDivergence Hinge SquaredHinge CategoricalHinge LogCosh Poisson
        CosineSimilarity MeanAbsolutePercentageError MeanSquaredLogarithmicError BinaryFocalCrossentropy
        CategoricalFocalCrossentropy
        """,
    "metrics": """
        Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy AUC Precision Recall
        Mean MeanSquaredError RootMeanSquaredError MeanAbsoluteError TopKCategoricalAccuracy
        SparseTopKCategoricalAccuracy MeanAbsolutePercentageError MeanSquaredLogarithmicError
        BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy
        """,
}
CLASS = {"sgd": "SGD", "rmsprop": "RMSprop"}  # other old spellings say where the words of the class begin
POSITIONAL: dict[str, tuple[str, ...]] = {
    "L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2"), "MaxNorm": ("max_value",), "Constant": ("value",),
    "RandomNormal": ("mean", "stddev", "seed"), "RandomUniform": ("minval", "maxval", "seed"), "Orthogonal":
    ("gain", "seed"), "TruncatedNormal": ("mean", "stddev", "seed"), "VarianceScaling": ("scale", "mode",
    "distribution", "seed"), "BinaryCrossentropy": ("from_logits", "label_smoothing"), "CategoricalCrossentropy":
    ("from_logits", "label_smoothing"), "SparseCategoricalCrossentropy": ("from_logits",),
    "BinaryFocalCrossentropy": ("apply_class_balancing", "alpha", "gamma", "from_logits"),
    "CategoricalFocalCrossentropy": ("alpha", "gamma", "from_logits"),
}  # fmt: skip
OLD = {"l": "l2", "m": "max_value", "max_value": "max_value"}


def _register(home: str, name: str) -> None:
    today = RENAMED.get(name, name)
    kind = CLASS.get(name) or ("".join(map(str.capitalize, today.split("_"))) if name.islower() else name)
    positional = POSITIONAL.get(kind, ()) if home != "metrics" else ("name",)

    @function(f"keras.{home}.{name}")
    def known(run: Run, c: Call) -> Value:
        if home in ("optimizers", "constraints"):
            note_names(run, c, today)
        names = (*positional, *(f"arg{position}" for position in range(len(positional), len(c.args))))
        given: dict[str, Any] = dict(zip(names, c.args, strict=False))
        given |= {("l1" if k == "l" and kind == "L1" else OLD.get(k, k)): v for k, v in c.kwargs.items() if k != "**"}
        if "**" in c.kwargs and home == "losses":
            given.setdefault("from_logits", run.fresh("**", "**", f"unknown keyword arguments (line {c.line})"))
        return Object(kind, tuple((k, argument(run, k, v)) for k, v in given.items()))


@function("keras.initializers.get", "keras.initializations.get")
def _initializer(run: Run, c: Call) -> Value:
    """What draws the first values of a weight: called with a shape, it gives an array."""
    value = c.get(0, "identifier")
    return value if value is None or isinstance(value, Object) else Partial(External("numpy.zeros"), (), {})


for _home, _names in NAMES.items():
    for _name in _names.split():
        _register(_home, _name)
