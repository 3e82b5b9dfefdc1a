"""The proof's worker: runs under an interpreter of the user's, imports Keras and nothing of kerlint.

The files are copied into a scratch directory and started from there: ``python -I`` finds nothing else of the
machine's owner.
"""

from __future__ import annotations

import json
from typing import Any

from ...host.inside.protocol import serve
from ...host.inside.sealing import limit


def main(limits: str) -> None:
    """Answers requests for proofs until nobody asks any more."""
    limit(json.loads(limits))
    serve(_respond)


def _respond(request: dict[str, Any]) -> dict[str, Any]:
    from .answer import answer

    return answer(request)
