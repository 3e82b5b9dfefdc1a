"""How much a decision matters: whether layers, or values that reach layers, hang on it."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from kerlint.evaluate.names import Frame, Source
from kerlint.evaluate.pretrained import NAMES
from kerlint.evaluate.relevance import HARMLESS_METHODS
from kerlint.evaluate.trees import below
from kerlint.evaluate.values import Function
from kerlint.text.document import WORD

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run

MAKERS = frozenset(["Sequential", "Model", "Input", "concatenate", "applications", "trainable", "add_weight"])
BLOCK = re.compile(r"^([ \t]*)(?:async )?(def|class)[ \t]+(\w+)", re.M)
BRACKETS = re.compile(r"[()\[\]{}]")
LEAVES = (ast.Return, ast.Break, ast.Continue, ast.Raise, ast.Yield)


@cache
def classes() -> frozenset[str]:
    """The names of layers, and of Keras's own models."""
    from kerlint.layers.table import ALIASES, TABLE

    return frozenset([*TABLE, *ALIASES, *NAMES])


def makers_in(text: str) -> set[str]:
    """Words of the text that make layers: the classes, and the program's functions that use them."""
    found = set(WORD.findall(text)) & (classes() | MAKERS)
    blocks = [(m.group(3), _block(text, m)) for m in BLOCK.finditer(text)]
    for _ in range(len(blocks) + 1):
        more = {
            name
            for name, body in blocks
            if name not in found and not name.startswith("__") and not found.isdisjoint(body)
        }
        if not more:
            break
        found |= more
    return found


def _block(text: str, match: re.Match[str]) -> set[str]:
    """The words of an indented block."""
    indent = len(match.group(1))
    end = re.compile(rf"^[ \t]{{0,{indent}}}\S", re.M).search(text, match.end())
    return set(WORD.findall(text[match.end() : end.start() if end else len(text)]))


def reaching(text: str, makers: set[str]) -> set[str]:
    """Words that stand where layers are made, and words that those are assigned from."""
    lines = text.splitlines()
    found: set[str] = set()
    assigned: list[tuple[set[str], set[str]]] = []
    for number, line in enumerate(lines):
        left, equals, right = line.partition("=")
        words = before_it = set(WORD.findall(left))
        if equals:
            behind_it = set(WORD.findall(right))
            assigned.append((before_it, behind_it))
            words = before_it | behind_it
        if not words.isdisjoint(makers):
            found |= words | set(WORD.findall(_rest(lines, number)))
    for _ in range(4):
        before = len(found)
        for left_words, right_words in reversed(assigned):
            if not left_words.isdisjoint(found):
                found |= right_words
        if len(found) == before:
            break
    return found


def _rest(lines: list[str], number: int) -> str:
    """The lines that continue a statement: until its brackets are closed."""
    depth, parts = 0, []
    for line in lines[number : number + 60]:
        for bracket in BRACKETS.findall(line):
            depth += 1 if bracket in "([{" else -1
        parts.append(line)
        if depth <= 0:
            break
    return "\n".join(parts)


class Words:
    """What the text of a cell says of layers; worked out when a decision is met."""

    def __init__(self, text: str) -> None:
        self.makers = makers_in(text)
        self.reaching = reaching(text, self.makers)


def matters(run: Run, node: Any, frame: Frame) -> bool:
    """Whether a layer hangs on which side of an ``if`` is taken."""
    key = id(node)
    found = run.budget.matters.get(key)
    if found is None:
        found = run.budget.matters[key] = _matters(run, node, frame)
    return found


def _matters(run: Run, node: Any, frame: Frame) -> bool:
    words = words_of(run, frame.source)
    if not set(WORD.findall(_text(frame.source, node))).isdisjoint(words.makers):
        return True
    for part in below([node]):
        if isinstance(part, LEAVES) and _around(run, frame, part, words):
            return True
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and part.id in words.reaching:
            return True
        if isinstance(part, ast.Attribute) and part.attr in words.reaching and _changes(part):
            return True
        if isinstance(part, ast.Call) and _calls(part, frame, words):
            return True
    return False


def _calls(call: ast.Call, frame: Frame, words: Words) -> bool:
    """Whether a call changes what reaches layers: by a method, by a function that is given it, or by any function."""
    function = call.func
    if isinstance(function, ast.Name):
        given = {a.id for a in (*call.args, *(k.value for k in call.keywords)) if isinstance(a, ast.Name)}
        return isinstance(frame.get(function.id), Function) and not given.isdisjoint(words.reaching)
    if not isinstance(function, ast.Attribute):
        return True
    owner = function.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return function.attr not in HARMLESS_METHODS and name in words.reaching


def _changes(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, (ast.Store, ast.Del))


def _around(run: Run, frame: Frame, leave: Any, words: Words) -> bool:
    """Whether what is left by return or break makes layers, or gives what reaches them."""
    if isinstance(leave, (ast.Break, ast.Continue)) and run.loop_nodes:
        inside: Any = run.loop_nodes[-1]
    elif frame.function is not None:
        inside = frame.function.node
        if getattr(inside, "name", "") in words.reaching:
            return True
    else:
        return True
    return not set(WORD.findall(_text(frame.source, inside))).isdisjoint(words.makers | words.reaching)


def words_of(run: Run, source: Source) -> Words:
    """The words of a whole document."""
    found = run.budget.words.get(source.path)
    if found is None:
        found = run.budget.words[source.path] = Words("\n".join(cell.code for cell in source.document.cells))
    return found


def _text(source: Source, node: Any) -> str:
    lines = source.lines
    text = source.document.cell(source.cell).source
    return text[lines.offset(node.lineno, 1) : lines.offset((node.end_lineno or node.lineno) + 1, 1)]
