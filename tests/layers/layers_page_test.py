"""docs/layers.md is what the table says. No Keras."""

from __future__ import annotations

import runpy
from pathlib import Path

from tests.layers.limits import DECLINED

from kerlint.layers.table import TABLE

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "layers.py"))["page"]()
    assert (DOCS / "layers.md").read_text() == made, "run: python docs/layers.py"


def test_the_page_has_every_class() -> None:
    text = (DOCS / "layers.md").read_text()
    assert not [name for name in (*TABLE, *DECLINED) if f"`{name}`" not in text]
