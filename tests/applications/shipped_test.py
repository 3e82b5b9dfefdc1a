"""Pretrained models in programs: what kerlint ships of keras.applications, against the installed Keras."""

from __future__ import annotations

import inspect
import json
import random
import zipfile
from typing import Any

import pytest
from tests.applications.reference import built, constructors, of_keras, of_kerlint, written
from tests.evaluate.seen import models

from kerlint.evaluate.pretrained import ARCHIVE, NAMES, plan_of
from kerlint.graph.graph import Model

QUICK = ("ConvNeXtTiny", "EfficientNetB0", "MobileNet", "MobileNetV2", "MobileNetV3Small", "ResNet50V2", "VGG16")
TIMES = "tests/applications holds what is shipped against the installed Keras; if that is newer: bench/pretrained.py"


def test_all_constructors_are_shipped_with_their_arguments(keras3: Any) -> None:
    with zipfile.ZipFile(ARCHIVE) as archive:
        about = json.loads(archive.read("about.json"))
    assert about["constructors"] == constructors(keras3), TIMES
    assert set(about["constructors"]) == NAMES
    for name in sorted(NAMES):
        signature = inspect.signature(getattr(keras3.applications, name))
        defaults = {key: parameter.default for key, parameter in signature.parameters.items()}
        assert list(plan_of(name).arguments) == list(defaults)
        assert plan_of(name).arguments | {"name": None} == defaults | {"name": None}


def drawn(name: str, draw: random.Random) -> dict[str, Any]:
    """Arguments that a program may give, also such that Keras refuses."""
    plan = plan_of(name)
    channels = 3 if plan.default is None else draw.choice((3, 3, 3, 1, 4))  # Keras finds out while loading weights
    sizes = (plan.default, 96, 128, 97, 131, 150, 193, 224, 226, None, draw.randint(20, 260))
    height, width = draw.choice(sizes), draw.choice(sizes)
    some: dict[str, Any] = {
        "include_top": draw.random() < 0.3,
        "weights": draw.choice((None, "imagenet")),
        "input_shape": draw.choice((None, (height, height, channels), (height, width, channels))),
        "pooling": draw.choice((None, "avg", "max")),
        "classes": draw.choice((1000, 1000, 7, 2)),
        "classifier_activation": draw.choice(("softmax", None)),
    }
    for key in plan.by:
        if key not in some:
            at = plan.by.index(key)
            some[key] = draw.choice(sorted({values[at] for values in plan.select}))
    return {key: value for key, value in some.items() if draw.random() < 0.8}


def agree(keras: Any, name: str, arguments: dict[str, Any]) -> bool:
    """Whether Keras builds it; fails where kerlint says anything else about it."""
    source = f"import keras\nmodel = keras.applications.{name}({written(arguments)})\n"
    found: list[Model] = models(source)
    shape = arguments.get("input_shape") or (None if arguments.get("include_top", True) is False else 0,)
    plan = plan_of(name)
    other_channels = plan.channels is not None and shape[-1] not in (0, None, plan.channels)
    if (not plan.free and None in shape) or other_channels:  # not covered
        assert found == [], source
        return False
    if not plan.free and not found:  # its layers hang on the size: some sizes are not covered
        return False
    try:
        expected = of_keras(built(keras, name, **arguments))
    except (ValueError, TypeError):
        assert not any(model.graph.complete for model in found), source
        return False
    assert len(found) == 1, source
    facts = of_kerlint(found[0])
    assert facts.rows == expected.rows, source
    assert facts == expected, source
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_drawn_calls_give_what_keras_builds(keras3: Any, name: str) -> None:
    draw = random.Random(name)
    answers = [agree(keras3, name, drawn(name, draw)) for _ in range(4)]
    agree(keras3, name, {})
    assert agree(keras3, name, {"include_top": False, "input_shape": (97, 130, 3)})
    assert len(answers) == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arguments", "covered"),
    [
        (
            "MobileNetV3Small",
            {"minimalistic": True, "input_shape": (96, 193, 3)},
            True,
        ),  # another kernel: other padding
        ("EfficientNetV2B0", {"input_shape": (96, 96, 1)}, False),  # Keras prepares other channels in another way
        ("NASNetMobile", {"input_shape": (97, 130, 3)}, True),
    ],
)
def test_what_layers_hang_on(keras3: Any, name: str, arguments: dict[str, Any], covered: bool) -> None:
    assert agree(keras3, name, {"include_top": False, "weights": None} | arguments) is covered


@pytest.mark.slow
@pytest.mark.whole
def test_all_shipped_models_under_drawn_calls(keras3: Any) -> None:
    for name in sorted(NAMES):
        draw = random.Random(f"all {name}")
        built_of = [agree(keras3, name, drawn(name, draw)) for _ in range(8)]
        assert any(built_of), name
        assert agree(keras3, name, {"weights": None}), name
        covered = agree(keras3, name, {"include_top": False, "input_shape": (97, 130, 3)})
        assert covered or not plan_of(name).free, name
