"""Keywords that a constructor takes beside its signature: a row refuses none that Keras takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from tests.layers.conformance import class_of, keras_says, known, real
from tests.layers.domains import cases
from tests.layers.layers_domain_test import PRODUCT
from tests.layers.neutral import tried

from kerlint.graph.layer import Refused, Silent
from kerlint.layers.bind import bind
from kerlint.layers.table import TABLE

pytestmark = pytest.mark.keras

EVERY = sorted({a for spec in TABLE.values() for a in spec.signature} | {"bounding_box_format", "vocabulary_size"})
SOME = ("activation", "bounding_box_format", "data_format", "factor", "kernel_initializer", "lora_rank", "seed")


def wrongly_refused(keras: Any, name: str, words: Iterable[str]) -> list[str]:
    """The keywords that Keras's constructor takes and the row refuses."""
    spec = TABLE[name]
    base = next(case.arguments for case in cases(spec) if not keras_says(keras, case).refused)
    wrong = []
    for word in words:
        if word in spec.signature or (name, word) == ("LeakyReLU", "alpha"):  # the old name of what is given already
            continue
        extra = {word: (tried(word) or (None,))[0]}
        try:
            bind(spec, (), {k: known(v) for k, v in base.items()} | extra)
        except Silent:
            continue
        except Refused:
            try:
                class_of(keras, name)(**{k: real(keras, v) for k, v in base.items()}, **extra)
            except Exception:  # Keras refuses with many types
                continue
            wrong.append(word)
    return wrong


@pytest.mark.parametrize("name", PRODUCT)
def test_common_keywords(keras3: Any, name: str) -> None:
    assert wrongly_refused(keras3, name, SOME) == []


@pytest.mark.whole
@pytest.mark.parametrize("name", PRODUCT)
def test_every_keyword(keras3: Any, name: str) -> None:
    assert wrongly_refused(keras3, name, EVERY) == []
