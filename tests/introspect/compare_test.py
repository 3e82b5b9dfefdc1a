"""The graph from source is the one that comes out, where the source claims to be complete."""

from __future__ import annotations

import importlib.util
from importlib.util import find_spec
from pathlib import Path

import pytest

from kerlint.cli.comparing import compare
from kerlint.cli.flags import Flags
from kerlint.cli.sources import Sources
from kerlint.graph.dim import symbol
from kerlint.host.find import Interpreter
from kerlint.introspect.client import Introspection, Wish
from kerlint.introspect.target import parse
from kerlint.introspect.values import configured
from kerlint.layers.table import TABLE
from kerlint.report.comparison import Sizes

pytestmark = pytest.mark.keras
SEEDS = Path(__file__).parents[2] / "fixtures" / "seeds"
KERAS = Path(importlib.util.find_spec("keras").origin or "").parent  # type: ignore[union-attr]

TARGETS = {
    f"{SEEDS}/quake.py": ("model", 143_879),
    f"{SEEDS}/waveforms.py:build_model()": ("build_model", 130_061),
    f"{SEEDS}/waveforms.py:build_model((128, 3))": ("build_model", 125_261),
    f"{SEEDS}/seismogram.py:build_model(hidden=7)": ("build_model", 896_271),
    "keras.applications:ResNet50(weights=None)": ("ResNet50", 25_636_712),
    "keras.applications:MobileNetV2(weights=None, alpha=0.5, classes=7)": ("MobileNetV2", 715_191),
    f"{KERAS}/src/applications/vgg16.py:VGG16(weights=None, include_top=False)": ("VGG16", 14_714_688),
    f"{KERAS}/src/applications/efficientnet.py:EfficientNetB0(weights=None)": ("EfficientNetB0", 5_330_571),
}


@pytest.mark.parametrize("target", TARGETS)
def test_no_difference(target: str, interpreter: Interpreter) -> None:
    sources = Sources(Flags([]), [str(SEEDS)])
    with Introspection(interpreter, parse(target), Wish()) as one:
        rows, text, fine = compare(sources, one.outcome())
    row = rows[-1]
    assert (row["name"], row["params"]) == TARGETS[target]
    assert fine and row["complete"] and row["differences"] == row["table"] == [], text


def test_what_a_symbol_is_follows_from_its_first_formula() -> None:
    """``len(words) + 1`` stands nowhere alone; once it is known, every other formula has to agree."""
    n = symbol("n", "n")
    sizes = Sizes()
    assert sizes.agrees(n * 64 + 64, 16_832)
    assert sizes.agrees(n + 1, 263) and not sizes.agrees(n + 2, 263)
    assert not Sizes().agrees(n * 64 + 64, 16_833)
    assert not Sizes().agrees(n + 5, 3)


BY_CALL = """
import keras
from keras import layers


class Part(layers.Layer):
    def __init__(self, **options):
        super().__init__()
        self.options = options
        self.kept = layers.Dense(4)

    def build(self, shape):
        self.late = layers.Dense(4)

    def call(self, x):
        x = layers.Activation("relu")(layers.Dropout(0.5)(self.late(self.kept(x))))
        return layers.Dense(8, **self.options)(x) if self.options else x


class Told(Part):
    def compute_output_shape(self, shape):
        return (shape[0], 4)


class Net(keras.Model):
    def __init__(self, fresh):
        super().__init__()
        self.part, self.fresh = Part(), fresh

    def call(self, x):
        x = layers.ReLU()(self.part(x))
        return layers.Dense(2)(x) if self.fresh else x


def net(fresh):
    model = Net(fresh)
    model(keras.Input((3,)))
    return model


def around(**options):
    inputs = keras.Input((3,))
    return keras.Model(inputs, layers.Dense(1)(Part(**options)(inputs)))


def told():
    inputs = keras.Input((3,))
    return keras.Model(inputs, layers.Dense(1)(Told()(inputs)))


def traced():
    inputs = keras.Input((3,))
    return keras.Model(inputs, Net(True).call(inputs))
"""
MADE = "is made by call(): Keras counts its weights not at all, or in some versions only"
UNBUILT = "Told has compute_output_shape(): what it holds is built with data only"


@pytest.mark.parametrize(
    ("call", "params", "why"),
    [
        ("net(False)", 36, None),
        ("net(True)", 36, MADE),
        ("around()", 41, None),
        ("around(use_bias=False)", 45, MADE),
        ("told()", 5, UNBUILT),
        ("traced()", 46, None),
    ],
)
def test_what_call_makes_is_no_layer_of_the_model(
    call: str, params: int, why: str | None, interpreter: Interpreter, tmp_path: Path
) -> None:
    """Keras counts what it finds as an attribute; where call() itself is traced, its layers are the graph's."""
    path = tmp_path / "own.py"
    path.write_text(BY_CALL)
    with Introspection(interpreter, parse(f"{path}:{call}"), Wish()) as one:
        rows, text, fine = compare(Sources(Flags([]), [str(tmp_path)]), one.outcome())
    row = rows[-1]
    assert (row["params"], row["complete"], fine) == (params, why is None, True), text
    assert all("unknown in the source" in said for said in row["differences"]), text
    assert why in text if why else row["differences"] == row["unresolved"] == [], text


OF_DATA = """
import keras
from sklearn.model_selection import train_test_split

(x, y), _ = keras.datasets.mnist.load_data()
train, test = train_test_split(x.reshape(60000, 784))

def net(units=4):
    return keras.Sequential([keras.Input((train.shape[1],)), keras.layers.Dense(units)])
"""


def test_data_that_is_made_up_is_not_compared(interpreter: Interpreter, tmp_path: Path) -> None:
    """What the source knows of data is nothing that a number in its place could contradict."""
    path = tmp_path / "data.py"
    path.write_text(OF_DATA)
    with Introspection(interpreter, parse(f"{path}:net()"), Wish()) as one:
        rows, text, fine = compare(Sources(Flags([]), [str(tmp_path)]), one.outcome())
    installed = find_spec("sklearn") is not None  # then the run splits data of the right shape
    assert fine and rows[-1]["complete"] is installed
    assert ("the run is of other data: 12 stands for sklearn" in text) is not installed


SET = """
import keras
x = keras.Input((8, 4))
d, c = keras.layers.Dense(4), keras.layers.Conv1D(4, 3, padding="same")
model = keras.Model(x, c(d(x)))
d.activation = keras.activations.relu
c.dilation_rate = (2,)
"""


@pytest.mark.parametrize("overlooked", [False, True])
def test_arguments_are_compared(
    overlooked: bool, interpreter: Interpreter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where shapes and counts are the same: here it is the evaluation that overlooks what is set."""
    path = tmp_path / "late.py"
    path.write_text(SET)
    if overlooked:
        monkeypatch.setattr("kerlint.evaluate.attributes.alter_layer", lambda *_: None)
    with Introspection(interpreter, parse(str(path)), Wish()) as one:
        (row,), text, fine = compare(Sources(Flags([]), [str(tmp_path)]), one.outcome())
    said = [
        "dense (Dense): activation='linear' in the source, 'relu' in the run",
        "conv1d (Conv1D): dilation_rate=(1,) in the source, (2,) in the run",
    ]
    assert fine is not overlooked, text
    assert all((one in text) is overlooked for one in said) and bool(row["differences"]) is overlooked, text


def test_what_keras_2_calls_otherwise_is_read() -> None:
    """``alpha`` of a LeakyReLU: the default is another one."""
    config = configured(TABLE["LeakyReLU"], {"name": "a", "alpha": 0.2}, 2)
    assert config is not None and config["negative_slope"] == 0.2


ENDS_EARLY = """
import keras

x = keras.Input((4,))
model = keras.Model(x, keras.layers.Dense(3)(x))
model.compile(keras.optimizers.Adam(lr=0.1), "mse")
model.trainable = False
"""


def test_what_trains_is_not_settled_where_the_run_ends_early(interpreter: Interpreter, tmp_path: Path) -> None:
    program = tmp_path / "early.py"
    program.write_text(ENDS_EARLY)
    with Introspection(interpreter, parse(str(program)), Wish(generation=3)) as one:
        (row,), text, fine = compare(Sources(Flags([]), [str(program)]), one.outcome())
    assert fine and row["complete"] and row["params"] == 15, text


NAMED = """
import keras
from keras import layers

same = keras.Sequential([keras.Input((4,)), layers.Dense(3, kernel_initializer="HeNormal"), layers.PReLU()])
adapted = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
adapted.layers[0].enable_lora(2)
"""


def test_names_of_classes_are_names_and_an_adapted_layer_has_other_weights(
    interpreter: Interpreter, tmp_path: Path
) -> None:
    path = tmp_path / "named.py"
    path.write_text(NAMED)
    with Introspection(interpreter, parse(str(path)), Wish()) as one:
        rows, text, fine = compare(Sources(Flags([]), [str(tmp_path)]), one.outcome())
    assert fine and rows[0]["differences"] == [] and not rows[1]["complete"], text
    assert "what weights there are after enable_lora() is not known" in text


UNDECIDED = """
import random
import keras

def layer(n):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(n)])

def either():
    return layer(8 if random.random() > 0.5 else 16)

def neither():
    model = layer(3)
    if random.random() > 0.5:
        print(model.name)
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(9)])
    return model
"""


@pytest.mark.parametrize(("call", "complete"), [("neither", True), ("either", False)])
def test_assumptions_count_where_they_make_another_model(
    call: str, complete: bool, interpreter: Interpreter, tmp_path: Path
) -> None:
    path = tmp_path / "undecided.py"
    path.write_text(UNDECIDED)
    with Introspection(interpreter, parse(f"{path}:{call}()"), Wish()) as one:
        (row,), text, fine = compare(Sources(Flags([]), [str(tmp_path)]), one.outcome())
    assert (row["complete"], row["differences"], fine) == (complete, [], True), text
    assert ("assumed" in text) is not complete


DRAWN = """
import random
import keras

def build(parts=3):
    sizes = [keras.layers.Dense(random.choice([8, 16])) for _ in range(parts)]
    return keras.Sequential([keras.Input((4,)), *sizes])
"""


def test_a_name_that_stands_for_several_sizes_tells_each(interpreter: Interpreter, tmp_path: Path) -> None:
    path = tmp_path / "drawn.py"
    path.write_text(DRAWN)
    with Introspection(interpreter, parse(f"{path}:build"), Wish()) as one:
        outcome = one.outcome()
        (row,), text, fine = compare(Sources(Flags([]), [str(tmp_path)]), outcome)
    ran = [tensor["shape"][-1] for tensor in outcome.data["tensors"] if tensor["shape"][-1] != 4]
    assert fine and row["complete"] and sorted(row["up_to"]["random.choice([8, 16])"]) == sorted(ran), text
