"""Methods that Python calls by itself, code in a text, and what an answered question leaves open."""

import pytest
from tests.evaluate.seen import lines

HEAD = """
from keras import Input, Sequential, layers

UNITS = []


class Registry:
    def __init_subclass__(cls, by=1):
        UNITS.append(cls.units * by)


class Size:
    def __init__(self, n):
        self.n = n

    def __bool__(self):
        return self.n > 4


class Row(list):
    def __len__(self):
        return 0


n = 1
net = lambda n: Sequential([Input((1,)), layers.Dense(n)])
"""
PROGRAMS = [
    ("class A(Registry):\n    units = 3\nm = net(UNITS[0])", ["3 6"]),
    ("class A(Registry, by=2):\n    units = 3\nm = net(UNITS[0])", ["6 12"]),
    ("m = net(2 if Size(3) else 5)", ["5 10"]),
    ("if not Size(9):\n    n = 7\nm = net(n)", ["1 2"]),
    ("m = net(2 if Row() else 5)", ["5 10"]),
    ("exec('n = 4')\nm = net(n)", ["n 2*n"]),
    ("exec(input())\nm = net(n)", ["1 ?"]),
    ("exec('print(1)')\nm = net(n)", ["1 2"]),
    ("x = input()\nif x is True:\n    n = 2\nelif x:\n    n = 3\nm = net(n)", ["2 4", "3 6", "1 2"]),
    ("x = input() == 'a'\nif x is True:\n    n = 2\nelif x:\n    n = 3\nm = net(n)", ["2 4", "1 2"]),
]


@pytest.mark.parametrize(("program", "expected"), PROGRAMS, ids=range(len(PROGRAMS)))
def test_what_python_does_by_itself(program: str, expected: list[str]) -> None:
    found = [line.partition("(None, ")[2].replace(")", "", 1) for line in lines(HEAD + program + "\n")]
    assert sorted(found) == sorted(expected)


CHANGING = """
from keras import Input, Sequential, layers

CFG, N = {"n": 1}, 1


def put():
    global N
    CFG["n"], N = 3, 5


def first():
    put()
    return Sequential([Input((1,)), layers.Dense(CFG["n"]), layers.Dense(N)])


def second():
    return Sequential([Input((1,)), layers.Dense(CFG["n"]), layers.Dense(N)])
"""


def test_a_function_sees_what_those_it_calls_change_and_no_other_does() -> None:
    assert lines(CHANGING) == ["first: (None, 5) 26", "second: (None, 1) 4"]
