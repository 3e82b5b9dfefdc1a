"""Whether a decision that kerlint leaves alone would have changed a model.

    python bench/decisions.py DIR [DIR ...] [--every 8] [--runs 48]

Where a condition is not known, kerlint takes one side, and the other side only where a layer may hang on it
(``evaluate/flow.py``). Here every file is evaluated twice: so, and with every condition turned round, both with
the same, larger bounds (``--runs`` for each root). A complete model that only the second shows is a decision taken in
silence. Models are the same if they are made at the same place and have the same layers, shapes and counts.
Exit status: 1 if there is one.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from corpus import candidates

from kerlint.evaluate import relevance, run, state
from kerlint.graph import count
from kerlint.graph.graph import Model
from kerlint.imports import Imports
from kerlint.text.document import Document

ORIGIN = re.compile(r"origin='[^']*'")  # of a symbol: which of several unknown values it is


def seen(document: Document) -> Iterator[tuple[tuple[object, ...], tuple[str, ...]]]:
    """The complete models of a document, and what is assumed of each."""
    for context in run.evaluate(document, load=Imports()).contexts:
        for model in context.models:
            if model.graph.complete:
                yield _looks(context.root, model), context.assumptions


def _looks(root: str, model: Model) -> tuple[object, ...]:
    layers = [(node.kind, ORIGIN.sub("", str(node.output.shape))) for node in model.graph.nodes]
    return root, model.made_at, tuple(layers), ORIGIN.sub("", str(count.model(model.graph)))


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1, help="one file of so many")
    parser.add_argument("--runs", type=int, default=48)
    options = parser.parse_args()
    vars(run).update(DECISIONS=options.runs, REPLAY=10**9)
    state.STEPS, state.SECONDS = 3_000_000, 60.0
    judged, files, models, missed = relevance._matters, 0, 0, 0
    for _, root, path in list(candidates(options.roots))[:: options.every]:
        document = Document.parse((Path(root) / path).read_bytes(), str(Path(root) / path))
        if not isinstance(document, Document):
            continue
        relevance._matters = judged
        found = dict(seen(document))
        relevance._matters = lambda *_: True
        every = dict(seen(document))
        files, models = files + 1, models + len(every)
        for look in every.keys() - found.keys():
            missed += 1
            print(f"{document.path}: {look[0]}: {look[3]} where {', '.join(every[look]) or 'nothing is assumed'}")
    print(f"{files} files, {models} models with every decision turned round; {missed} of them not seen otherwise")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
