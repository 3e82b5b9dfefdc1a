"""Functions and properties that give what they gave before."""

import pytest
from tests.evaluate.seen import lines

K = """
import functools, sys
from functools import cache, cached_property, lru_cache
from keras import Input, Model, layers
def two(p, q):
    s = Input((4,))
    return Model(s, q(p(s)))
"""
PLAIN = "\ndef get(u=4):\n    return layers.Dense(u)\n"
CLASS = "class H:\n    {}\n    def d(self):\n        return layers.Dense(4)\nh, i = H(), H()\n"


@pytest.mark.parametrize(
    ("source", "call", "found"),
    [
        (f"@functools.lru_cache{PLAIN}", "two(get(4), get(4))", 20),
        (f"@cache{PLAIN}", "two(get(u=4), get(u=4))", 20),
        (f"@lru_cache(maxsize=None){PLAIN}", "two(get(4), get(4))", 20),
        (f"@lru_cache{PLAIN}", "two(get(4), get(3))", 35),
        (f"@lru_cache{PLAIN}", "two(get(), get(4))", 40),  # another call, for the cache
        (f"@lru_cache(maxsize=1){PLAIN}", "two(get(4), get(4))", 20),
        (f"@cache{PLAIN.replace('u=4', '*u').replace('(u)', '(4)')}", "two(get(1, 2), get((1, 2)))", 40),
        (f"@lru_cache(maxsize=1){PLAIN}", "two(get(4), get(3))", "?"),  # perhaps forgotten
        (f"@cache{PLAIN}", "two(get(len(sys.argv)), get(4))", "?"),
        (f"@cache{PLAIN}n = len(sys.argv)\n", "two(get(n), layers.Dense(3))", "8*n + 3"),
        (f"@cache{PLAIN.replace('(u)', '(4)')}", "two(get(1), get(1.0))", "?"),  # equal for some caches only
        (f"@cache{PLAIN}d = get(4)\nget.cache_clear()\n", "two(d, get(4))", 40),
        (CLASS.format("@cached_property"), "two(h.d, h.d)", 20),
        (CLASS.format("@cached_property"), "two(h.d, i.d)", 40),
        (CLASS.format("@property"), "two(h.d, h.d)", 40),
        (CLASS.format("@cache"), "two(h.d(), h.d())", 20),
        (CLASS.format("@property\n    @cache"), "two(h.d, h.d)", 20),
        (CLASS.format("@cached_property") + "h.d = layers.Dense(3)\n", "two(h.d, i.d)", 31),
        (CLASS.format("@cached_property") + "d = h.d\ndel h.d\n", "two(d, h.d)", 40),
        (f"@cache{PLAIN}def build():\n    return two(get(4), get(4))\ntwo(get(4), get(3))\n", "build()", 20),
    ],
)
def test_equal_arguments_give_the_same_layer(source: str, call: str, found: object) -> None:
    """One object for equal arguments; where that is not known, nor is how many layers there are."""
    assert lines(f"{K}{source}{call}\n")[-1].endswith(f" {found}")


def test_what_builds_nothing_may_be_called_with_anything() -> None:
    """Which call was equal to which matters only where something is built."""
    source = "@cache\ndef f(n):\n    return 3\nn, k = len(sys.argv), int(sys.argv[1])\nu = f(n) + f(k) + f(1)\n"
    assert lines(f"{K}{source}two(layers.Dense(4), layers.Dense(u))\n") == ["two: (None, 9) 65"]
