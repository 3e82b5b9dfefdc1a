"""Names: tables of them, written as text or kept in ``words.json``, and how Keras makes them."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

TABLES: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_bytes())


def named(table: str) -> tuple[str, ...]:
    """The words of one of the long tables."""
    return tuple(TABLES[table])


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """The words of a text, to ask whether one is among them."""
    return frozenset(text.split())


@cache
def snake(name: str) -> str:
    """``Conv1D`` -> ``conv1d``, ``MaxPooling2D`` -> ``max_pooling2d``: as Keras does it."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
