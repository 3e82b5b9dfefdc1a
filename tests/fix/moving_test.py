"""Imports that move: merged in the file's own style, comments, aliases and line breaks kept."""

from __future__ import annotations

import pytest
from tests.harness import RULES, fixed, text_of

MOVED = tuple(rule for rule in RULES if rule.code in ("KER402", "KER403"))
USE = "model = Sequential([{}])\n"

# imports before, the model's layers, imports after
CASES: dict[str, tuple[str, str, str]] = {
    "two modules become one, sorted": (
        "from keras.layers.core import Dense, Dropout\nfrom keras.layers.convolutional import Conv2D\n",
        "Conv2D(8, 3, input_shape=(8, 8, 3)), Dropout(0.1), Dense(2)",
        "from keras.layers import Conv2D, Dense, Dropout\n",
    ),
    "names that are not sorted stay so": (
        "from keras.layers.core import Dropout, Dense\nfrom keras.layers.convolutional import Conv2D\n",
        "Conv2D(8, 3, input_shape=(8, 8, 3)), Dropout(0.1), Dense(2)",
        "from keras.layers import Dropout, Dense, Conv2D\n",
    ),
    "into the statement that is there": (
        "from keras.layers.recurrent import LSTM\nfrom keras.layers import Dense\n",
        "LSTM(4, input_shape=(3, 2)), Dense(1)",
        "from keras.layers import Dense, LSTM\n",
    ),
    "into its lines": (
        "from keras.layers import (\n    Dense,  # the head\n    Dropout,\n)\nfrom keras.layers.recurrent import LSTM\n",
        "LSTM(4, input_shape=(3, 2)), Dense(1)",
        "from keras.layers import (\n    LSTM,\n    Dense,  # the head\n    Dropout,\n)\n",
    ),
    "a comment keeps its statement": (
        "from keras.layers.core import Dense  # fully connected\nfrom keras.layers.recurrent import LSTM\n",
        "LSTM(4, input_shape=(3, 2)), Dense(1)",
        "from keras.layers import Dense  # fully connected\nfrom keras.layers import LSTM\n",
    ),
    "a name of its own": (
        "from keras.layers.core import Dense as D\nfrom keras.layers.recurrent import LSTM as L\n",
        "L(4, input_shape=(3, 2)), D(1)",
        "from keras.layers import Dense as D, LSTM as L\n",
    ),
    "the same name twice": (
        "from keras.layers.core import Dense\nfrom keras.layers import Dense, LSTM\n",
        "LSTM(4, input_shape=(3, 2)), Dense(1)",
        "from keras.layers import Dense, LSTM\n",
    ),
    "other packages keep to themselves": (
        "from tensorflow.python.keras.layers import Dense\nfrom keras.layers.core import Dropout\n",
        "Dense(1, input_shape=(3,)), Dropout(0.1)",
        "from tensorflow.keras.layers import Dense\nfrom keras.layers import Dropout\n",
    ),
    "functions and a module of utils": (
        "from tensorflow.python.keras.utils import to_categorical\n"
        "from tensorflow.python.keras.utils import np_utils, plot_model\nlabels = np_utils.to_categorical\n",
        "Dense(1, input_shape=(3,))",
        "from tensorflow.keras.utils import to_categorical\nfrom tensorflow.keras import utils as np_utils\n"
        "from tensorflow.keras.utils import plot_model\nlabels = np_utils.to_categorical\n",
    ),
    "brackets over several lines": (
        "from keras.layers.core import (Dense,\n                               Dropout)\n",
        "Dense(1, input_shape=(3,)), Dropout(0.1)",
        "from keras.layers import (Dense,\n                               Dropout)\n",
    ),
    "what would get too long stays apart": (
        "from keras.layers.core import Activation, ActivityRegularization, Dense, Dropout, Flatten, Lambda\n"
        "from keras.layers.pooling import GlobalAveragePooling1D, GlobalMaxPooling1D\n",
        "Dense(1, input_shape=(3,))",
        "from keras.layers import Activation, ActivityRegularization, Dense, Dropout, Flatten, Lambda\n"
        "from keras.layers import GlobalAveragePooling1D, GlobalMaxPooling1D\n",
    ),
    "of two imports of a name the last stays the last": (
        "from keras.layers.core import Dense\nfrom elsewhere import Dense\nfrom keras.layers import LSTM\n",
        "LSTM(4, input_shape=(3, 2))",
        "from keras.layers import Dense\nfrom elsewhere import Dense\nfrom keras.layers import LSTM\n",
    ),
    "other code between": (
        "from keras.layers.core import Dense\nimport os\nos.getcwd()\nfrom keras.layers.recurrent import LSTM\n",
        "LSTM(4, input_shape=(3, 2)), Dense(1)",
        "from keras.layers import Dense\nimport os\nos.getcwd()\nfrom keras.layers import LSTM\n",
    ),
    "a class by its name of Keras 1, everywhere": (
        "from keras.layers.core import Dense, Flatten\nfrom keras.layers.convolutional import Convolution2D\n"
        "layers = {'conv': Convolution2D}\n",
        'Convolution2D(8, 3, 3, border_mode="same", input_shape=(8, 8, 3)), Flatten(), Dense(2)',
        "from keras.layers import Conv2D, Dense, Flatten\nlayers = {'conv': Conv2D}\n",
    ),
    "a name that is gone and not used": (
        "from keras.layers.core import Dense, Highway\n",
        "Dense(1, input_shape=(3,))",
        "from keras.layers import Dense\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_moved(case: str) -> None:
    before, layers, after = CASES[case]
    head = "from keras.models import Sequential\n"
    done = fixed(head + before + USE.format(layers), rules=MOVED, selected=(MOVED[0].name, MOVED[1].name))
    assert not done.failures
    today = layers.replace('Convolution2D(8, 3, 3, border_mode="same"', 'Conv2D(8, (3, 3), padding="same"')
    assert text_of(done) == head + after + USE.format(today)


def test_many_calls_are_renamed_at_once() -> None:
    """More calls than there are passes: they share the edits of the import and of each other's names."""
    head = "from keras.layers import Convolution2D, Dense\nfrom keras.models import Sequential\nm = Sequential()\n"
    calls = 'm.add(Convolution2D(8, 3, 3, border_mode="same"))\n' * 15
    done = fixed(head + calls, rules=MOVED, selected=(MOVED[0].name,))
    assert (done.fixed, done.failures) == (15, ())
    assert "Convolution2D" not in text_of(done) and text_of(done).count('Conv2D(8, (3, 3), padding="same")') == 15


@pytest.mark.parametrize("other", ["Conv2D = 3\n", "__all__ = ['Convolution2D']\n"])
def test_the_old_name_stays_where_the_new_one_cannot_be_written(other: str) -> None:
    source = f"from keras.layers import Convolution2D\n{other}x = Convolution2D(8, 3, 3, border_mode='same')\n"
    done = fixed(source, rules=MOVED, selected=(MOVED[0].name,))
    assert text_of(done) == source.replace("3, 3, border_mode", "(3, 3), padding")


def test_a_file_is_read_alike_before_and_after_its_last_old_word_is_gone() -> None:
    """The call that is left alone is Keras 1's without saying so itself."""
    head = "from keras.layers import Convolution2D, Input\nfrom keras.models import Model\nx = Input((9, 9, 1))\n"
    calls = "y = Convolution2D(8, 3, 3, border_mode='same')(x)\ny = Convolution2D(8, 3, 3)(y)  # kerlint: ignore\n"
    done = fixed(head + calls + "m = Model(x, y)\n", rules=MOVED, selected=(MOVED[0].name,))
    assert (done.fixed, done.failures) == (1, ())
    assert "Conv2D(8, 3, 3)(y)  # kerlint: ignore" in text_of(done)


def test_lines_that_go_move_the_reasons_of_what_is_not_understood() -> None:
    head = (
        "from keras.layers.core import Dense\nfrom keras.layers.recurrent import LSTM\nfrom keras import Sequential\n"
    )
    code = "def build(layer):\n    m = Sequential()\n    m.add(layer)\n    m.add(Dense(1))\n    return m\n"
    done = fixed(head + code, rules=MOVED, selected=(MOVED[1].name,))
    assert (done.fixed, done.failures) == (1, ())
    assert text_of(done) == "from keras.layers import LSTM, Dense\nfrom keras import Sequential\n" + code
