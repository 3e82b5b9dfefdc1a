"""Sets have no known order, but for small numbers."""

import pytest
from tests.evaluate.seen import evaluated, lines

K = "from keras import Input, Model, Sequential, layers\nx = s = Input((4,))\n"
SHUFFLED = "len(shuffled)*len(shuffled) + 5*len(shuffled) + len(shuffled)"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("for n in {'aa', 'b', 'cccc'}: x = layers.Dense(len(n))(x)", "?"),
        ("for n in {3, 1, 2}: x = layers.Dense(n)(x)", "18"),
        ("for n in {'aa'}: x = layers.Dense(len(n))(x)", "10"),
        ("for d in [layers.Dense(len(n)) for n in {'aa', 'b'}]: x = d(x)", "?"),
        ("for u in [len(n) for n in {'aa', 'b'}]: x = layers.Dense(u)(x)", "?"),
        ("us = []\nfor n in {'aa', 'b'}: us.append(len(n))\nfor u in us: x = layers.Dense(u)(x)", "?"),
        ("for u in list({2, 3}): x = layers.Dense(u)(x)", "19"),
        ("for n in list({'aa', 'b'}): x = layers.Dense(len(n))(x)", SHUFFLED),
        ("x = layers.Dense(len(list(set('aba'))))(x)", "10"),
        ("for n in {'aa', 'b'}: u = len(n)\nx = layers.Dense(u)(x)", "5*u"),
        ("u = len({'aa', 'b'})\nx = layers.Dense(u)(x)", "10"),
        ("u = max(len(n) for n in {'aa', 'b'})\nx = layers.Dense(u)(x)", "10"),
        ("for n in sorted({'aa', 'b'}): x = layers.Dense(len(n))(x)", "13"),
        ("u = 3 if any(n in 'bc' for n in {'aa', 'b'}) else 1\nx = layers.Dense(u)(x)", "15"),
    ],
)
def test_what_hangs_on_the_order_of_a_set_is_not_known(source: str, found: str) -> None:
    """Neither what is built while it is walked, nor what is left; how many there are is known."""
    assert lines(f"{K}{source}\nm = Model(s, x)\n")[0].endswith(f" {found}")


def test_the_elements_of_a_set_are_asked_about_in_one_order() -> None:
    """Python hashes texts anew in each process: what is found must not hang on that."""
    source = "import sys\nfrom keras import Input, Model, layers\nk = sys.argv[1]\nx = Input((4,))\n"
    source += "m = Model(x, layers.Dense(2 if k in {'f', 'e', 'd', 'c', 'b', 'a'} else 3)(x))\n"
    longest = max((c.assumptions for c in evaluated(source).contexts), key=len)
    assert [text[-2] for text in longest] == list("abcdef")
