"""Pretrained bases in programs: the ways people write them, with no Keras at hand."""

from __future__ import annotations

import pytest
from tests.evaluate.pretrained import PROGRAMS, Program
from tests.evaluate.seen import evaluated, layers, lines, models, shape

from kerlint.graph import count
from kerlint.graph.count import at
from kerlint.graph.dim import symbols
from kerlint.graph.layer import Unknown
from kerlint.layers.shapes import printed

STYLES = (
    "from keras.applications import VGG16\nbase = VGG16(include_top=False)",
    "from keras.applications.vgg16 import VGG16, preprocess_input\nbase = VGG16(False)",
    "from tensorflow.keras.applications import VGG16 as V\nbase = V(include_top=False)",
    "from tensorflow.keras.applications.vgg16 import VGG16\nbase = VGG16(include_top=False)",
    "from tensorflow.python.keras.applications.vgg16 import VGG16\nbase = VGG16(include_top=False)",
    "import tensorflow as tf\nbase = tf.keras.applications.VGG16(include_top=False)",
    "import tensorflow as tf\nbase = tf.keras.applications.vgg16.VGG16(include_top=False, weights=None)",
    "import keras.applications.vgg16 as vgg\nbase = vgg.VGG16(include_top=False)",
    "from keras import applications\nbase = applications.VGG16(include_top=False, weights='imagenet')",
    "from tf_keras.applications import vgg16\nbase = vgg16.VGG16(include_top=0)",
    "import keras\nbase = keras.applications.vgg16.VGG16(**{'include_top': False})",
)


@pytest.mark.parametrize("source", STYLES)
def test_a_base_is_known_however_it_is_imported(source: str) -> None:
    assert lines(source) == ["base: (None, None, None, 512) 14714688"]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_what_is_built_upon_a_base(program: Program) -> None:
    found = []
    for model in models(program.source):
        counts = count.model(model.graph)
        assert not isinstance(counts, Unknown), counts
        assert model.graph.complete
        found.append((model.name, shape(model.graph.outputs[0]), counts.params, counts.trainable))
    assert found == [(name, printed(output), *counts) for name, output, *counts in program.models]


def test_layers_have_the_names_that_keras_gives_them() -> None:
    (model,) = models("import keras\nm = keras.applications.MobileNetV2(weights=None)\n")
    assert layers(model)[:4] == ["input_layer", "Conv1", "bn_Conv1", "Conv1_relu"]
    (first, second) = models("from keras.applications import InceptionV3\na = InceptionV3()\nb = InceptionV3()\n")
    assert layers(first)[:3] == ["input_layer", "conv2d", "batch_normalization"]
    assert layers(second)[:3] == ["input_layer_1", "conv2d_94", "batch_normalization_94"]


def test_the_model_has_the_name_that_keras_gives_it() -> None:
    source = """
import keras
from keras.applications import MobileNet, ResNet50
m = keras.Sequential([
    MobileNet(include_top=False, alpha=0.5, input_shape=(160, 160, 3)),
    keras.layers.Conv2D(3, 1),
    ResNet50(include_top=False, weights=None),
])
"""
    assert layers(models(source)[-1]) == ["mobilenet_0.50_160", "conv2d", "resnet50"]


def test_an_input_that_is_not_known_gives_formulas() -> None:
    (model,) = models("""
import sys
from keras.applications import VGG16
classes = len(open("labels.txt").readlines())
m = VGG16(weights=None, input_shape=(64, 64, 3), classes=classes)
""")
    assert model.graph.complete
    assert "classes" in params_of(model) or "len" in params_of(model)


@pytest.mark.parametrize("name", ["MobileNetV2", "MobileNet", "MobileNetV3Small", "EfficientNetB0"])
def test_padding_that_hangs_on_an_even_size_is_a_formula(name: str) -> None:
    """The output and the work of a size that is not known are, at each size, those of the size."""
    source = (
        f"import keras\ndef f(n):\n    i = keras.Input((n, n + 1, 3))\n    m = keras.applications.{name}(\n"
        "        input_tensor=i, include_top=False, weights=None)\n    return keras.Model(i, m.output)\n"
    )
    (whole, *_) = [m for m in models(source) if m.name == "f"]
    assert whole.graph.complete
    (size,) = symbols(whole.graph.outputs[0].shape[1])
    for n in (64, 65, 97, 102):
        (model, *_) = [m for m in models(source.replace("f(n)", f"f(n={n})")) if m.name == "f"]
        put = [at(d, {size: n}) for d in whole.graph.outputs[0].shape[1:]]
        assert put == [*model.graph.outputs[0].shape[1:]]
        counts, formula = count.model(model.graph), count.model(whole.graph)
        assert isinstance(formula, count.Counts) and isinstance(counts, count.Counts)
        assert formula.macs is not None and at(formula.macs, {size: n}) == counts.macs


def params_of(model: object) -> str:
    counts = count.model(model.graph)  # type: ignore[attr-defined]
    assert not isinstance(counts, Unknown)
    return str(counts.params)


REFUSED = {
    "VGG16(input_shape=(100, 100, 3))": "a pretrained top takes 224 x 224, not 100 x 100",
    "VGG16(classes=10)": "a pretrained top has 1000 classes",
    "VGG16(include_top=False, input_shape=(16, 16, 3))": "the input must be at least 32 x 32",
    "VGG16(include_top=False, input_shape=(64, 64, 1))": "pretrained weights take 3 channels, not 1",
    "VGG16(weights=None, input_shape=(None, None, 3))": "the sizes of input_shape must be given",
    "MobileNet(weights=None, alpha=0.6)": "it is not shipped with",
    "MobileNet(depth_multiplier=2)": "depth_multiplier=2 is not covered",
    "VGG16(blocks=3)": "it has no argument 'blocks'",
    "VGG16(include_top=flag)": "include_top=",
    "EfficientNetB0(weights=flag)": "weights=",
    "VGG16(**flag)": "some of its arguments are not known",
    "VGG16(input_tensor=flag)": "input_tensor=",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_not_covered_or_refused_is_unresolved_with_the_reason(call: str) -> None:
    source = f"""
import os
from keras.applications import VGG16, EfficientNetB0, MobileNet
from keras import Model, layers
flag = os.environ.get("FLAG")
base = {call}
model = Model(base.input, layers.Dense(3)(base.output))
"""
    evaluation = evaluated(source)
    (model,) = evaluation.models
    assert not model.graph.complete
    reasons = [u.reason for u in model.graph.unresolved]
    assert any(REFUSED[call] in reason for reason in reasons), reasons


def test_channels_first_is_not_covered() -> None:
    source = "import keras\nkeras.backend.set_image_data_format('channels_first')\nm = keras.applications.VGG16()\n"
    assert lines(source) == []


def test_nothing_of_a_pretrained_model_is_reported() -> None:
    from tests.evaluate.seen import document
    from tests.harness import RULES

    from kerlint.engine import check

    source = "import keras\nbase = keras.applications.ResNet50()\nbase.compile('adam', 'categorical_crossentropy')\n"
    assert [c.finding.rule.code for c in check(document(source), RULES).checked] == []


def test_a_body_on_whatever_input_its_caller_gives() -> None:
    """The layer behind ``layers[2]`` counts the input's own; the base itself holds what comes before, too."""
    base, found = lines("""
from keras.applications import ResNet50
from keras import Model, layers
def body(inputs):
    base = ResNet50(weights=None, include_top=False, input_tensor=inputs)
    return Model(inputs, layers.Conv2D(4, 1)(base.layers[2].output))
""")
    assert (
        found
        == "body: (None, floor((inputs.shape[1] + 1)/2), floor((inputs.shape[2] + 1)/2), 4) 3136*inputs.shape[3] + 324"
    )
    assert base.endswith("2048) ?")
