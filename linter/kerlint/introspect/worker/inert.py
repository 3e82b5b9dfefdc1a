"""What is not run unless the user asks for all: training, weights from disk, data. It answers with ``Inert``.

An inert value stands for anything; where the program needs a number of it, one is drawn and noted. It never
becomes part of a model: handing it a tensor or a layer is an error.
"""

from __future__ import annotations

import contextlib
import dis
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SIZES = (12, 7, 9, 10, 5, 11, 8, 6)  # numbers that are drawn, in turn
# Names of what is inert. ``readers`` read data; ``sifters`` count only where a file is not there, or what they are
# given is inert already. ``packages`` load, clean and draw data: where one is missing, no model is made of it;
# ``plots`` are inert also where they are installed. ``datasets``: how many examples, the shapes of one and of its
# label, classes. ``gone``: modules of Keras 2's first years; ``idle``: functions of then that make no layers.
TABLES: dict[str, Any] = json.loads(Path(__file__).with_name("tables.json").read_bytes())
COLUMNS = re.compile(r"\[\[('[^']*'(?:, '[^']*')*)\]\](?:\.(?:values|copy\(\)|to_numpy\(\)))*\.shape$")  # by name
UNPACK = dis.opmap["UNPACK_SEQUENCE"]


class NotRun(TypeError):
    """A model depends on something that is not run."""


class Draws:
    """The numbers that were drawn, by what they stand for, and the files for which something inert stands."""

    def __init__(self, sizes: Sequence[int] = SIZES) -> None:
        self.sizes = tuple(sizes) or SIZES
        self.made: dict[str, int] = {}
        self.files: dict[str, str] = {}  # with the reason
        self.readers: frozenset[str] = frozenset()  # functions that read the file they are given

    def number(self, name: str) -> int:
        """The same number for the same thing."""
        return self.made.setdefault(name, self.sizes[len(self.made) % len(self.sizes)])

    def instead(self, file: object, name: str) -> Inert:
        """What stands for a file's content."""
        if isinstance(file, (str, os.PathLike)) and not isinstance(file, Inert):
            there = os.path.exists(file) or "://" in str(file)
            self.files.setdefault(os.fspath(file), "not read" if there else "not there")
        return Inert(name, self)

    @property
    def told(self) -> str:
        """What a program that fails may have failed of."""
        said = ", ".join(f"{file} ({why})" for file, why in self.files.items())
        return f"; it ran without {said}: only --run-all reads, trains and saves" if said else ""


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

    def __call__(self, *args: Any, **kwargs: Any) -> Inert:
        """Inert again. Raises NotRun for tensors and layers."""
        if any(_is_symbolic(value) for value in (*args, *kwargs.values())):
            raise NotRun(f"{self._name} is not run, but the model needs it (--run-all runs everything)")
        read = args[0] if args and self._name in self._draws.readers else None
        return self._draws.instead(read, f"{self._name}()")

    def __getitem__(self, index: Any) -> Inert:
        return self._part(f"[{index!r}]" if isinstance(index, (int, str, list)) else "[...]")

    def __iter__(self) -> Iterator[Inert]:
        return iter([self[i] for i in range(_unpacked() or len(self))])

    def __next__(self) -> Inert:
        return self._part("[...]")

    def __contains__(self, item: Any) -> bool:
        return False

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Zeros with two axes, as ``shape`` says; a column has one."""
        import numpy as np

        return np.zeros(len(self) if self._name.endswith("']") else self.shape[:], dtype)

    def __len__(self) -> int:
        return self._draws.number(f"len({self._name})")

    def __int__(self) -> int:
        return self._draws.number(self._name)

    __index__ = __int__

    def __float__(self) -> float:
        return float(int(self))

    def __bool__(self) -> bool:
        return True

    def __repr__(self, _form: str = "") -> str:
        return self._name

    __format__ = __repr__

    def __fspath__(self) -> str:
        return "inert"

    __setattr__ = __setitem__ = __exit__ = lambda _self, *_given: None

    def _with(self, *others: Any) -> Inert:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _with
    __floordiv__ = __mod__ = __pow__ = __rpow__ = __matmul__ = __neg__ = __abs__ = __round__ = __invert__ = _with
    __and__ = __or__ = __lt__ = __le__ = __gt__ = __ge__ = __enter__ = _with


class Sizes:
    """The shape of something inert: two axes unless the program says how many it wants."""

    def __init__(self, name: str, draws: Draws) -> None:
        self._name, self._draws = name, draws

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(2)))
        if index in (1, -1) and (chosen := COLUMNS.search(self._name)):
            return chosen[1].count("'") // 2
        return self._draws.number(f"{self._name}[{index}]")

    def __iter__(self) -> Iterator[int]:
        return iter([self[i] for i in range(_unpacked() or 2)])

    def __len__(self) -> int:
        return 2


def _is_symbolic(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_is_symbolic, value))
    if isinstance(value, Inert):
        return False
    return type(value).__name__ == "KerasTensor" or hasattr(value, "_inbound_nodes")


# --- Keras -------------------------------------------------------------------------------------------------

TRAINED = "_kerlint_trained"  # an attribute of a model that the program trains


def quieten(keras: Any, draws: Draws, others: dict[int, Any]) -> None:
    """Makes training, weights from disk and data of this Keras inert; ``others`` stand for functions, by identity."""

    def inert(name: str) -> Any:
        return lambda *_args, **_kwargs: Inert(f"{name}()", draws)

    _untrained(keras, draws)
    for place in (keras.utils, keras.preprocessing, keras.preprocessing.image):
        others |= {id(getattr(place, n)): inert(n) for n in TABLES["files"] if hasattr(place, n)}
    generator = getattr(keras.preprocessing.image, "ImageDataGenerator", None)
    for name in (n for n in TABLES["flows"] if hasattr(generator, n)):
        setattr(generator, name, inert(name))
    for name, shapes in TABLES["datasets"].items():
        found = getattr(keras.datasets, name, None)
        if found is not None:
            others[id(found.load_data)] = _loader(*shapes)
            if hasattr(found, "get_word_index"):
                others[id(found.get_word_index)] = inert(f"{name}.get_word_index")
    for module in [m for n, m in sys.modules.items() if n.partition(".")[0] == keras.__package__]:
        for name in [n for n, value in vars(module).items() if id(value) in others]:
            setattr(module, name, others[id(vars(module)[name])])  # Keras has its functions under several names


def _untrained(keras: Any, draws: Draws) -> None:
    """Models are neither trained nor asked nor kept, and take no inert weights."""

    def training(name: str) -> Any:
        def fed(model: Any, *args: Any, **kwargs: Any) -> Any:
            _build(keras, model, args[0] if args else kwargs.get("x"))
            if name in ("fit", "fit_generator", "train_on_batch"):
                vars(model)[TRAINED] = True
            return Inert(f"{name}()", draws)

        return fed

    def own(cls: Any, /, **options: Any) -> None:
        """What a class of the program's writes itself of this is inert, too."""
        super(keras.Model, cls).__init_subclass__(**options)
        for name in (n for n in TABLES["training"] if n in vars(cls)):
            setattr(cls, name, training(name))

    keras.Model.__init_subclass__ = classmethod(own)
    for name in (n for n in TABLES["training"] if hasattr(keras.Model, n)):
        setattr(keras.Model, name, training(name))
    keras.Model.load_weights = lambda *_args, **_kwargs: None
    real = keras.layers.Layer.set_weights

    def told(layer: Any, weights: Any) -> None:
        if not any(isinstance(value, Inert) for value in (weights, *(weights if isinstance(weights, list) else ()))):
            real(layer, weights)

    keras.layers.Layer.set_weights = told


def _build(keras: Any, model: Any, data: Any) -> None:
    """A model that waits for data to know its input's shape gets the shape of what it is trained with."""
    import numpy as np

    data = getattr(data, "element_spec", data)  # of a tf.data.Dataset
    data = data[0] if isinstance(data, tuple) and data else data
    shape = getattr(data, "shape", None)
    if model.built or shape is None or isinstance(data, Inert):
        return
    if isinstance(model, keras.Sequential):
        model.build((None, *shape[1:]))
    else:
        with contextlib.suppress(Exception):  # its own train_step need not call it so, or at all
            model(np.zeros((1, *shape[1:]), "float32"))


def _loader(examples: tuple[int, int], x: tuple[int, ...] | None, y: tuple[int, ...], classes: int) -> Any:
    """Arrays of zeros in the shapes of the real data, with labels of every class."""
    import numpy as np

    def pair(count: int) -> tuple[Any, Any]:
        labels = np.resize(np.arange(classes, dtype="uint8"), (count, *y))
        if x is not None:
            return np.zeros((count, *x), "uint8"), labels
        words = np.empty(count, object)
        words[:] = [[1, 2, 3 + i % 7] for i in range(count)]
        return words, labels

    return lambda *_args, **_kwargs: tuple(map(pair, examples))
