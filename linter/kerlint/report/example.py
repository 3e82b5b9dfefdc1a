"""What a rule finds in the example of its own page: the figures of the page, which nobody has to write."""

from __future__ import annotations

import re

from kerlint.engine import check
from kerlint.merge import Options
from kerlint.report.full import figures
from kerlint.report.row import rows_of
from kerlint.rule.rule import Rule
from kerlint.text.document import Document

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
GAP = re.compile(r" {3,}")  # between the columns of a report
PREAMBLE = "from tensorflow.keras.layers import *\nfrom tensorflow.keras.models import *\n\n"


def found(rule: Rule) -> list[str]:
    """The message and the counts before and after, as far as the example says them; empty without a finding."""
    block = BLOCK.search(rule.page)
    if block is None:
        return []
    report = check(Document.of(PREAMBLE + block[1]), (rule,), Options(selected=frozenset([rule.name]), fixes=False))
    rows = [row for row in rows_of(report) if row.data["code"] == rule.code]
    if not rows:
        return []
    told = (f"{label:<7} {GAP.sub('  ', text)}" for label, text in figures(rows[0]))
    return [rows[0].data["message"], *told]
