"""What fails on known values fails: a try statement goes on where Python would."""

import pytest
from tests.evaluate.seen import lines, models

from kerlint.graph import count
from kerlint.graph.layer import Unknown

HEAD = "from keras.models import Sequential\nfrom keras.layers import Dense\n"
TAIL = "m = Sequential([Dense(q, input_shape=(4,))])\n"


@pytest.mark.parametrize(
    ("body", "units"),
    [
        ("try:\n    q = int('abc')\nexcept ValueError:\n    q = 6\nelse:\n    q = 7\n", 6),
        ("try:\n    q = {'a': 1}['b']\nexcept KeyError:\n    q = 5\n", 5),
        ("try:\n    q = [1, 2][3]\nexcept IndexError:\n    q = 3\n", 3),
        ("try:\n    q = 8 // 0\nexcept ZeroDivisionError:\n    q = 2\n", 2),
        ("try:\n    q = [1].index(9)\nexcept ValueError:\n    q = 4\n", 4),
        ("import math\ntry:\n    q = math.sqrt(-1)\nexcept ValueError:\n    q = 3\n", 3),
        ("try:\n    q = max([])\nexcept ValueError:\n    q = 3\n", 3),
        ("try:\n    q = next(iter([]))\nexcept StopIteration:\n    q = 3\n", 3),
        ("q = min([], default=3) + next(iter([]), 4) + next(iter([5]))\n", 12),
        (
            "from itertools import chain\nq = 3 + len(list(chain.from_iterable([]))) + len(list(chain.from_iterable([[1], [2]])))\n",
            5,
        ),
        ("try:\n    q = int('9')\nexcept ValueError:\n    q = 6\n", 9),
    ],
)
def test_a_try_goes_on_where_python_would(body: str, units: int) -> None:
    (line,) = lines(HEAD + body + TAIL)
    assert line.endswith(f" {5 * units}")


def test_a_size_that_is_none_leaves_the_model_incomplete_and_stops_nothing() -> None:
    head = "import keras\nfrom keras import layers\nx = keras.Input((4, 3))\n"
    (model,) = models(head + "m = keras.Model(x, layers.EinsumDense('abc,cd->abd', (None, 'q'))(x))\n")
    assert not model.graph.complete
    assert isinstance(count.model(model.graph), Unknown)
    assert "'q' is no size" in str(model.graph.outputs[0].shape)
