"""The programs of tests/evaluate/pretrained.py, run with Keras: what is expected of them is what Keras says."""

from __future__ import annotations

from typing import Any

import pytest
from tests.applications.reference import no_weights, size
from tests.evaluate.pretrained import PROGRAMS, Program


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_keras_gives_what_is_expected(keras3: Any, program: Program) -> None:
    keras3.utils.clear_session()
    names: dict[str, Any] = {}
    with keras3.StatelessScope(initialize_variables=False), no_weights(keras3):
        exec(program.source, names)
        found = [value for value in names.values() if isinstance(value, keras3.Model)]
        for model in found:
            if not model.built:  # a Sequential is, when it is first called
                model.build(model.layers[0].input_shape)
    seen = [(tuple(m.outputs[0].shape), size(m.weights), size(m.trainable_weights)) for m in found]
    assert seen == [(shape, params, trainable) for _, shape, params, trainable in program.models]
