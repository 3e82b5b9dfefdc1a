"""What is not run unless the user asks for all: training, weights from disk, data. It answers with ``Inert``.

An inert value stands for anything; where the program needs a number of it, one is drawn and noted. It never
becomes part of a model: handing it a tensor or a layer is an error.
"""

from __future__ import annotations

import dis
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

SIZES = (12, 7, 9, 10, 5, 11, 8, 6)  # numbers that are drawn, in turn
UNPACK = dis.opmap["UNPACK_SEQUENCE"]


class NotRun(TypeError):
    """A model depends on something that is not run."""


class Draws:
    """The numbers that were drawn, by what they stand for."""

    def __init__(self, sizes: Sequence[int] = SIZES) -> None:
        self.sizes = tuple(sizes) or SIZES
        self.made: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The same number for the same thing."""
        return self.made.setdefault(name, self.sizes[len(self.made) % len(self.sizes)])


def _unpacked() -> int | None:
    """How many values the program is about to unpack; None where it iterates."""
    frame = sys._getframe(2)
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at + 1] if code[at] == UNPACK else None


class Inert:
    """Something that was not run. Attributes, items and results of it are inert as well."""

    _name: str
    _draws: Draws

    def __init__(self, name: str, draws: Draws) -> None:
        self.__dict__.update(_name=name, _draws=draws)

    def _part(self, text: str) -> Inert:
        return Inert(f"{self._name}{text}", self._draws)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Sizes(f"{self._name}.shape", self._draws) if name == "shape" else self._part(f".{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Inert:
        """Inert again. Raises NotRun for tensors and layers."""
        if any(_is_symbolic(value) for value in (*args, *kwargs.values())):
            raise NotRun(f"{self._name} is not run, but the model needs it (--run-all runs everything)")
        return self._part("()")

    def __getitem__(self, index: Any) -> Inert:
        return self._part(f"[{index!r}]" if isinstance(index, (int, str)) else "[...]")

    def __setitem__(self, index: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Inert]:
        count = _unpacked()
        return iter([self[i] for i in range(count)] if count else [])

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __len__(self) -> int:
        return self._draws.number(f"len({self._name})")

    def __int__(self) -> int:
        return self._draws.number(self._name)

    __index__ = __int__

    def __float__(self) -> float:
        return float(int(self))

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return self._name

    def __fspath__(self) -> str:
        return "inert"

    def _with(self, *others: Any) -> Inert:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _with
    __floordiv__ = __mod__ = __pow__ = __neg__ = __and__ = __or__ = __invert__ = __matmul__ = _with
    __lt__ = __le__ = __gt__ = __ge__ = _with


class Sizes:
    """The shape of something inert: two axes unless the program says how many it wants."""

    def __init__(self, name: str, draws: Draws) -> None:
        self._name, self._draws = name, draws

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(2)))
        return self._draws.number(f"{self._name}[{index}]")

    def __iter__(self) -> Iterator[int]:
        return iter([self[i] for i in range(_unpacked() or 2)])

    def __len__(self) -> int:
        return 2


def _is_symbolic(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_is_symbolic, value))
    return type(value).__name__ == "KerasTensor" or hasattr(value, "_inbound_nodes")


# --- Keras -------------------------------------------------------------------------------------------------

TRAINING = (
    "fit", "fit_generator", "evaluate", "evaluate_generator", "predict", "predict_generator", "train_on_batch",
    "test_on_batch", "predict_on_batch", "save", "save_weights", "export",
)  # fmt: skip
FILES = (
    "get_file", "plot_model", "image_dataset_from_directory", "text_dataset_from_directory",
    "audio_dataset_from_directory", "timeseries_dataset_from_array", "load_img",
)  # fmt: skip
DATA = {
    "mnist": ((28, 28), ()), "fashion_mnist": ((28, 28), ()), "cifar10": ((32, 32, 3), (1,)),
    "cifar100": ((32, 32, 3), (1,)), "boston_housing": ((13,), ()), "california_housing": ((8,), ()),
}  # fmt: skip
EXAMPLES = 16


def quieten(keras: Any, draws: Draws) -> None:
    """Makes training, weights from disk and data of this Keras inert."""

    def inert(name: str) -> Any:
        return lambda *_args, **_kwargs: Inert(f"{name}()", draws)

    for name in (n for n in TRAINING if hasattr(keras.Model, n)):
        setattr(keras.Model, name, inert(name))
    keras.Model.load_weights = lambda *_args, **_kwargs: None
    for place in (keras.utils, *(m for m in _modules(keras, "file_utils", "data_utils"))):
        for name in (n for n in FILES if hasattr(place, n)):
            setattr(place, name, inert(name))
    for name, (x, y) in DATA.items():
        found = getattr(keras.datasets, name, None)
        if found is not None:
            found.load_data = _loader(x, y)
    for name in ("imdb", "reuters"):
        found = getattr(keras.datasets, name, None)
        if found is not None:
            found.load_data = inert(f"{name}.load_data")


def _modules(keras: Any, *names: str) -> list[ModuleType]:
    """Keras's own modules that hold the functions under their first name."""
    places = [f"{keras.__name__}.src.utils.{name}" for name in names]
    return [sys.modules[place] for place in places if place in sys.modules]


def _loader(x: tuple[int, ...], y: tuple[int, ...]) -> Any:
    """Arrays of zeros in the shapes of the real data, but few."""
    import numpy as np

    def pair() -> tuple[Any, Any]:
        return np.zeros((EXAMPLES, *x), "uint8"), np.zeros((EXAMPLES, *y), "uint8")

    return lambda *_args, **_kwargs: (pair(), pair())


# --- other packages ----------------------------------------------------------------------------------------

READERS = {
    "numpy": ("load", "loadtxt", "genfromtxt", "fromfile"),
    "pandas": ("read_csv", "read_excel", "read_json", "read_pickle", "read_table", "read_hdf", "read_parquet"),
}
# What programs load, clean and draw data with. Where one is missing, it is inert: no model is made of it.
DATA_PACKAGES = frozenset(
    {
        "pandas", "matplotlib", "seaborn", "sklearn", "scipy", "cv2", "PIL", "tqdm", "h5py", "skimage", "imageio",
        "tensorflow_datasets", "nltk", "librosa", "wandb", "plotly", "joblib", "mlflow", "datasets", "imblearn",
    }
)  # fmt: skip


class _InertModule(ModuleType):
    """A package that is not installed."""

    def __init__(self, name: str, draws: Draws) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self._draws = draws

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert(f"{self.__name__}.{name}", self._draws)


class Missing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands last among the finders: gives data packages that are not installed, to the user's source only."""

    def __init__(self, draws: Draws, is_users: Any) -> None:
        self.draws, self.is_users = draws, is_users
        self.stood_in: list[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """A data package that nobody else has found."""
        top = name.partition(".")[0]
        if top not in DATA_PACKAGES or (top == name and not self._asked_by_user()):
            return None
        if top != name and top not in self.stood_in:
            return None
        if top == name:
            self.stood_in.append(name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def _asked_by_user(self) -> bool:
        frame: Any = sys._getframe(2)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        return frame is not None and bool(self.is_users(frame.f_code.co_filename))

    def create_module(self, spec: Any) -> ModuleType:
        """A package of inert things."""
        return _InertModule(spec.name, self.draws)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def without_data(draws: Draws, is_users: Any) -> Missing:
    """Readers of data become inert, missing data packages too."""
    missing = Missing(draws, is_users)
    sys.meta_path.append(missing)
    for package, names in READERS.items():
        try:
            module = importlib.import_module(package)
        except ImportError:
            continue
        for name in (n for n in names if hasattr(module, n)):
            setattr(module, name, _reader(f"{package}.{name}", getattr(module, name), draws, is_users))
    return missing


def _reader(name: str, really: Any, draws: Draws, is_users: Any) -> Any:
    """Inert for the user's source; libraries read their own files."""

    def read(*args: Any, **kwargs: Any) -> Any:
        if is_users(sys._getframe(1).f_code.co_filename):
            return Inert(f"{name}()", draws)
        return really(*args, **kwargs)

    return read
