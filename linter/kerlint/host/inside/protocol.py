"""One JSON object a line on standard input, one a line on standard output."""

from __future__ import annotations

import io
import json
import os
import queue
import shutil
import sys
import threading
from collections.abc import Callable
from typing import Any


def serve(respond: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answers requests until standard input ends, then leaves at once, whatever runs."""
    # TensorFlow prints where it likes: its standard output becomes standard error, ours is kept apart.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # What is printed is seen at once, and in order.
    printed = io.BufferedWriter(_Bounded(2, "wb", closefd=False))
    sys.stdout = sys.stderr = io.TextIOWrapper(printed, "utf-8", "backslashreplace", line_buffering=True)
    given, sys.stdin = sys.stdin, io.StringIO()  # requests are not the program's to read
    lines: queue.Queue[str] = queue.Queue()
    scratch = os.path.dirname(os.getcwd())  # now: a program that runs here may go elsewhere
    threading.Thread(target=_listen, args=(given, lines, scratch), daemon=True).start()
    itself = os.getpid()
    while True:
        message = json.loads(lines.get())
        answer = respond(message["request"])
        if os.getpid() != itself:
            os._exit(0)  # the program has forked: its parent answers
        out.write(json.dumps({"id": message["id"], "answer": answer}) + "\n")
        out.flush()


class _Bounded(io.FileIO):
    """What is printed beyond the limit on files is lost, and the program goes on."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return len(data)


def _listen(given: Any, lines: queue.Queue[str], scratch: str) -> None:
    """Hands on lines; when whoever asked is gone, nobody wants the answer."""
    for line in given:
        lines.put(line)
    if os.path.basename(scratch).startswith("kerlint-"):  # whoever made it had no time to remove it
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)
