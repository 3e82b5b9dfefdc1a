"""Data that arrives piece by piece: tf.data, generators, directories of images."""

import pytest
from tests.evaluate.seen import evaluated, lines

HEAD = """
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

(x, y), _ = keras.datasets.fashion_mnist.load_data()
augmenting = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
"""
LATE = """
m = keras.Sequential([layers.Flatten(), layers.Dense(2)])
m.fit(data)
"""
SHAPED = """
for images, labels in data.take(1):
    break
m = keras.Sequential([layers.Flatten(input_shape=images.shape[1:]), layers.Dense(2)])
"""
PIPELINE = """
def prepare(image, label):
    image = tf.cast(image, tf.float32) / 255.0
    return tf.expand_dims(image, -1), tf.one_hot(label, 10)


data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(100).map(prepare, num_parallel_calls=4).batch(32).prefetch(1)
"""


def both(body: str, rest: str) -> list[str]:
    return lines(HEAD + body + "\n" + rest)


@pytest.mark.parametrize(
    ("data", "params"),
    [
        ("data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1000).batch(32)", 2 * 28 * 28 + 2),
        (PIPELINE, 2 * 28 * 28 + 2),
        ("a = tf.data.Dataset.from_tensor_slices(x[:, :7])\n"
         "data = tf.data.Dataset.zip((a, tf.data.Dataset.from_tensor_slices(y))).batch(8).cache().repeat()",
         2 * 7 * 28 + 2),
        ("data = tf.data.Dataset.from_tensors((x, y)).unbatch().batch(4, drop_remainder=True)", 2 * 28 * 28 + 2),
        ("data = augmenting.flow(x.reshape(-1, 28, 28, 1), y, batch_size=64)", 2 * 28 * 28 + 2),
        ("data = augmenting.flow_from_directory('cats', target_size=(20, 30), class_mode='binary')",
         2 * 20 * 30 * 3 + 2),
        ("data = augmenting.flow_from_directory('cats', (20, 30), 'grayscale', batch_size=8)", 2 * 20 * 30 + 2),
        ("data = augmenting.flow_from_directory('cats')", 2 * 256 * 256 * 3 + 2),
        ("data = augmenting.flow_from_dataframe(frame, 'cats', x_col='f', target_size=(8, 8), color_mode='rgba')",
         2 * 8 * 8 * 4 + 2),
        ("data = keras.utils.image_dataset_from_directory('cats', image_size=(18, 12), batch_size=32)",
         2 * 18 * 12 * 3 + 2),
        ("data, rest = keras.preprocessing.image_dataset_from_directory('cats', image_size=(18, 12), subset='both')",
         2 * 18 * 12 * 3 + 2),
        ("data = keras.utils.image_dataset_from_directory('cats', label_mode=None, image_size=(9, 9))",
         2 * 9 * 9 * 3 + 2),
    ],
)  # fmt: skip
def test_a_model_is_built_on_what_its_batches_hold(data: str, params: int) -> None:
    assert both(data, LATE) == [f"m: (None, 2) {params}"]


@pytest.mark.parametrize(
    "data",
    [
        "data = tf.data.Dataset.from_tensor_slices(files).batch(4)",
        "data = tf.data.Dataset.from_tensor_slices((x, y)).map(elsewhere).batch(4)",
        "data = tf.data.Dataset.from_generator(produce, tf.float32)",
        "data = tf.data.TFRecordDataset(files).batch(4)",
        "data = augmenting.flow_from_directory('cats', color_mode=mode)",
        "data = augmenting.flow_from_directory('cats', **options)",
        "data = keras.utils.image_dataset_from_directory('cats', image_size=size)",
    ],
)
def test_nothing_is_built_on_data_that_is_not_known(data: str) -> None:
    assert both(data, LATE) == ["m: ? ?"]


@pytest.mark.parametrize("read", ["images, labels = next(iter(data))", "images, labels = data.next()", SHAPED])
def test_a_batch_can_be_looked_at(read: str) -> None:
    data = "data = augmenting.flow_from_directory('cats', target_size=(4, 5), class_mode='sparse')"
    rest = "" if read is SHAPED else "\n" + SHAPED.partition("break")[2]
    assert both(data, read.replace(".take(1)", "") + rest) == [f"m: (None, 2) {2 * 4 * 5 * 3 + 2}"]


def test_the_number_of_classes_of_a_directory_is_not_known() -> None:
    data = "data = augmenting.flow_from_directory('cats', target_size=(4, 5))\n"
    model = "m = keras.Sequential([layers.Flatten(), layers.Dense(data.num_classes)])\nm.fit_generator(data)\n"
    assert both(data, model) == ["m: (None, data.num_classes) 61*data.num_classes"]


def test_what_is_tried_in_a_loop_is_built_once() -> None:
    data = "data = keras.utils.image_dataset_from_directory('cats', image_size=(18, 18))\n"
    model = """
turned = keras.Sequential([layers.RandomFlip("horizontal"), layers.Conv2D(3, 3, padding="same")])
for images, _ in data.take(1):
    for i in range(9):
        shown = turned(images)
inputs = keras.Input((18, 18, 3))
m = keras.Model(inputs, turned(inputs))
"""
    assert both(data, model) == ["turned: (None, 18, 18, 3) 84", "m: (None, 18, 18, 3) 84"]


def test_layers_of_a_pipeline_are_in_no_model() -> None:
    data = "data = tf.data.Dataset.from_tensor_slices((x, y)).batch(4).map(lambda a, b: (layers.Rescaling(0.1)(a), b))"
    assert both(data, LATE) == [f"m: (None, 2) {2 * 28 * 28 + 2}"]
    (context,) = evaluated(HEAD + data + "\n" + LATE).contexts
    assert [node.kind for node in context.trace.nodes] == ["Flatten", "Dense"]


def test_an_element_has_perhaps_more_parts() -> None:
    """What is not known to be a pair may be one: the function is not called wrongly, and the program goes on."""
    data = "data = tf.data.Dataset.from_tensor_slices(files()).map(lambda image, label: image)\n"
    assert lines(f"{HEAD}{data}m = keras.Sequential([layers.Dense(2, input_shape=(3,))])\n") == ["m: (None, 2) 8"]
