"""The graph from source is the one that comes out, where the source claims to be complete."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from kerlint.cli.comparing import compare
from kerlint.cli.flags import Flags
from kerlint.cli.sources import Sources
from kerlint.graph.dim import symbol
from kerlint.host.find import Interpreter
from kerlint.introspect.client import Introspection, Wish
from kerlint.introspect.target import parse
from kerlint.report.comparison import Sizes

pytestmark = pytest.mark.keras
SEEDS = Path(__file__).parents[2] / "fixtures" / "seeds"
KERAS = Path(importlib.util.find_spec("keras").origin or "").parent  # type: ignore[union-attr]

TARGETS = {
    f"{SEEDS}/quake.py": ("model", 143_879),
    f"{SEEDS}/waveforms.py:build_model()": ("build_model", 130_061),
    f"{SEEDS}/waveforms.py:build_model((128, 3))": ("build_model", 125_261),
    f"{SEEDS}/seismogram.py:build_model(hidden=7)": ("build_model", 896_271),
    "keras.applications:ResNet50(weights=None)": ("ResNet50", 25_636_712),
    "keras.applications:MobileNetV2(weights=None, alpha=0.5, classes=7)": ("MobileNetV2", 715_191),
    f"{KERAS}/src/applications/vgg16.py:VGG16(weights=None, include_top=False)": ("VGG16", 14_714_688),
    f"{KERAS}/src/applications/efficientnet.py:EfficientNetB0(weights=None)": ("EfficientNetB0", 5_330_571),
}


@pytest.mark.parametrize("target", TARGETS)
def test_no_difference(target: str, interpreter: Interpreter) -> None:
    sources = Sources(Flags([]), [str(SEEDS)])
    with Introspection(interpreter, parse(target), Wish()) as one:
        rows, text, fine = compare(sources, one.outcome())
    row = rows[-1]
    assert (row["name"], row["params"]) == TARGETS[target]
    assert fine and row["complete"] and row["differences"] == row["table"] == [], text


def test_what_a_symbol_is_follows_from_its_first_formula() -> None:
    """``len(words) + 1`` stands nowhere alone; once it is known, every other formula has to agree."""
    n = symbol("n", "n")
    sizes = Sizes()
    assert sizes.agrees(n * 64 + 64, 16_832)
    assert sizes.agrees(n + 1, 263) and not sizes.agrees(n + 2, 263)
    assert not Sizes().agrees(n * 64 + 64, 16_833)
    assert not Sizes().agrees(n + 5, 3)
