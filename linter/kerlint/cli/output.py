"""Where text goes: findings to standard output or a file, everything else to standard error."""

from __future__ import annotations

import os
import sys
import time

from kerlint.cli.flags import Usage

SLOW = 0.3  # seconds before a bar shows up: what is quick needs none


def emit(data: str | bytes, file: str | None = None) -> None:
    """Findings. What a program reads is UTF-8 whatever the locale says; a surrogate of a path is escaped."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "backslashreplace")
    if file is not None:
        try:
            os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
            with open(file, "wb") as target:
                target.write(raw)
        except OSError as error:
            raise Usage(f"{file} cannot be written: {error.strerror}") from None
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is written at the end, too
        raise Usage(f"standard output cannot be written: {error.strerror}") from None


def emit_text(text: str) -> None:
    """Text for a reader, in what the terminal can show."""
    emit(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))


def tell(text: str) -> None:
    """A note on standard error."""
    print(text, file=sys.stderr)


def many(number: int, word: str, ending: str = "s") -> str:
    """``1 finding``, ``2 findings``."""
    return f"{number} {word}{'' if number == 1 else ending}"


class Bar:
    """``proving 3 of 12`` on a terminal, nothing elsewhere."""

    def __init__(self, verb: str, total: int | None = None, *, wanted: bool = True) -> None:
        self.verb, self.total, self.done = verb, total, 0
        self.shown = False
        self._wanted = wanted and sys.stderr.isatty()
        self._since = time.monotonic()

    def step(self, done: int | None = None) -> None:
        """One more is under way, or so many are done."""
        self.done = self.done + 1 if done is None else done
        if not self._wanted or (not self.shown and self.done > 1 and time.monotonic() - self._since < SLOW):
            return
        share = f" of {self.total}" if self.total else ""
        part = min(self.done / self.total, 1.0) if self.total else 0.0
        bar = f" [{'#' * round(20 * part):<20}]" if self.total else ""
        sys.stderr.write(f"\r\x1b[K{self.verb} {self.done}{share}{bar}")
        sys.stderr.flush()
        self.shown = True

    def end(self) -> None:
        """The line is empty again."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self.shown = False
