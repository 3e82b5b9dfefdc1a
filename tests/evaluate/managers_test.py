"""Context managers of the program: what they change holds in the body of the ``with``, and no longer behind it."""

import pytest
from tests.evaluate.seen import lines

HEAD = """
from contextlib import ExitStack, contextmanager
from keras import Input, Sequential, layers

CFG = {"n": 1}


@contextmanager
def override(n):
    CFG["n"] = n
    try:
        yield [n, 9]
    except ValueError:
        CFG["n"] = 50
    CFG["n"] += 10


class Scope:
    def __init__(self, swallows=False):
        self.swallows = swallows

    def __enter__(self):
        CFG["n"] = 3
        return [7]

    def __exit__(self, *what):
        CFG["n"] = 20
        return self.swallows


def net(n=1):
    return Sequential([Input((1,)), layers.Dense(n)])


"""
BODIES = [
    ("with override(3):\n    m = net(CFG['n'])", "(None, 3) 6"),
    ("with override(3):\n    pass\nm = net(CFG['n'])", "(None, 13) 26"),
    ("with override(3) as x:\n    m = net(x[1])", "(None, 9) 18"),
    ("with override(3):\n    raise ValueError\nm = net(CFG['n'])", "(None, 60) 120"),
    ("with Scope() as x:\n    m = net(CFG['n'] + x[0])", "(None, 10) 20"),
    ("with Scope():\n    pass\nm = net(CFG['n'])", "(None, 20) 40"),
    ("with Scope(True):\n    raise ValueError\nm = net(CFG['n'])", "(None, 20) 40"),
    (
        "from elsewhere import flag\ntry:\n    with Scope(flag()):\n        raise ValueError\n"
        "except ValueError:\n    pass\nm = net(CFG['n'])",
        "(None, 20) 40",
    ),
    ("for n in (1, 2):\n    with override(n):\n        break\nm = net(CFG['n'])", "(None, 11) 22"),
    ("def make():\n    with Scope(), override(4):\n        return net(CFG['n'])\nm = make()", "(None, 4) 8"),
    ("stack = ExitStack()\nstack.enter_context(override(3))\nm = net(CFG['n'])", "(None, 1) ?"),
]


@pytest.mark.parametrize(("body", "expected"), BODIES, ids=range(len(BODIES)))
def test_what_a_context_manager_changes_holds_in_its_body(body: str, expected: str) -> None:
    assert lines(HEAD + body + "\n")[-1].partition(": ")[2] == expected
