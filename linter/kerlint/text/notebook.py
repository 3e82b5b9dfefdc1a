"""Notebooks: the code cells of an .ipynb, and putting an edited one back without touching another byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def read_cells(raw: str) -> list[tuple[int, str]]:
    """Index and source of every code cell. Raises ValueError where the text is no notebook.

    A notebook whose kernel is not Python has none.
    """
    book = json.loads(raw)
    if not isinstance(book, dict) or not isinstance(book.get("cells"), list):
        raise ValueError("it has no 'cells' (formats before 4 are not read)")
    if not _is_python(book.get("metadata")):
        return []
    found = []
    for index, cell in enumerate(book["cells"]):
        if not isinstance(cell, dict):
            raise ValueError(f"cell {index} is not an object")
        if cell.get("cell_type") == "code":
            found.append((index, _text(cell.get("source"), index)))
    return found


def write(raw: str, sources: Mapping[int, str]) -> str:
    """The notebook's text with new sources in some cells; all else stays as it is written."""
    pieces: list[str] = []
    done = 0
    escaped = raw.isascii()  # then whoever wrote it spells other letters as \u escapes
    for index, start, end in _sources(raw):
        if index in sources:
            pieces += (raw[done:start], _spelled(raw[start:end], sources[index], escaped))
            done = end
    return "".join((*pieces, raw[done:]))


def _is_python(metadata: object) -> bool:
    """Whether the kernel is Python's; a notebook that does not say is taken for one."""
    told = metadata if isinstance(metadata, dict) else {}
    found = (told.get(part) for part in ("kernelspec", "language_info"))
    spec, info = (part if isinstance(part, dict) else {} for part in found)
    name = info.get("name") or spec.get("language") or spec.get("name") or "python"
    return str(name).lower().startswith(("python", "ipython", "conda-", "venv"))


def _text(source: object, index: int) -> str:
    if isinstance(source, str):
        return source
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    raise ValueError(f"the source of cell {index} is neither text nor a list of lines")


def _sources(raw: str) -> Iterator[tuple[int, int, int]]:
    """Cell index, start and end of each written ``source`` value."""
    for key, start, _ in _members(raw, _skip(raw, 0)):
        if key == "cells":
            for index, (_, place, _) in enumerate(_elements(raw, start)):
                for name, first, last in _members(raw, place):
                    if name == "source":
                        yield index, first, last


def _members(raw: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Key, start and end of each value of the object that begins at an offset."""
    places = list(_elements(raw, at))
    for (key, _, _), (_, start, end) in zip(places[::2], places[1::2], strict=True):
        yield key, start, end


def _elements(raw: str, at: int) -> Iterator[tuple[Any, int, int]]:
    """Each element of the array that begins at an offset, its start and end; of an object keys and values in turn."""
    at = _skip(raw, at + 1)
    while raw[at] not in "]}":
        value, end = _DECODER.raw_decode(raw, at)
        yield value, at, end
        at = _skip(raw, end)
        if raw[at] in ",:":
            at = _skip(raw, at + 1)


def _skip(raw: str, at: int) -> int:
    found = _SPACE.match(raw, at)
    return found.end() if found else at


def _spelled(old: str, source: str, escaped: bool) -> str:
    """The new source as JSON, laid out like the old: text, a list in one line, or one line an element."""
    if old.startswith('"'):
        return json.dumps(source, ensure_ascii=escaped)
    places = list(_elements(old, 0))
    kept = {line: old[start:end] for line, start, end in places}
    lines = [kept.get(line) or json.dumps(line, ensure_ascii=escaped) for line in _LINE.findall(source)]
    if not places:
        return f"[{', '.join(lines)}]"
    opening, closing = old[: places[0][1]], old[places[-1][2] :]
    between = old[places[0][2] : places[1][1]] if len(places) > 1 else f",{opening[1:] or ' '}"
    return f"{opening}{between.join(lines)}{closing}" if lines else "[]"
