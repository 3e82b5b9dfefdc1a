"""Each planted mistake is caught, by the very comparison that the conformance tests make."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from tests.layers.conformance import disagreements
from tests.layers.domains import Case, some
from tests.layers.layers_build_test import wrong_masks
from tests.layers.layers_domain_test import SAMPLE, real_signature
from tests.layers.layers_macs_test import COUNTED, counted
from tests.layers.layers_symbolic_test import NO_ANSWER, disagreement, some_cases
from tests.layers.planted import MISTAKES, Mistake

from kerlint.graph.layer import Silent
from kerlint.layers.table import TABLE

pytestmark = pytest.mark.keras


def found(keras: Any, mistake: Mistake) -> list[Any]:
    """What the comparison says of the row as it stands in the table."""
    name, spec = mistake.name, TABLE[mistake.name]
    if mistake.seen_by == "mask":
        return wrong_masks(keras, name)
    if mistake.seen_by == "macs":
        return [case for case in COUNTED if case.name == name and len(set(counted(keras, case))) > 1]
    if mistake.seen_by == "named":
        rng = random.Random(name)
        return [wrong for case in some_cases(name, rng) if (wrong := differs(case, rng))]
    if mistake.seen_by == "signature":
        ours = list(spec.signature.items())
        return [] if ours == real_signature(getattr(keras.layers, name)) else [ours]
    return list(itertools.islice(disagreements(keras, some(spec, SAMPLE)), 1))  # one is enough


def differs(case: Case, rng: random.Random) -> str:
    """The disagreement on named sizes, if there is one."""
    try:
        wrong = disagreement(case, rng)
    except Silent:
        return ""
    return "" if wrong == NO_ANSWER else wrong


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_planted_mistake_is_caught(keras3: Any, mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the mistake the same comparison finds nothing: that is what the other tests assert."""
    monkeypatch.setitem(TABLE, mistake.name, mistake.change(TABLE[mistake.name]))
    assert found(keras3, mistake), f"nobody notices: {mistake.name}: {mistake.what}"


def test_enough_is_planted() -> None:
    assert len({str(mistake) for mistake in MISTAKES}) == len(MISTAKES) >= 20
    assert {mistake.seen_by for mistake in MISTAKES} == {"domain", "mask", "macs", "named", "signature"}
