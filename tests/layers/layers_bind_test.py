"""Binding a call: order, old names, defaults, canonical form, refusals. No Keras."""

from __future__ import annotations

from typing import Any

import pytest

from kerlint.graph.dim import symbol
from kerlint.graph.layer import REQUIRED, Object, Refused, Silent, Unknown
from kerlint.layers.bind import Bound, bind
from kerlint.layers.old import OLD
from kerlint.layers.table import TABLE, find


def bound(class_name: str, /, *args: Any, **kwargs: Any) -> Bound:
    spec = find(class_name)
    assert spec is not None
    return bind(spec, args, kwargs)


def test_positional_order_and_defaults() -> None:
    found = bound("Conv1D", 8, 3, 2, "SAME")
    config = found.config
    assert [config[a] for a in ("filters", "kernel_size", "strides", "padding")] == [8, (3,), (2,), "same"]
    assert (config["activation"], config["data_format"], config["dtype"]) == (
        "linear",
        "channels_last",
        "float32",
    )
    assert found.origin == {"filters": 0, "kernel_size": 1, "strides": 2, "padding": 3}
    assert (found.renamed, found.ignored) == ((), ())


def test_the_global_settings_fill_what_is_not_given() -> None:
    config = bind(TABLE["Conv2D"], (8, 3), {}, data_format="channels_first", floatx="float16").config
    assert (config["data_format"], config["dtype"]) == ("channels_first", "float16")


def test_keras_1_arguments() -> None:
    found = bound(
        "Convolution2D", 64, 3, 5, border_mode="same", subsample=(2, 2), dim_ordering="th", W_regularizer="l2"
    )
    config = found.config
    assert (config["kernel_size"], config["strides"], config["padding"]) == ((3, 5), (2, 2), "same")
    assert (config["data_format"], config["kernel_regularizer"]) == ("channels_first", "l2")
    assert ("border_mode", "padding") in found.renamed and ("nb_row", "kernel_size") in found.renamed
    assert found.origin["padding"] == "border_mode"


def test_keras_1_sizes_by_keyword_follow_the_axes() -> None:
    assert bound("Convolution2D", nb_filter=4, nb_col=5, nb_row=3).config["kernel_size"] == (3, 5)
    assert bound("Convolution3D", 4, kernel_dim1=1, kernel_dim2=2, kernel_dim3=3).config["kernel_size"] == (
        1,
        2,
        3,
    )


def test_two_sizes_are_kernel_and_strides_without_evidence_of_keras_1() -> None:
    assert bound("Conv2D", 64, 3, 3).config["strides"] == (3, 3)
    found = bind(TABLE["Conv2D"], (64, 3, 3, "uniform", "relu"), {}, generation=1)
    assert (found.config["kernel_size"], found.config["activation"]) == ((3, 3), "relu")
    assert found.origin["activation"] == 4


@pytest.mark.parametrize(
    ("name", "old", "today", "value"),
    [
        ("Dense", "output_dim", "units", 3), ("Dense", "init", "kernel_initializer", "uniform"),
        ("Dense", "bias", "use_bias", False), ("Dropout", "p", "rate", 0.5),
        ("LeakyReLU", "alpha", "negative_slope", 0.1),
        ("GaussianNoise", "sigma", "stddev", 0.1),
        ("LSTM", "inner_activation", "recurrent_activation", "sigmoid"),
        ("LSTM", "dropout_W", "dropout", 0.2), ("Embedding", "init", "embeddings_initializer", "uniform"),
        ("MaxPooling1D", "pool_length", "pool_size", 3), ("Conv1D", "filter_length", "kernel_size", 3),
        ("UpSampling1D", "length", "size", 3),
        ("BatchNormalization", "gamma_init", "gamma_initializer", "one"),
    ],
)  # fmt: skip
def test_renamed_arguments(name: str, old: str, today: str, value: Any) -> None:
    spec = TABLE[name]
    needed = {k: 2 for k, v in spec.signature.items() if v is REQUIRED and k != today}
    found = bind(spec, (), {**needed, old: value})
    assert found.renamed == ((old, today),)
    assert found.config[today] in (value, (value,))
    assert found.origin[today] == old


def test_every_old_name_leads_somewhere() -> None:
    """Some class has the argument that an old name stands for."""
    arguments = {a for spec in TABLE.values() for a in spec.signature} | {"cell"}
    assert {n for news in OLD.values() for n in news} <= arguments


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "reason"),
    [
        ("Dense", (3,), {"unit": 4}, "Dense has no argument 'unit'"),
        ("Dense", (), {}, "Dense needs units"),
        ("Dense", (0,), {}, "units must be positive"),
        ("Dense", (2.5,), {}, "units must be a positive integer"),
        ("Dropout", (50,), {}, "rate must lie between 0 and 1"),
        ("Dense", (3,), {"units": 4}, "given units twice"),
        ("Conv1D", (2, 3), {"strides": 2, "dilation_rate": 2}, "exclude each other"),
        ("Conv2D", (2, (3, 3, 3)), {}, "kernel_size is an integer or 2"),
        ("Conv2D", (3, 2), {"groups": 2}, "multiple of groups"),
        ("Conv2D", (3, 2), {"padding": "causal"}, "padding must be one of"),
        ("Flatten", ("channels_last", 2), {}, "takes 1 positional"),
    ],
)
def test_refusals_name_what_is_wrong(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        bound(name, *args, **kwargs)


def test_what_is_not_known_stays_and_is_silent_when_read() -> None:
    unknown = Unknown("args.k", "a parameter of build()")
    config = bound("Conv2D", unknown, (3, unknown), strides=unknown, padding=unknown, activation=unknown).config
    for name in ("filters", "kernel_size", "strides", "padding", "activation"):
        with pytest.raises(Silent, match="a parameter of build"):
            config[name]
    assert config["groups"] == 1
    with pytest.raises(Refused):
        bound("Conv2D", unknown, 0)
    for spec in TABLE.values():
        assert set(bind(spec, (), dict.fromkeys(spec.signature, unknown)).config) >= set(spec.signature)


def test_symbols_and_lists_and_objects_are_values() -> None:
    n = symbol("n")
    assert bound("Dense", n).config["units"] == n
    assert bound("Conv1D", 3, n).config["kernel_size"] == (n,)
    assert bound("Reshape", [2, [3]]).config["target_shape"] == (2, (3,))
    assert bound("Dense", 3, kernel_regularizer=Object("L2", (("l2", 0.1),))).config["kernel_regularizer"].kind == "L2"


def test_arguments_of_every_layer_and_ignored_ones() -> None:
    found = bound("LSTM", 3, input_shape=(1, 2), name="a", trainable=False, implementation=2)
    assert (found.config["name"], found.config["trainable"], found.config["input_shape"]) == (
        "a",
        False,
        (1, 2),
    )
    assert found.ignored == ("implementation",)


def test_before_keras_3() -> None:
    assert bind(TABLE["Dense"], (64.0,), {}, generation=2).config["units"] == 64
    assert bind(TABLE["AveragePooling2D"], (), {}, generation=2).config["pool_size"] == (2, 2)
    with pytest.raises(Refused):
        bind(TABLE["AveragePooling2D"], (), {})


def test_an_argument_that_only_one_version_takes() -> None:
    """Keras 2 hands ``**kwargs`` to the base class of a separable convolution; Keras 3 does not."""
    spec, arguments = TABLE["SeparableConv2D"], {"kernel_initializer": "he_normal"}
    assert bind(spec, (8, 3), arguments, generation=2).ignored == ("kernel_initializer",)
    with pytest.raises(Refused) as refused:
        bind(spec, (8, 3), arguments)
    assert refused.value.since == 3


@pytest.mark.parametrize(("kind", "argument"), [("Conv2D", "lora_rank"), ("LSTM", "zero_output_for_mask")])
def test_an_argument_that_is_not_modelled_is_not_refused(kind: str, argument: str) -> None:
    with pytest.raises(Silent, match=argument):
        bind(TABLE[kind], (8, 3) if kind == "Conv2D" else (8,), {argument: 2})


def test_what_only_a_later_keras_refuses_is_not_refused_before() -> None:
    """Keras 2 took any rate of an AlphaDropout: what the program does with it is not known."""
    with pytest.raises(Silent, match="only since Keras 3"):
        bind(TABLE["AlphaDropout"], (50,), {}, generation=2)
    with pytest.raises(Refused, match="AlphaDropout: rate must lie between"):
        bind(TABLE["AlphaDropout"], (50,), {})


def test_a_row_of_keras_3_only_says_nothing_of_keras_2() -> None:
    """Keras 2 has the class too, with other outputs."""
    assert bind(TABLE["StringLookup"], (), {"vocabulary": ("a",)}).config["output_mode"] == "int"
    with pytest.raises(Silent, match="Keras 3 only"):
        bind(TABLE["StringLookup"], (), {"vocabulary": ("a",)}, generation=2)


def test_an_input_of_a_type_is_not_refused() -> None:
    """Keras 2 takes the shape from there, for tensors of the program's own types as well."""
    with pytest.raises(Silent, match="type_spec"):
        bind(TABLE["InputLayer"], (), {"type_spec": Unknown("spec", "of the program's own")}, generation=2)
