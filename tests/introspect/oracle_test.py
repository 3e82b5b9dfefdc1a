"""Dead entries counted by gradients are those that the rules name, to the entry; sparsity is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kerlint.cli.comparing import dead_weights
from kerlint.cli.flags import Flags
from kerlint.cli.session import Session
from kerlint.cli.sources import Sources
from kerlint.host.find import Interpreter
from kerlint.introspect import client
from kerlint.introspect.client import Introspection, NotIntrospected, Wish
from kerlint.introspect.target import parse

pytestmark = pytest.mark.keras
SEEDS = Path(__file__).parents[2] / "fixtures" / "seeds"


def asked(interpreter: Interpreter, target: str, **wish: Any) -> tuple[list[dict[str, Any]], bool]:
    flags = Flags([target])
    with Introspection(interpreter, parse(target), Wish(**wish)) as one:
        rows, _text, fine = dead_weights(Session(flags, Sources(flags, [str(SEEDS)])), one, one.outcome())
    return rows, fine


def by_weight(row: dict[str, Any]) -> dict[str, int]:
    return {f"{w['layer']}/{w['name']}{w['slices']}": w["dead"] for w in row["weights"]}


@pytest.mark.parametrize("n", [5, 12])
def test_the_quake_seed(n: int, interpreter: Interpreter) -> None:
    (row,), fine = asked(interpreter, str(SEEDS / "quake.py"), sizes=(n,))
    assert by_weight(row) == {
        "lstm/kernel[:, 128:256]": 128 * n,
        "lstm/recurrent_kernel": 65_536,
        "lstm/bias[128:256]": 128,
        "conv1d/kernel[1]": 16_384,
        "conv1d_1/kernel[1]": 10_752,
        "conv1d_2/kernel[1]": 5_376,
    }
    rules = (128 * n + 65_664) + (32_896 - 16_512) + (21_588 - 10_836) + (10_816 - 5_440)
    assert (row["dead"], row["explained"], row["refuted"], fine) == (rules, rules, 0, True)


@pytest.mark.parametrize(
    ("target", "generation", "params"),
    [("seismogram.py:build_model(100)", 3, [1_280_457]), ("waveforms.py", 3, [130_061]), ("stations.py", 2, [400, 40])],
)
def test_the_other_seeds_have_none(target: str, generation: int, params: list[int], interpreter: Interpreter) -> None:
    rows, fine = asked(interpreter, f"{SEEDS}/{target}", generation=generation)
    assert ([row["params"] for row in rows], [row["dead"] for row in rows], fine) == (params, [0] * len(rows), True)


ORDINARY = """
import keras
from keras import layers, ops

words = keras.Input((6,), dtype="int32")
embedded = keras.Model(words, layers.Dense(2)(layers.GlobalAveragePooling1D()(layers.Embedding(900, 3)(words))))
within = keras.Model(words, layers.Dense(1)(embedded(words)))
shifted = keras.Model(words, layers.Flatten()(layers.Embedding(70, 2)(layers.Lambda(lambda t: t // 2)(words))))
padded = keras.Model(words, layers.LSTM(2)(layers.Embedding(9, 3, mask_zero=True)(words)))

x = keras.Input((8,))
narrow = keras.Model(x, layers.Dense(1)(layers.Dropout(0.9)(layers.Dense(40, "relu")(layers.Dense(40, "relu")(x)))))

image = keras.Input((6, 6, 2))
pooled = keras.Model(image, layers.GlobalMaxPooling2D()(layers.BatchNormalization()(layers.Conv2D(4, 3)(image))))

stopped = keras.Model(x, layers.Dense(2)(layers.Lambda(lambda t: ops.stop_gradient(t))(layers.Dense(3)(x))))
"""


@pytest.fixture(scope="module")
def ordinary(interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    path = tmp_path_factory.mktemp("ordinary") / "models.py"
    path.write_text(ORDINARY)
    rows, _fine = asked(interpreter, str(path))
    yield {row["name"]: row for row in rows}


@pytest.mark.parametrize("name", ["embedded", "within", "narrow", "pooled"])
def test_ordinary_sparsity_is_not_dead(name: str, ordinary: dict[str, Any]) -> None:
    """Rows that were not drawn, a relu that is off, a maximum that another position has, 9 of 10 dropped."""
    assert ordinary[name]["weights"] == []


def test_rows_whose_index_is_computed_are_not_judged(ordinary: dict[str, Any]) -> None:
    assert ordinary["shifted"]["weights"] == []
    assert ordinary["shifted"]["uncovered"] == ["embedding_1"]


def test_the_row_of_the_padding_is_dead_by_design(ordinary: dict[str, Any]) -> None:
    (weight,) = ordinary["padded"]["weights"]
    assert (weight["slices"], weight["dead"], weight["explained"], weight["rules"]) == ("[0]", 3, 3, ("mask_zero",))


def test_a_stopped_gradient_is_not_dead(ordinary: dict[str, Any]) -> None:
    assert ordinary["stopped"]["dead"] == 0
    assert [(w["name"], w["matters"]) for w in ordinary["stopped"]["weights"]] == [("kernel", True), ("bias", True)]


CANCELLED = """
import keras
from keras import layers

image = keras.Input((8, 8, 3))
normed = layers.GroupNormalization(-1)(layers.Conv2D(4, 3)(image))
group = keras.Model(image, layers.Dense(1)(layers.GlobalMaxPooling2D()(normed)))

steps = keras.Input((7, 4))
shifted = keras.Model(steps, layers.Softmax(axis=1)(layers.Dense(1)(steps)))
flat = layers.Flatten()(steps)
whole = keras.Model(steps, layers.Softmax()(layers.Dense(5)(flat) + layers.Dense(1)(flat)))

x = y = keras.Input((6,))
for _ in range(40):
    y = layers.Dense(6, "sigmoid")(y)
faint = keras.Model(x, y)

keras.mixed_precision.set_global_policy("mixed_float16")
x = y = keras.Input((6,))
for _ in range(20):
    y = layers.Dense(6, "sigmoid")(y)
half = keras.Model(x, y)
"""


def measured(interpreter: Interpreter, folders: pytest.TempPathFactory, source: str, **wish: Any) -> dict[str, Any]:
    path = folders.mktemp("models") / "models.py"
    path.write_text(source)
    rows, _fine = asked(interpreter, str(path), **wish)
    return {row["name"]: row for row in rows}


@pytest.fixture(scope="module")
def cancelled(interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return measured(interpreter, tmp_path_factory, CANCELLED)


def test_what_cancels_is_dead_although_rounding_is_left_of_it(cancelled: dict[str, Any]) -> None:
    """Its gradient is 1e-8, not zero; a whole layer may be nothing but rounding."""
    (bias,) = cancelled["group"]["weights"]
    assert (bias["name"], bias["dead"], bias["explained"], bias["refuted"]) == ("bias", 4, 4, 0)
    assert by_weight(cancelled["shifted"]) == {"dense_1/bias": 1}
    assert by_weight(cancelled["whole"]) == {"dense_3/kernel": 28, "dense_3/bias": 1}


@pytest.mark.parametrize("name", ["faint", "half"])
def test_a_gradient_that_is_small_is_alive(name: str, cancelled: dict[str, Any]) -> None:
    """After 40 sigmoids it is smaller than what rounding leaves elsewhere; float16 has no such numbers."""
    assert cancelled[name]["weights"] == []


BOTH = """
import keras
from keras import layers

series, memory = keras.Input((3, 4)), keras.Input((1, 4))
x = layers.MultiHeadAttention(2, 4)(series, memory)
within = keras.Model([series, memory], layers.Bidirectional(layers.GRU(2, reset_after=False))(x[:, :1]))


class Block(layers.Layer):
    def __init__(self, heads):
        super().__init__()
        self.heads = heads

    def call(self, x):
        return self.heads(x, x)


class Unnormed(layers.MultiHeadAttention):
    def _masked_softmax(self, scores, mask=None):
        return scores


block = keras.Model(series, Block(layers.MultiHeadAttention(2, 4))(series))
unnormed = keras.Model(series, Unnormed(2, 4, dropout=0.1)(series, series))


class Adds(layers.Layer):
    def __init__(self):
        super().__init__()
        self.head = layers.Dense(1)

    def build(self, shape):
        self.head.build(shape)

    def call(self, x):
        self.add_loss(self.head(x)[0, 0] ** 2)
        return x


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Dense(1), layers.Dense(3, kernel_regularizer="l2")

    def call(self, x):
        self.add_loss(self.first(x)[0, 0] ** 2)
        self.add_loss(layers.Dense(2)(x)[0, 0] * 0.0)
        return self.second(x) * 0.0


x = keras.Input((4,))
adds = keras.Model(x, Adds()(x))
active = keras.Model(x, layers.Rescaling(0.0)(layers.Dense(3, activity_regularizer="l2")(x)))
shrunk = keras.Model(x, layers.Rescaling(0.0)(layers.Dense(3, kernel_regularizer="l2", bias_regularizer="l1")(x)))
own = Own()
own(keras.Input((4,)))


class Drops(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Dense(3), layers.Dense(2)

    def call(self, x):
        _ = self.second(x)
        return self.first(x)


class Trains(Drops):
    def call(self, x, training=False):
        return super().call(x)


drops, trains = Drops(), Trains()
drops(keras.Input((4,)))
trains(keras.Input((4,)))
"""


@pytest.fixture(scope="module", params=[3, 2])
def both(
    request: pytest.FixtureRequest, interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    source = BOTH if request.param == 3 else BOTH.replace("keras", "tf_keras")
    return measured(interpreter, tmp_path_factory, source, generation=request.param)


def test_weights_of_layers_within_a_layer_are_told_apart(both: dict[str, Any]) -> None:
    """Over a single key, only the value matters; over a single step, only what is no memory does."""
    assert by_weight(both["within"]) == {
        "multi_head_attention/query/kernel": 32,
        "multi_head_attention/query/bias": 8,
        "multi_head_attention/key/kernel": 32,
        "multi_head_attention/key/bias": 8,
        "bidirectional/forward_gru/gru_cell/kernel[:, 2:4]": 8,
        "bidirectional/forward_gru/gru_cell/recurrent_kernel": 12,
        "bidirectional/forward_gru/gru_cell/bias[2:4]": 2,
        "bidirectional/backward_gru/gru_cell/kernel[:, 2:4]": 8,
        "bidirectional/backward_gru/gru_cell/recurrent_kernel": 12,
        "bidirectional/backward_gru/gru_cell/bias[2:4]": 2,
    }


def test_the_bias_of_keys_is_dead_by_design(both: dict[str, Any]) -> None:
    """It adds one number to all scores of a query: softmax takes it out, and where there is none, it is alive."""
    (weight,) = both["block"]["weights"]
    assert (weight["layer"], weight["name"], weight["dead"], weight["explained"]) == ("block", "key/bias", 8, 8)
    assert weight["rules"] == ("softmax",)
    assert both["unnormed"]["weights"] == []


def test_what_layers_add_to_the_loss_is_part_of_it_and_regularisers_of_weights_are_not(both: dict[str, Any]) -> None:
    assert both["adds"]["weights"] == both["active"]["weights"] == []
    assert [(w["name"], w["dead"], w["of"]) for w in both["shrunk"]["weights"]] == [("kernel", 12, 12), ("bias", 3, 3)]
    sizes = [w["of"] for w in both["own"]["weights"]]
    assert sizes == [8, 2, 12, 3]  # call() adds two: one trains a layer, the other is always zero


def test_what_call_drops_is_dead_unless_it_may_do_otherwise_in_training(both: dict[str, Any]) -> None:
    assert [(w["name"], w["dead"], w["of"]) for w in both["drops"]["weights"]] == [("kernel", 8, 8), ("bias", 2, 2)]
    assert both["trains"]["dead"] is None and both["trains"]["reason"].endswith(", but training may")


EDGES = """
import keras
from keras import layers, ops

x = keras.Input((8,))
chosen = keras.Model(x, ops.argmax(layers.Dense(4)(x), axis=-1))
table = keras.Input((3,), dtype="int32")
tabular = keras.Model(table, layers.Dense(2)(table))
always_one = keras.Model(x, layers.Dense(1, activation="softmax")(x))
signs = keras.Model(x, layers.UnitNormalization()(layers.Dense(1)(x)))
far = keras.Model(x, layers.Dense(2)(layers.ReLU(threshold=6.0)(layers.Dense(3)(x))))
lonely = keras.Model(x, layers.LayerNormalization()(layers.Reshape((8, 1))(x)))
further = keras.Model(x, layers.Dense(2)(layers.ReLU(threshold=900.0)(layers.Dense(3)(x))))
tiny = keras.Model(x, layers.Rescaling(1e-9)(layers.Dense(3)(x)))

user, item = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")
rated = layers.Dot(-1)([layers.Embedding(60_000, 2)(user), layers.Embedding(20_000, 2)(item)])
recommender = keras.Model([user, item], rated)
shown = keras.Input((512, 512, 3))
seen = layers.Concatenate()([layers.GlobalAveragePooling2D()(shown), layers.Flatten()(layers.Embedding(60_000, 2)(user))])
unbounded = keras.Model([shown, user], seen)
"""


@pytest.fixture(scope="module")
def edges(interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("edges") / "models.py"
    path.write_text(EDGES)
    rows, fine = asked(interpreter, str(path))
    assert not fine
    return {row["name"]: row for row in rows}


def test_what_cannot_be_measured_is_named_and_no_other_model_is_lost(edges: dict[str, Any]) -> None:
    assert {name: row["reason"] for name, row in edges.items() if "reason" in row} == {
        "tabular": "which integers input 1 takes is not known",
        "unbounded": "an input has more indices than can be tried",
    }
    assert edges["tabular"]["dead"] is None


@pytest.mark.parametrize("name", ["far", "further", "tiny", "recommender"])
def test_what_only_large_inputs_reach_is_alive(name: str, edges: dict[str, Any]) -> None:
    """Thresholds beyond what inputs are as a rule, gradients of 1e-9, 60,000 rows of which a batch draws one each."""
    assert edges[name]["weights"] == []


def test_where_all_gradients_are_rounding_nothing_is_alive(edges: dict[str, Any]) -> None:
    assert by_weight(edges["always_one"]) == {"dense_2/kernel": 8, "dense_2/bias": 1}
    assert edges["always_one"]["dead"] == 9
    for name in ("signs", "chosen"):
        assert edges[name]["dead"] == 0 and all(weight["matters"] for weight in edges[name]["weights"])
        assert len(edges[name]["weights"]) == 2


def test_a_count_without_a_rewrite_explains(edges: dict[str, Any]) -> None:
    """Nothing is left of a value that is normalised alone: KER210 counts its scale, and has nothing to put there."""
    (gamma,) = edges["lonely"]["weights"]
    assert (gamma["name"], gamma["explained"], gamma["rules"]) == ("gamma", 1, ("KER210",))


THIN = """
import keras
from keras import layers, ops

x = keras.Input((8,))
words = keras.Input((20,), dtype="int32")

def after(*parts):
    return keras.Sequential([keras.Input((8,)), *parts, layers.Dense(3)])

capped = after(layers.Dense(32), layers.ReLU(max_value=0.01))
deeper = after(*[part for _ in range(3) for part in (layers.Dense(16), layers.ReLU(max_value=0.05))])
steep = after(layers.Dense(16), layers.Rescaling(100.0), layers.Activation("hard_sigmoid"))
slit = keras.Model(x, layers.Dense(2)(ops.clip(layers.Dense(16)(x), 5.0, 5.01)))
logarithm = after(layers.Lambda(lambda t: ops.log(t)), layers.Dense(4))
largest = keras.Model(words, layers.GlobalMaxPooling1D()(layers.Embedding(900, 8)(words)))
other = keras.Input((2,))
number = keras.Input((1,), dtype="int32")
parts = layers.Embedding(4, 2)(number // 5) + layers.Embedding(5, 2)(number % 5)
split = keras.Model(number, layers.Flatten()(layers.Embedding(20, 2)(number) + parts))
named = keras.Model({"z": x, "a": other}, {"o": layers.Dense(1)(layers.Concatenate()([x, other]))})
never = after(layers.Dense(4), layers.Rescaling(0.0, offset=4.0), layers.ReLU())
text = keras.Input((1,), dtype="string")
spoken = keras.Model(text, layers.Dense(1)(layers.StringLookup(vocabulary=["a"], output_mode="one_hot")(text)))
"""


@pytest.fixture(scope="module")
def thin(interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return measured(interpreter, tmp_path_factory, THIN)


@pytest.mark.parametrize("name", ["capped", "deeper", "steep", "slit", "logarithm", "largest", "named"])
def test_what_is_alive_in_a_small_range_only_is_alive(name: str, thin: dict[str, Any]) -> None:
    """A hundredth between two constants; one of twenty rows in a maximum; inputs that a logarithm takes."""
    assert thin[name]["weights"] == []


def test_what_no_value_shows_is_dead(thin: dict[str, Any]) -> None:
    """The control of the test above: behind a product with zero, nothing is found alive."""
    assert sum(by_weight(thin["never"]).values()) == thin["never"]["dead"] == 8 * 4 + 4
    assert thin["spoken"]["reason"] == "which text input 1 takes is not known"


def test_how_far_it_is_and_that_the_time_is_up(
    interpreter: Interpreter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.py"
    path.write_text("import keras\nm = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, 'relu')])")
    question = {"model": 0, "inputs": [{"shape": [None, 2], "dtype": "float32"}], "claims": [], "length": 1, "left": []}
    seen: list[int] = []
    with Introspection(interpreter, parse(str(path))) as one:
        one.outcome()
        assert one.dead(question, seen.append)["weights"] == []
        assert seen == sorted(seen) and seen[-1] == 6
        clock = iter([0.0, 1e6])
        monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=lambda: next(clock)))
        with pytest.raises(NotIntrospected, match=r"longer than 300 seconds \(--timeout\)"):
            one.dead(question, seen.append)


def test_a_table_is_not_judged_where_what_is_computed_of_its_index_keeps_rows_away(thin: dict[str, Any]) -> None:
    """Twenty rows are used; the others, of four and five, say only that no index may be above three."""
    assert thin["split"]["weights"] == [] and len(thin["split"]["uncovered"]) == 3


LONG = """
import keras
from keras import layers, ops

x = keras.Input((None, 4))
y = x
for k in range(7):
    y = layers.Conv1D(3, 2, dilation_rate=2**k, padding="causal")(y)
dilated = keras.Model(x, layers.GlobalMaxPooling1D()(y))
behind = keras.Model(x, ops.sum(layers.Conv1D(3, 2)(x)[:, 70:], axis=1))
picture = keras.Input((None, None, 3))
pooled = layers.MaxPooling2D(8, padding="same")(picture)
coarse = keras.Model(picture, layers.GlobalMaxPooling2D()(layers.Conv2D(2, 3, padding="same")(pooled)))
far = keras.Model(picture, layers.Conv2D(2, 3, dilation_rate=400, padding="same")(picture))
one = keras.Model(x, layers.Conv1D(3, 3, padding="same")(layers.GlobalAveragePooling1D(keepdims=True)(x)))

y, skips = picture, []
for _ in range(4):
    skips.append(layers.Conv2D(2, 3, padding="same")(y))
    y = layers.MaxPooling2D(2)(skips[-1])
y = layers.Multiply()([y, layers.Conv2D(2, 3, padding="same")(layers.GlobalAveragePooling2D(keepdims=True)(y))])
for skip in reversed(skips):
    y = layers.Concatenate()([layers.Conv2DTranspose(2, 2, strides=2)(y), skip])
unet = keras.Model(picture, layers.Conv2D(2, 3, padding="same")(y))
"""


@pytest.fixture(scope="module")
def long(interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return measured(interpreter, tmp_path_factory, LONG)


@pytest.mark.parametrize("name", ["dilated", "behind", "coarse"])
def test_what_only_long_inputs_reach_is_alive(name: str, long: dict[str, Any]) -> None:
    """Of an unknown length, some are drawn at which every window has all its entries in use."""
    assert long[name]["weights"] == []


def test_what_no_input_that_can_be_drawn_reaches_is_not_called_dead(long: dict[str, Any]) -> None:
    assert "longer than its windows" in long["far"]["reason"]


def test_what_is_dead_at_every_length_is_dead(long: dict[str, Any]) -> None:
    (kernel,) = long["one"]["weights"]
    assert (kernel["dead"], kernel["explained"]) == (24, 24)


def test_what_makes_axes_longer_takes_the_strides_back(long: dict[str, Any]) -> None:
    """Behind as many transposed convolutions as there are poolings, a window is as short as in front of them."""
    assert by_weight(long["unet"]) == {"conv2d_6/kernel except [1, 1]": 32}, long["unet"]
