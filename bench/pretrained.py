"""Writes what kerlint knows of keras.applications, out of the installed Keras.

    python bench/pretrained.py [FILE]

Every constructor is run under every combination of the arguments that its layers hang on (top or not, pooling,
pretrained weights, width ...), without giving a weight a value. What comes out is plain data, one JSON text a
constructor in one zip archive: ``linter/kerlint/evaluate/applications.zip``. How it is read stands in
``linter/kerlint/evaluate/pretrained.py``; ``tests/applications`` holds it against the installed Keras.
"""

from __future__ import annotations

import contextlib
import heapq
import inspect
import itertools
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "linter"))
HOME = ROOT / "linter" / "kerlint" / "evaluate" / "applications.zip"

# The arguments that layers may hang on, with the values that are shipped. ``alpha``: those with pretrained weights.
HEADS = ((True, None), (False, None), (False, "avg"), (False, "max"))
WIDTHS = {"MobileNet": (0.25, 0.5, 0.75, 1.0), "MobileNetV2": (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)}
SWITCHES = {"alpha": (1.0, 0.75), "minimalistic": (False, True), "include_preprocessing": (True, False)}
# Values that no constructor has of its own: where one turns up in a layer, the argument went there.
MARKS = {"classes": 1003, "classifier_activation": "selu", "dropout": 0.109375, "dropout_rate": 0.109375}
SIZES = ((224, 225), (231, 237), (193, 262))
# What a layer draws at first, and what changes no shape, count or name.
LEFT_OUT = ("initializer", "regularizer", "constraint", "seed", "data_format", "dtype", "name", "trainable")
PRETRAINED = tuple(range(96, 385))  # sizes that may be the only ones with a pretrained top


@contextlib.contextmanager
def prepared(keras: Any) -> Iterator[tuple[list[Any], list[dict[str, Any]]]]:
    """Within: operations in the order of construction, the calls of obtain_input_shape; nothing is fetched."""
    from keras.src.applications import imagenet_utils
    from keras.src.utils import file_utils

    made: list[Any] = []
    calls: list[dict[str, Any]] = []
    start, obtain = keras.Operation.__init__, imagenet_utils.obtain_input_shape

    def begin(self: Any, *args: Any, **kwargs: Any) -> None:
        made.append(self)
        start(self, *args, **kwargs)

    def shape(*args: Any, **kwargs: Any) -> Any:
        calls.append(inspect.signature(obtain).bind(*args, **kwargs).arguments)
        return obtain(*args, **kwargs)

    with (
        mock.patch.object(keras.Operation, "__init__", begin),
        mock.patch.object(imagenet_utils, "obtain_input_shape", shape),
        mock.patch.object(file_utils, "get_file", lambda *_a, **_k: ""),
        mock.patch.object(keras.Model, "load_weights", lambda *_a, **_k: None),
        keras.StatelessScope(initialize_variables=False),
    ):
        yield made, calls


class Constructor:
    """One constructor: runs of it, and what they have in common."""

    def __init__(self, keras: Any, name: str) -> None:
        self.keras, self.name = keras, name
        self.make = getattr(keras.applications, name)
        self.defaults = {k: p.default for k, p in inspect.signature(self.make).parameters.items()}
        self.minimum: dict[str, Any] = {}
        self.known: dict[str, list[list[Any]]] = {}
        self.free = True  # whether sizes of None give the same layers
        self.channels: int | None = None  # the number of channels, where another one gives other layers
        self.paddings: dict[str, dict[str, Any]] = {}

    def run(self, **arguments: Any) -> tuple[str, list[list[Any]]]:
        """The model's name and its rows."""
        model, rows = self.model(**arguments)
        return model.name, rows

    def model(self, **arguments: Any) -> tuple[Any, list[list[Any]]]:
        """The model and its rows."""
        self.keras.utils.clear_session()
        with prepared(self.keras) as (made, calls):
            model = self.make(**{"weights": None} | arguments)
        if not calls:  # it looks at the size itself: any with a top, but none below 32
            self.minimum = {"default": None, "least": 32}
        for call in calls:
            self.minimum = {"default": call["default_size"], "least": call["min_size"]}
            assert call["require_flatten"] == arguments.get("include_top", True), self.name
            assert call["weights"] == arguments.get("weights"), self.name
        return model, rows_of(self.keras, model, {id(op): n for n, op in enumerate(made)})

    def data(self) -> dict[str, Any]:
        """Everything that is shipped of the constructor."""
        none = self.run()
        default, wide = self.minimum["default"], self.run(include_top=False, input_shape=(96, 96, 3))
        grey = self.run(include_top=False, input_shape=(96, 96, 1))
        self.channels = None if grey[1] == wide[1] else 3
        name = none[0] if none[0] == wide[0] else none[0].replace(str(default), "{rows}")
        assert name.format(rows=96) == wide[0] or "{" not in name, (none[0], wide[0])
        variants: list[list[list[Any]]] = []
        choices = [(values, self.variant(values, variants)) for values in self.combinations()]
        by = [k for k in choices[0][0] if matters(k, choices)]
        select = dict.fromkeys((tuple(values[k] for k in by), index) for values, index in choices)
        return {
            "arguments": self.defaults | {"name": None},
            "name": name if "{" in name or self.defaults.get("name") is None else self.defaults["name"],
            **self.minimum | {"default": default},
            "free": self.free,
            "channels": self.channels,
            "pretrained": self.pretrained(default) if default else [],
            "by": by,
            "select": [[list(values), index] for values, index in select],
            "variants": [shared(variants, n) for n in range(len(variants))],
        }

    def combinations(self) -> Iterator[dict[str, Any]]:
        """Arguments that layers may hang on."""
        switches: dict[str, Any] = {k: v for k, v in SWITCHES.items() if k in self.defaults}
        if self.name in WIDTHS:
            switches["alpha"] = WIDTHS[self.name]
        heads: Any = itertools.product((None, "imagenet"), HEADS)
        for (weights, (top, pooling)), *values in itertools.product(heads, *switches.values()):
            yield {
                "weights": weights,
                "include_top": top,
                "pooling": pooling,
                **dict(zip(switches, values, strict=True)),
            }

    def variant(self, values: dict[str, Any], variants: list[list[list[Any]]]) -> int:
        """The place of the rows that these arguments give; -1 where Keras refuses them."""
        rows = self.filled(values | {"weights": None})
        if values["weights"] is not None:
            bare = values | {"include_top": False, "pooling": None}
            try:
                same = self.rows(bare) == self.rows(bare | {"weights": None})
                rows = rows if same else self.filled(values)
            except ValueError:  # no weights for this width
                return -1
        padding = self.padding(rows, {k: v for k, v in values.items() if k in SWITCHES})
        rows = [
            [*row[:2], row[2] | ({"padding": padding[row[1]]} if row[1] in padding else {}), row[3]] for row in rows
        ]
        if rows not in variants:
            variants.append(rows)
        return variants.index(rows)

    def rows(self, values: dict[str, Any]) -> list[list[Any]]:
        """The rows that arguments give; each is run once."""
        key = json.dumps(values)
        if key not in self.known:
            self.known[key] = self.run(**values)[1]
        return self.known[key]

    def filled(self, values: dict[str, Any]) -> list[list[Any]]:
        """The rows, with the arguments of the constructor that a top takes in their places."""
        rows, plain = self.rows(values), values | {"weights": None}
        if not values["include_top"]:
            return rows
        marks = {k: v for k, v in MARKS.items() if k in self.defaults}
        pairs = zip(self.rows(plain), self.rows(plain | marks), strict=True)
        found = [(tuple(row[:2]), hole(row, other, marks)) for row, other in pairs]
        holes = {key: arguments for key, arguments in found if arguments}
        assert all(sum(key == one for one, _ in found) == 1 for key in holes), holes
        return [[*row[:2], row[2] | holes.get(tuple(row[:2]), {}), row[3]] for row in rows]

    def padding(self, rows: list[list[Any]], switches: dict[str, Any]) -> dict[str, Any]:
        """What ZeroPadding2D adds where that hangs on the size before it: for an even and an odd size."""
        key = json.dumps(switches)
        if key not in self.paddings:
            padded = any(row[0] == "ZeroPadding2D" for row in rows)
            self.paddings[key] = self.measured(switches) if padded else {}
        return self.paddings[key]

    def measured(self, switches: dict[str, Any]) -> dict[str, Any]:
        """The same, from runs on several sizes."""
        runs = [self.model(include_top=False, input_shape=(*size, 3), **switches) for size in SIZES]
        _, free = self.run(include_top=False, input_shape=(None, None, 3), **switches)
        found: dict[str, Any] = {}
        for rows in zip(*(rows for _, rows in runs), strict=True):
            kind, name, _, _ = rows[0]
            if all(row == rows[0] for row in rows):
                continue
            pads: dict[int, Any] = {}
            for row, (model, _) in zip(rows, runs, strict=True):
                for pad, size in zip(row[2]["padding"], model.get_layer(name).input.shape[1:3], strict=True):
                    assert pads.setdefault(size % 2, pad) == pad, rows
            assert kind == "ZeroPadding2D" and sorted(pads) == [0, 1], rows
            found[name] = {"even": pads[0], "odd": pads[1]}
        even = [(r[0], r[1], found[r[1]]["even"] if r[1] in found else r[2], r[3]) for r in runs[0][1]]
        plain = [(r[0], r[1], r[2]["padding"][0] if r[1] in found else r[2], r[3]) for r in free]
        self.free = self.free and even == plain
        return found

    def pretrained(self, default: int) -> list[int]:
        """The sizes that a pretrained top takes."""
        found = []
        for size in sorted({default, *(PRETRAINED[::32] if "alpha" in self.defaults else ())}):
            with contextlib.suppress(ValueError):
                self.run(weights="imagenet", input_shape=(size, size, 3))
                found.append(size)
        return found


def rows_of(keras: Any, model: Any, made: dict[int, int]) -> list[list[Any]]:
    """``[class, name or None, arguments, inputs]`` of each layer, inputs first; ``ops.Add`` is no layer."""
    order = sorted_by_need(model, made)
    place = {id(op): n for n, op in enumerate(order)}
    counts: dict[str, int] = {}
    found = []
    for op in order:
        base = keras.src.utils.naming.to_snake_case(type(op).__name__)
        count = counts.get(base, 0)
        generated = op.name == (f"{base}_{count}" if count else base)
        counts[base] = count + generated
        (node,) = op._inbound_nodes if not isinstance(op, keras.layers.InputLayer) else (None,)
        inputs = [place[id(t._keras_history.operation)] for t in (node.input_tensors if node else ())]
        kind = type(op).__name__ if isinstance(op, keras.layers.Layer) else f"ops.{type(op).__name__}"
        found.append([kind, None if generated else op.name, arguments_of(keras, op, node), inputs])
    return found


def sorted_by_need(model: Any, made: dict[int, int]) -> list[Any]:
    """The operations, inputs before what takes them, otherwise in the order of construction."""
    waits: dict[int, set[int]] = {}
    after: dict[int, list[Any]] = {}
    for op in model._operations:
        before = {t._keras_history.operation for n in op._inbound_nodes for t in n.input_tensors} - {op}
        waits[id(op)] = {id(one) for one in before}
        for one in before:
            after.setdefault(id(one), []).append(op)
    ready = [(made[id(op)], op) for op in model._operations if not waits[id(op)]]
    found = []
    while ready:
        _, op = heapq.heappop(ready)
        found.append(op)
        for later in after.get(id(op), ()):
            waits[id(later)].discard(id(op))
            if not waits[id(later)]:
                heapq.heappush(ready, (made[id(later)], later))
    assert len(found) == len(model._operations)
    return found


def arguments_of(keras: Any, op: Any, node: Any) -> dict[str, Any]:
    """What differs from the defaults, as kerlint's layer table names it."""
    from kerlint.layers.table import TABLE

    if isinstance(op, keras.layers.InputLayer):
        return {}
    if isinstance(op, keras.Sequential):
        inner = [[type(layer).__name__, layer.name, arguments_of(keras, layer, None), []] for layer in op.layers]
        return {"layers": inner}
    if not isinstance(op, keras.layers.Layer):
        left, right = node.arguments.args
        number = next((a for a in (left, right) if isinstance(a, (int, float))), None)
        return {} if number is None else {"constant": number, "reflected": number is left}
    if not type(op).__module__.startswith("keras.src.layers."):
        return {"weights": {w.name: list(w.shape) for w in op.weights}} if op.weights else {}
    config, found = op.get_config(), {}
    for name, default in TABLE[type(op).__name__].signature.items():
        value = plain(config.get(name, default))
        usual = value == plain(default) or (name == "activation" and default is None and value == "linear")
        if name in config and not usual and not name.endswith(LEFT_OUT):
            found[name] = value
    return found


def plain(value: Any) -> Any:
    """The value as JSON has it."""
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) or hasattr(value, "tolist") else value


def hole(row: list[Any], other: list[Any], marks: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a layer that are arguments of the constructor."""
    found = {}
    for key, value in other[2].items():
        if value != row[2].get(key):
            name = next(name for name, mark in marks.items() if value in (mark, [mark]))
            found[key] = [{"argument": name}] if isinstance(value, list) else {"argument": name}
    return found


def matters(key: str, choices: list[tuple[dict[str, Any], int]]) -> bool:
    """Whether any two choices that differ in this argument only have other rows."""
    for values, index in choices:
        for others, at in choices:
            if index != at and all(values[k] == others[k] for k in values if k != key):
                return True
    return False


def shared(variants: list[list[list[Any]]], number: int) -> dict[str, Any]:
    """A variant, written as the beginning of an earlier one and what follows."""
    rows, best = variants[number], (0, 0)
    for earlier, others in enumerate(variants[:number]):
        same = next(
            (n for n, (a, b) in enumerate(zip(rows, others, strict=False)) if a != b), min(len(rows), len(others))
        )
        best = max(best, (same, -earlier))
    return {"like": -best[1], "keep": best[0], "then": rows[best[0] :]}


def write(path: Path) -> None:
    """The archive: the same bytes for the same Keras."""
    import keras

    names = [n for n in sorted(dir(keras.applications)) if inspect.isfunction(getattr(keras.applications, n))]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in names:
            text = json.dumps(Constructor(keras, name).data(), separators=(",", ":"))
            archive.writestr(zipfile.ZipInfo(f"{name}.json"), text, zipfile.ZIP_DEFLATED)
        about = {"keras": keras.__version__, "constructors": names}
        archive.writestr(zipfile.ZipInfo("about.json"), json.dumps(about), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HOME)
