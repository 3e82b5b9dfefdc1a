"""scikit-learn: the documented shapes of its data sets, what it makes of others; gym: those of its environments."""

from __future__ import annotations

from dataclasses import dataclass

from kerlint.evaluate.known.arrays import shape_of
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.mutation import sizes
from kerlint.evaluate.registry import FUNCTIONS, function, method
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Array, Call, Class, Instance, Open, Value
from kerlint.evaluate.words import words

Shape = tuple[int, ...]
# Name -> attributes of the bunch that it gives. Rows may be left out by an argument, columns may not.
LOADED: dict[str, dict[str, Shape]] = {
    "load_iris": {"data": (150, 4), "target": (150,)}, "load_wine": {"data": (178, 13), "target": (178,)},
    "load_boston": {"data": (506, 13), "target": (506,)}, "load_diabetes": {"data": (442, 10), "target": (442,)},
    "load_breast_cancer": {"data": (569, 30), "target": (569,)},
    "load_digits": {"data": (1797, 64), "target": (1797,), "images": (1797, 8, 8)},
    "fetch_california_housing": {"data": (20640, 8), "target": (20640,)},
    "fetch_olivetti_faces": {"data": (400, 4096), "target": (400,), "images": (400, 64, 64)},
}  # fmt: skip
# Name -> how many features it draws if nothing is said; None: always two.
FEATURES = {"make_blobs": 2, "make_classification": 20, "make_regression": 100}
DRAWN: dict[str, int | None] = {"make_circles": None, "make_moons": None, **FEATURES}
ROWS = ("n_class", "subset")  # arguments that leave rows out
# Name of an environment, whatever its version -> shape of an observation, of an action, number of actions.
ENVIRONMENTS: dict[str, tuple[Shape, Shape, int | None]] = {
    "CartPole": ((4,), (), 2), "MountainCar": ((2,), (), 3), "Acrobot": ((6,), (), 3), "Pendulum": ((3,), (1,), None),
    "MountainCarContinuous": ((2,), (1,), None),
}  # fmt: skip


@function("gym.make", "gymnasium.make")
def _environment(run: Run, c: Call) -> Value:
    name = c.get(0, "id")
    known = ENVIRONMENTS.get(name.rpartition("-v")[0]) if isinstance(name, str) else None
    if known is None or not c.kwargs.keys() <= {"id", "render_mode"}:
        return run.fresh("gym.make()", c.frame.source.text(c.node), f"what the environment is (line {c.line})")
    observed, acted, number = known
    spaces: dict[str, dict[str, Value]] = {"observation_space": {"shape": observed}, "action_space": {"shape": acted}}
    if number is not None:
        spaces["action_space"]["n"] = number
    why = f"what the environment is besides (line {c.line})"
    made = {k: Instance(Class("Space", (), {}, c.frame), v, unknown=why) for k, v in spaces.items()}
    return Instance(Class("Env", (), {}, c.frame), made, unknown=why)


@function(*(f"sklearn.datasets.{name}" for name in LOADED))
def _loaded(run: Run, c: Call) -> Value:
    arrays = {key: Array(_rows(run, c, shape)) for key, shape in LOADED[c.name].items()}
    if c.kwargs.get("return_X_y") is True:
        return arrays["data"], arrays["target"]
    found = Instance(Class("Bunch", (), {}, c.frame), dict(arrays))
    found.unknown = f"what the data set holds besides (line {c.line})"
    return found if c.kwargs.get("return_X_y", False) is False else unknown(run, c)


def _rows(run: Run, c: Call, shape: Shape) -> tuple[Value, ...]:
    if not c.args and not any(k in c.kwargs for k in (*ROWS, "**")):
        return shape
    return (run.fresh("rows", "rows", f"the number of rows is not known (line {c.line})"), *shape[1:])


@function(*(f"sklearn.datasets.{name}" for name in DRAWN))
def _drawn(run: Run, c: Call) -> Value:
    rows, features = c.get(0, "n_samples", 100), DRAWN[c.name]
    columns = 2 if features is None else c.get(1, "n_features", features)
    if not isinstance(rows, int):
        rows = run.fresh("rows", "rows", f"the number of rows is not known (line {c.line})")
    if "**" in c.kwargs or not isinstance(columns, (int, Open)):
        return unknown(run, c)
    if c.name == "make_regression" and c.kwargs.get("n_targets", 1) != 1:
        return Array((rows, columns)), unknown(run, c)
    return Array((rows, columns)), Array((rows,), "int64")


@dataclass(slots=True, eq=False)
class Scaler:
    """Something that changes the numbers of data, and perhaps how many columns there are: always two axes then."""

    kind: str
    columns: Value = None  # how many it makes; None: as many as there were


SCALERS = words("""
    StandardScaler MinMaxScaler MaxAbsScaler RobustScaler Normalizer QuantileTransformer PowerTransformer
""")
MAKERS = words("""
    compose.ColumnTransformer compose.make_column_transformer decomposition.PCA decomposition.TruncatedSVD
    preprocessing.OneHotEncoder preprocessing.PolynomialFeatures feature_selection.SelectKBest
    feature_extraction.text.CountVectorizer feature_extraction.text.TfidfVectorizer
""")


for _name in (*SCALERS, "data.StandardScaler"):
    FUNCTIONS[f"sklearn.preprocessing.{_name}"] = lambda _run, c: Scaler(c.name)


@function(*(f"sklearn.{name}" for name in MAKERS))
def _column_maker(run: Run, c: Call) -> Value:
    wanted = c.get(0, "n_components") if "decomposition" in c.written else None
    return Scaler(c.name, wanted if type(wanted) is int else run.fresh(c.name, c.name, "it is not fitted"))


@method(Scaler, "fit", "partial_fit")
def _fit(run: Run, scaler: Scaler, c: Call) -> Value:
    if isinstance(scaler.columns, Open):
        scaler.columns = sizes(run, c.frame.source.text(c.node), 2)[1]
    return scaler


@method(Scaler, "transform", "fit_transform", "inverse_transform")
def _transform(run: Run, scaler: Scaler, c: Call) -> Value:
    if scaler.columns is None:
        return _scaled(run, c)
    if c.name == "inverse_transform":
        return unknown(run, c)
    if c.name == "fit_transform":
        _fit(run, scaler, c)
    return Array((sizes(run, c.frame.source.text(c.node), 1)[0], scaler.columns))


@function(*(f"sklearn.preprocessing.{name}" for name in words("scale minmax_scale normalize maxabs_scale")))
def _scaled(run: Run, c: Call) -> Value:
    """Data of the same shape: what is unknown has the same unknown sizes."""
    data = c.get(0, "X")
    if isinstance(data, Open):
        return data
    shape = shape_of(run, data)
    return unknown(run, c) if shape is None else Array(shape)
