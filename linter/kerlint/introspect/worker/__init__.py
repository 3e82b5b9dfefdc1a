"""The worker of introspection: runs a builder of the user's in a sealed process and describes its models."""

from __future__ import annotations

import json
import os
from typing import Any

from ...host.inside.protocol import serve
from ...host.inside.sealing import seal


def main(limits: str) -> None:
    """Seals the process, then answers requests until nobody asks any more."""
    home = os.getcwd()
    still_open = seal(json.loads(limits), home)
    os.chdir(home)  # through the mount that may be written

    def respond(request: dict[str, Any]) -> dict[str, Any]:
        from .answer import answer

        return answer(request) | {"open": still_open}

    serve(respond)
