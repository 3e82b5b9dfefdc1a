"""Which names reach layers: the flow of values between the words of a program, over all of its files.

Words stand for names: scopes, attributes and files are merged. So more seems to flow than does, never less.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from kerlint.evaluate import trees
from kerlint.evaluate.escape import FEEDING, HARMLESS_METHODS
from kerlint.evaluate.pretrained import NAMES
from kerlint.evaluate.reaching import Told
from kerlint.evaluate.trees import DEFINES, SELF, below, names, parsed
from kerlint.text.document import WORD, Document

Words = frozenset[str]
# What makes layers.
MAKERS = frozenset(["Sequential", "Model", "Input", "concatenate", "applications", "trainable", "add_weight"])
MUTATORS = frozenset(["append", "extend", "insert", "pop", "remove", "update", "add", "setdefault", "clear"])
MUTATED = re.compile(rf"(\w+)(?:\[[^\[\]\n]*\])*\.(?:{'|'.join(sorted(MUTATORS))})\(")
SETTERS = frozenset(["setattr", "delattr", "list", "dict", "set"])
SET = re.compile(r"\b(?:setattr|delattr|(?:list|dict|set)\.\w+)\(\s*([\w.]+)")  # setattr(a, ...), list.append(a, 3)
WALRUS = re.compile(r"(\w+)\s*:=")
LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
NOTHING: Words = frozenset()


@cache
def classes() -> Words:
    """The names of layers, and of Keras's own models."""
    from kerlint.layers.table import ALIASES, TABLE

    return frozenset([*TABLE, *ALIASES, *NAMES])


@dataclass
class Scope:
    """A function, class or module while it is walked."""

    mentioned: set[str] = field(default_factory=set)  # every word of it
    stored: set[str] = field(default_factory=set)
    counters: set[str] = field(default_factory=set)  # names that are given numbers and texts, ...
    others: set[str] = field(default_factory=set)  # ... and those that are given anything else
    effects: set[str] = field(default_factory=set)  # what it changes that is not its own
    declared: set[str] = field(default_factory=set)
    leaving: set[str] = field(default_factory=set)  # what decides whether the rest of it runs
    returned: list[tuple[Words, bool]] = field(default_factory=list)  # words of what it gives, whether that is a call
    function: bool = True


class Walk:
    """One pass over the statements of a file."""

    def __init__(self, document: Document) -> None:
        self.told, self._path = Told(), document.path
        for cell, (_, body) in zip(document.cells, parsed(document)[0], strict=True):
            self._text, self._lines = trees.without_literals(cell.code), document.lines(cell.index)
            scope = Scope(function=False)
            self._block(body, scope, NOTHING)
            self.told.give(scope.stored, scope.leaving)

    def _written(self, first: int, last: int) -> tuple[str, Words]:
        text = self._text[self._lines.whole(first, last)]
        return text, frozenset(WORD.findall(text))

    def _block(self, body: Sequence[ast.stmt], scope: Scope, around: Words) -> None:
        for node in body:
            if isinstance(node, DEFINES):
                self._definition(node, scope, around)
            elif inner := trees.blocks(node):
                first = min(part.lineno for block in inner for part in block)
                text, words = self._written(node.lineno, max(node.lineno, first - 1))
                bound = [getattr(node, "target", None), *(i.optional_vars for i in getattr(node, "items", ()))]
                captured = {str(getattr(part, "name", "")) for part in below(getattr(node, "cases", ()))} - {""}
                scope.others |= names(bound) | captured
                self._flow(text, words, names(bound) | captured, scope, around)
                for block in inner:
                    self._block(block, scope, around | words)
            else:
                self._simple(node, scope, around)

    def _definition(self, node: Any, scope: Scope, around: Words) -> None:
        start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        header, words = self._written(start, max(start, node.body[0].lineno - 1))
        self._flow(header, words, {node.name}, scope, around)
        inner = Scope(function=not isinstance(node, ast.ClassDef), mentioned={*words} - {node.name})
        parameters = self.told.parameters.setdefault(node.name, set())
        if inner.function:
            spec: ast.arguments = node.args
            every = (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg)
            parameters |= {a.arg for a in every if a is not None} - SELF
            self._flow(header, words, parameters, inner, around)
            self.told.bind(parameters, inner.mentioned - parameters - {node.name})
        self._block(node.body, inner, NOTHING)
        for given, call in inner.returned:
            self.told.bind([f"{node.name}()"], given, call)
        # What decides whether a part of a function runs decides what it stores and gives.
        self.told.give([*inner.stored, node.name], inner.leaving)
        counted = inner.counters - inner.others - inner.declared - parameters
        self.told.effects.setdefault(node.name, set()).update(inner.effects - counted)
        self.told.mentions.setdefault(node.name, set()).update(inner.mentioned)
        for name in () if inner.function else (getattr(part, "name", "") for part in node.body):
            parameters |= self.told.parameters.get(name, set())  # calling a class runs its methods
            self.told.bind([f"{node.name}()"] if name == "__call__" else (), [name])
        scope.mentioned |= inner.mentioned

    def _simple(self, node: Any, scope: Scope, around: Words) -> None:
        text, words = self._written(node.lineno, node.end_lineno)
        targets: set[str] = set()
        mutated = set() if MUTATORS.isdisjoint(words) else set(MUTATED.findall(text))
        if not SETTERS.isdisjoint(words):
            mutated |= {word for found in SET.findall(text) for word in found.split(".")}
        if isinstance(node, (ast.Assign, ast.Delete)):
            targets, more = trees.stored(node.targets)
            mutated |= more
            constant = isinstance(getattr(node, "value", None), ast.Constant)
            (scope.counters if constant else scope.others).update(targets)
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
            targets, more = trees.stored([node.target])
            scope.others |= targets if isinstance(node, ast.AnnAssign) else set()
            mutated |= more | (targets if isinstance(node, ast.AugAssign) else set())
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            mutated |= self._receiver(node.value, around)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            targets = {(a.asname or a.name).partition(".")[0] for a in node.names}
            scope.others |= targets
            self.told.modules |= targets if isinstance(node, ast.Import) else set()
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            scope.declared |= set(node.names)
        if isinstance(node, LEAVES):
            scope.leaving |= around
        if isinstance(node, ast.Return) or "yield" in text:  # with what the function gives
            scope.leaving |= around | words
        lambdas = self._name(node, targets | mutated, words, scope)
        self._flow(text, words, targets, scope, around | lambdas, mutated)

    def _name(self, node: Any, changed: set[str], words: Words, scope: Scope) -> set[str]:
        """What may be other names of functions, or hold them. Gives words for the lambdas of the statement."""
        if not changed and "lambda" not in words and not isinstance(node, ast.Return):
            return set()
        value = getattr(node, "value", None)
        lambdas = [part for part in below([node]) if isinstance(part, ast.Lambda)] if "lambda" in words else []
        made = {part: f"lambda {self._path} {len(self.told.spoken)} {place}" for place, part in enumerate(lambdas)}
        for part, name in made.items():
            body = below([part.body])
            self.told.parameters[name] = {p.arg for p in below([part.args]) if isinstance(p, ast.arg)}
            inner = names([part.body]).union(made[p] for p in body if isinstance(p, ast.Lambda))
            self.told.bind([f"{name}()"], inner, isinstance(part.body, ast.Call))
        for name in changed if isinstance(value, ast.Lambda) else ():
            self.told.mentions.setdefault(name, set()).update(words)
        call = isinstance(value, ast.Call) and "partial" not in words
        words |= {*made.values()}
        if isinstance(value, ast.Call) and isinstance(node, ast.Expr):  # a function that is put into a list is in it
            put = [made[p] if isinstance(p, ast.Lambda) else getattr(p, "id", "") for p in value.args]
            self.told.bind(changed, put)
        self.told.bind(changed, words, call)
        scope.returned += [(words, call)] if isinstance(node, ast.Return) else []
        return {*made.values()}

    def _receiver(self, call: ast.Call, around: Words) -> set[str]:
        """The object that a method is called on, which is perhaps another one then."""
        if not isinstance(call.func, ast.Attribute):
            return set()
        owner = trees.chain(call.func.value)
        if call.func.attr == "compile":  # the losses and metrics are told of the model, too
            told = [*call.args[1:], *(k.value for k in call.keywords if k.arg != "optimizer")]
            self.told.seeds |= around | names(told)
            return set()
        if call.func.attr not in HARMLESS_METHODS:
            return owner
        if call.func.attr in FEEDING and call.args:
            self.told.give(owner, around | names([call.args[0]]))
        return set()

    def _flow(
        self, text: str, words: Words, targets: set[str], scope: Scope, around: Words, mutated: Iterable[str] = ()
    ) -> None:
        """A statement gives the targets new values, and changes what is mutated."""
        words = words if SELF.isdisjoint(words) else words - SELF
        if ":=" in text:
            targets = targets | set(WALRUS.findall(text))
            scope.others |= targets
        changed = {*mutated} - SELF
        from_here = words | around if around else words
        self.told.give(targets | changed, from_here)
        self.told.mutated |= changed
        scope.mentioned |= words
        scope.stored |= targets
        scope.effects |= changed | (targets & scope.declared if scope.function else targets)
        self.told.spoken.append(from_here)
        self.told.leaving.append(scope.leaving)


class Flow:
    """What flows where, in the files read so far."""

    def __init__(self, documents: Iterable[Document]) -> None:
        told = Told()
        for document in sorted(documents, key=lambda each: each.path):
            told.add(said(document).told)
        calls = {name: words for name, words in told.mentions.items() if not name.startswith("__")}
        # Words that make layers: the classes, and the program's functions that use them.
        self.makers = _mentioning(classes() | MAKERS, calls)
        spoken = zip(told.spoken, told.leaving, strict=True)
        seeds = told.seeds.union(*(words | left for words, left in spoken if not words.isdisjoint(self.makers)))
        self.reaching = told.reaching(seeds)
        own = [name for name, effects in told.effects.items() if not effects.isdisjoint(self.reaching)]
        # The functions that change it themselves, or by those that they mention.
        self.changing = _mentioning(own, {name: told.mentions[name] for name in told.effects})


said = lru_cache(maxsize=trees.KEPT)(Walk)
flow_through = lru_cache(maxsize=8)(Flow)  # evaluations of one project read the same files


def _mentioning(seeds: Iterable[str], mentions: Mapping[str, set[str]]) -> Words:
    """These, and the functions that mention any of them, or one that does."""
    found = set(seeds)
    while more := {n for n, words in mentions.items() if n not in found and not found.isdisjoint(words)}:
        found |= more
    return frozenset(found)
