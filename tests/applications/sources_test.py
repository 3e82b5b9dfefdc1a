"""Keras's own architectures, evaluated from their sources, against the models that Keras builds of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.applications.reference import built, constructors, from_source, of_keras, of_kerlint, written

# One of each family, quick to build. All of them: pytest -m applications
SPREAD = ("ConvNeXtTiny", "DenseNet121", "EfficientNetB0", "MobileNetV3Small", "ResNet50V2", "VGG16")


def agree(keras: Any, name: str, **arguments: Any) -> None:
    (model,) = from_source(keras, name, f"{name}({written(arguments)})")
    found, expected = of_kerlint(model), of_keras(built(keras, name, **arguments))
    assert found.rows == expected.rows
    assert found == expected
    assert len(model.graph.unresolved) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", SPREAD)
def test_the_source_gives_what_keras_builds(keras3: Any, name: str) -> None:
    agree(keras3, name, weights=None)


@pytest.mark.slow
@pytest.mark.applications
def test_every_source_gives_what_keras_builds(keras3: Any) -> None:
    names = constructors(keras3)
    assert len(names) >= 38
    for name in names:
        agree(keras3, name, weights=None)
        agree(keras3, name)
