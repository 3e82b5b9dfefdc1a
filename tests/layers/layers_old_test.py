"""What kerlint says that Keras 2 refuses, tf_keras refuses: a program that ran is never called wrong."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from typing import Any

import pytest
from tests.layers.conformance import keras_says, known, symbolic
from tests.layers.domains import Case, some
from tests.layers.special import special
from tests.layers.values import VALUES

from kerlint.graph.layer import REQUIRED, Refused, Silent, Unknown
from kerlint.layers.bind import bind
from kerlint.layers.table import TABLE

pytestmark = pytest.mark.keras

NUMBER = re.compile(r"\d+")
ALIKE = 3  # cases of one reason that are tried
OLD = [name for name, spec in TABLE.items() if 2 in spec.generations and name != "InputLayer"]


def refusal(case: Case) -> str | None:
    """Why kerlint says that Keras 2 refuses this; None where it does not."""
    spec = TABLE[case.name]
    try:
        config = bind(spec, (), {k: known(v) for k, v in case.arguments.items()}, generation=2).config
        shapes = tuple(symbolic(s, n) for n, s in enumerate(case.inputs))
        spec.output(config, shapes if spec.many else shapes[0])
    except Silent:
        return None
    except Refused as refused:
        return None if refused.since > 2 else str(refused)
    return None


@pytest.mark.parametrize("name", OLD)
def test_what_keras_2_takes_is_not_refused(name: str) -> None:
    keras: Any = pytest.importorskip("tf_keras")
    tried: Counter[str] = Counter()
    cases = [c for c in special() if c.name == name] + (some(TABLE[name], 60) if VALUES.get(name) else [])
    for case in cases:
        reason = refusal(case)
        if reason is None:
            continue
        tried[NUMBER.sub("N", reason)] += 1
        if tried[NUMBER.sub("N", reason)] <= ALIKE:
            assert keras_says(keras, case).refused, f"{case}: Keras 2 takes it ({reason})"


LENIENT = [
    Case("Dense", {"units": 0}, ((None, 4),)),
    Case("Conv1D", {"filters": 6, "kernel_size": 2}, ((None, 5, 5, 3),)),
    Case("Conv2D", {"filters": 6, "kernel_size": 2}, ((None, 2, 5, 5, 3),)),
    Case("Cropping3D", {"cropping": 1}, ((None, 2, 5, 5, 3),)),
    Case("ConvLSTM2D", {"filters": 2, "kernel_size": 2}, ((None, 3, None, None, 3),)),
    Case("UpSampling3D", {}, ((None, 5, 5, 3),)),
    Case("Reshape", {"target_shape": (-1, 2, -1)}, ((None, None, 4),)),
    Case("AveragePooling2D", {}, ((None, 5, 5, 3),)),
    Case("Dense", {"units": 3, "kernel_layout": None, "bias_layout": None}, ((None, 4),)),
    Case("Conv2DTranspose", {"filters": 6, "kernel_size": 2, "kernel_layout": None}, ((None, 5, 5, 3),)),
    Case("Embedding", {"input_dim": 9, "output_dim": 2, "embeddings_layout": None}, ((None, 5),)),
    Case("BatchNormalization", {"moving_mean_layout": None, "gamma_layout": None}, ((None, 4),)),
    Case("LayerNormalization", {"beta_layout": None}, ((None, 4),)),
]


@pytest.mark.parametrize("case", LENIENT, ids=lambda case: case.name)
def test_what_only_keras_3_refuses(case: Case) -> None:
    three, two = pytest.importorskip("keras"), pytest.importorskip("tf_keras")
    assert keras_says(three, case).refused and not keras_says(two, case).refused
    assert refusal(case) is None


PLACED = [name for name in OLD if "data_format" in TABLE[name].signature]


@pytest.mark.parametrize("name", PLACED)
def test_where_channels_stand_if_nothing_is_said(name: str) -> None:
    """Keras 2 took the channels of series for the last axis, whatever its configuration said of images."""
    keras: Any = pytest.importorskip("tf_keras")
    taken = inspect.signature(getattr(keras.layers, name)).parameters.get("data_format")
    given = {a: Unknown(a, "") for a, value in TABLE[name].signature.items() if value is REQUIRED}
    config = bind(TABLE[name], (), given, data_format="channels_first", generation=2).config
    assert config.raw("data_format") == ("channels_last" if taken is None else taken.default or "channels_first")
