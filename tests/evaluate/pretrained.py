"""Programs that build upon pretrained models, in the ways people write them, and what comes out.

Each expectation is ``name: output shape, parameters, of which train`` of a model. ``tests/applications`` runs the
programs with Keras and holds the same expectations against it.
"""

from __future__ import annotations

from typing import NamedTuple


class Program(NamedTuple):
    """A source, and for each of its models: name, output, parameters, trainable ones."""

    source: str
    models: tuple[tuple[str, tuple[int | None, ...], int, int], ...]


BASE_IN_SEQUENTIAL = Program(
    """
from keras.applications import VGG16
from keras import layers, models

conv_base = VGG16(weights="imagenet", include_top=False, input_shape=(150, 150, 3))
conv_base.trainable = False
model = models.Sequential()
model.add(conv_base)
model.add(layers.Flatten())
model.add(layers.Dense(256, activation="relu"))
model.add(layers.Dense(1, activation="sigmoid"))
""",
    (("conv_base", (None, 4, 4, 512), 14714688, 0), ("model", (None, 1), 16812353, 2097665)),
)

LAST_BLOCK_TRAINS = Program(
    """
from keras.applications.vgg16 import VGG16, preprocess_input
from keras.layers import Dense, Flatten
from keras.models import Model

base = VGG16(weights="imagenet", include_top=False, input_shape=(224, 224, 3))
set_trainable = False
for layer in base.layers:
    if layer.name == "block5_conv1":
        set_trainable = True
    layer.trainable = set_trainable
x = Flatten()(base.output)
x = Dense(512, activation="relu")(x)
model = Model(inputs=base.input, outputs=Dense(10, activation="softmax")(x))
""",
    (("base", (None, 7, 7, 512), 14714688, 7079424), ("model", (None, 10), 27565386, 19930122)),
)

ALL_BUT_THE_LAST_FOUR = Program(
    """
from keras.applications.resnet50 import ResNet50, preprocess_input
from keras import Model, layers

NUM_CLASSES = 5

def build_model(img_size=224):
    resnet = ResNet50(include_top=False, pooling="avg", weights="imagenet", input_shape=(img_size, img_size, 3))
    for layer in resnet.layers[:-4]:
        layer.trainable = False
    output = layers.Dense(NUM_CLASSES, activation="softmax")(resnet.output)
    return resnet, Model(resnet.input, output)

resnet, model = build_model(160)
""",
    (("build_model", (None, 2048), 23587712, 4096), ("build_model", (None, 5), 23597957, 14341)),
)

CALLED_AS_A_LAYER = Program(
    """
import keras
from keras import layers

base_model = keras.applications.Xception(weights="imagenet", input_shape=(150, 150, 3), include_top=False)
base_model.trainable = False
inputs = keras.Input(shape=(150, 150, 3))
x = layers.Rescaling(scale=1 / 127.5, offset=-1)(inputs)
x = base_model(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(1)(x)
model = keras.Model(inputs, outputs)
base_model.trainable = True
""",
    (("base_model", (None, 5, 5, 2048), 20861480, 20806952), ("model", (None, 1), 20863529, 20809001)),
)

PREPARED_INSIDE = Program(
    """
import keras
from keras.applications import mobilenet_v2

base = mobilenet_v2.MobileNetV2(input_shape=(160, 160, 3), include_top=False, alpha=0.35)
for layer in base.layers[:100]:
    layer.trainable = False
inputs = keras.Input((160, 160, 3))
x = mobilenet_v2.preprocess_input(inputs)
x = base(x, training=False)
x = keras.layers.GlobalAveragePooling2D()(x)
model = keras.Model(inputs, keras.layers.Dense(2)(x))
""",
    (("base", (None, 5, 5, 1280), 410208, 333856), ("model", (None, 2), 412770, 336418)),
)

FROM_AN_INNER_LAYER = Program(
    """
from keras.applications import InceptionV3
from keras import layers, Model

pre_trained_model = InceptionV3(input_shape=(150, 150, 3), include_top=False, weights=None)
for layer in pre_trained_model.layers:
    layer.trainable = False
last_layer = pre_trained_model.get_layer("mixed7")
last_output = last_layer.output
x = layers.Flatten()(last_output)
x = layers.Dense(1024, activation="relu")(x)
x = layers.Dropout(0.2)(x)
x = layers.Dense(1, activation="sigmoid")(x)
model = Model(pre_trained_model.input, x)
""",
    (("pre_trained_model", (None, 3, 3, 2048), 21802784, 0), ("model", (None, 1), 47512481, 38537217)),
)

BY_POSITION = Program(
    """
from keras.applications.mobilenet import MobileNet
from keras.layers import Dense
from keras.models import Model

mobile = MobileNet()
x = mobile.layers[-5].output
head = Dense(7, activation="softmax")(mobile.layers[-3].output)
model = Model(inputs=mobile.input, outputs=head)
for layer in model.layers[:-23]:
    layer.trainable = False
""",
    (("mobile", (None, 1000), 4253864, 2887656), ("model", (None, 1, 1, 7), 4260871, 2894663)),
)

UNDER_A_TENSOR = Program(
    """
from keras.applications import DenseNet121
from keras.layers import Conv2D, Dense, Input
from keras.models import Model

gray = Input((64, 64, 1))
x = Conv2D(3, (3, 3), padding="same")(gray)
base = DenseNet121(include_top=False, weights=None, input_tensor=x, pooling="max")
model = Model(gray, Dense(4)(base.output))
""",
    (("base", (None, 1024), 7037534, 6953886), ("model", (None, 4), 7041634, 6957986)),
)

SKIPS_OF_A_DECODER = Program(
    """
from keras.applications import EfficientNetB0
from keras.layers import Concatenate, Conv2D, Conv2DTranspose, Input
from keras.models import Model

inputs = Input((None, None, 3), name="image")
encoder = EfficientNetB0(include_top=False, weights="imagenet", input_tensor=inputs)
skips = [encoder.get_layer(name).output for name in ("block2a_expand_activation", "block4a_expand_activation")]
x = encoder.get_layer("block6a_expand_activation").output
for skip, filters in zip(reversed(skips), (64, 32)):
    x = Conv2DTranspose(filters, 3, strides=2, padding="same")(x)
    x = Conv2D(filters, 3, padding="same")(x)
model = Model(inputs, Conv2D(1, 1)(x))
""",
    (("encoder", (None, None, None, 1280), 4049571, 4007548), ("model", (None, None, None, 1), 1397736, 1380225)),
)

ITS_OWN_TOP = Program(
    """
from keras.applications import MobileNetV3Small, ConvNeXtTiny

model = MobileNetV3Small(weights=None, classes=12, input_shape=(96, 96, 1), dropout_rate=0.4)
other = ConvNeXtTiny(weights=None, classes=3, classifier_activation=None, include_preprocessing=False)
""",
    (("model", (None, 12), 1541980, 1529868), ("other", (None, 3), 27822435, 27822435)),
)

PROGRAMS = {name.lower(): value for name, value in list(globals().items()) if isinstance(value, Program)}
