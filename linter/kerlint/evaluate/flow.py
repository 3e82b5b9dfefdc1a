"""Which names reach layers: the flow of values between the words of a program, over all of its files.

Words stand for names: scopes, attributes and files are merged. So more seems to flow than does, never less.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from kerlint.evaluate.parse import without_literals
from kerlint.evaluate.pretrained import NAMES
from kerlint.evaluate.reaching import ROUNDS, Told
from kerlint.evaluate.relevance import FEEDING, HARMLESS_METHODS
from kerlint.evaluate.trees import SELF, below, blocks, chain, names, stored
from kerlint.text.document import WORD, Document

Words = frozenset[str]
# What makes layers.
MAKERS = frozenset(["Sequential", "Model", "Input", "concatenate", "applications", "trainable", "add_weight"])
MUTATORS = frozenset(["append", "extend", "insert", "pop", "remove", "update", "add", "setdefault", "clear"])
MUTATED = re.compile(rf"(\w+)(?:\[[^\[\]\n]*\])*\.(?:{'|'.join(sorted(MUTATORS))})\(")
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
    returned: list[tuple[Words, bool]] = field(default_factory=list)  # the words of what it gives; if that is a call
    function: bool = True


class Flow:
    """What flows where, in the files read so far."""

    def __init__(self, files: Iterable[tuple[Document, Sequence[Sequence[ast.stmt]]]]) -> None:
        self.told = Told()
        self.effects: dict[str, set[str]] = {}  # of functions and classes
        self._mentions: dict[str, set[str]] = {}
        self._seeds: set[str] = set()
        self._spoken: list[tuple[set[str] | Words, Scope]] = []
        for document, bodies in files:
            for cell, body in zip(document.cells, bodies, strict=True):
                self._text, self._lines = without_literals(cell.code), document.lines(cell.index)
                scope = Scope(function=False)
                self._block(body, scope, NOTHING)
                self._leave(scope)
        self.makers = self._makers()
        self._close_effects()
        self.reaching = self._reaching()

    # --- one pass over the statements

    def _written(self, first: int, last: int) -> str:
        return self._text[self._lines.offset(first, 1) : self._lines.offset(last + 1, 1)]

    def _block(self, body: Sequence[ast.stmt], scope: Scope, around: Words) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self._definition(node, scope, around)
            elif inner := blocks(node):
                first = min(part.lineno for block in inner for part in block)
                text = self._written(node.lineno, max(node.lineno, first - 1))
                bound = [getattr(node, "target", None), *(i.optional_vars for i in getattr(node, "items", ()))]
                captured = {str(getattr(part, "name", "")) for part in below(getattr(node, "cases", ()))} - {""}
                scope.others |= names(bound) | captured
                self._flow(text, names(bound) | captured, scope, around)
                for block in inner:
                    self._block(block, scope, around | set(WORD.findall(text)))
            else:
                self._simple(node, scope, around)

    def _definition(self, node: Any, scope: Scope, around: Words) -> None:
        start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        header = self._written(start, max(start, node.body[0].lineno - 1))
        self._flow(header, {node.name}, scope, around)
        inner = Scope(function=not isinstance(node, ast.ClassDef), mentioned=set(WORD.findall(header)) - {node.name})
        parameters = self.told.parameters.setdefault(node.name, set())
        effects = self.effects.setdefault(node.name, set())
        if inner.function:
            spec: ast.arguments = node.args
            every = (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg)
            parameters |= {a.arg for a in every if a is not None} - SELF
            self._flow(header, parameters, inner, around)
            used = frozenset(inner.mentioned - parameters - {node.name})
            self.told.bound += [(name, used, False) for name in parameters]
        self._block(node.body, inner, NOTHING)
        self.told.bound += [(f"{node.name}()", words, call) for words, call in inner.returned]
        self._leave(inner, node.name)
        effects |= inner.effects - (inner.counters - inner.others - inner.declared - parameters)
        self._mentions.setdefault(node.name, set()).update(inner.mentioned)
        for name in () if inner.function else (getattr(part, "name", "") for part in node.body):
            parameters |= self.told.parameters.get(name, set())  # calling a class runs its methods
            self.told.bound += [(f"{node.name}()", frozenset([name]), False)] if name == "__call__" else []
        scope.mentioned |= inner.mentioned

    def _leave(self, scope: Scope, *names: str) -> None:
        """What decides whether a part of a function runs decides what it stores and gives."""
        for name in (*scope.stored, *names):
            self.told.sources.setdefault(name, set()).update(scope.leaving)

    def _simple(self, node: Any, scope: Scope, around: Words) -> None:
        text = self._written(node.lineno, node.end_lineno)
        targets: set[str] = set()
        mutated = set(MUTATED.findall(text)) if "(" in text else set()
        mutated |= {word for found in SET.findall(text) for word in found.split(".")} if "(" in text else set()
        if isinstance(node, (ast.Assign, ast.Delete)):
            targets, more = stored(node.targets)
            mutated |= more
            constant = isinstance(getattr(node, "value", None), ast.Constant)
            (scope.counters if constant else scope.others).update(targets)
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
            targets, more = stored([node.target])
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
            scope.leaving |= around | set(WORD.findall(text))
        self._flow(text, targets, scope, around | self._name(node, targets | mutated, text, scope), mutated)

    def _name(self, node: Any, changed: set[str], text: str, scope: Scope) -> set[str]:
        """What may be other names of functions, or hold them. Gives words for the lambdas of the statement."""
        words, value = frozenset(WORD.findall(text)), getattr(node, "value", None)
        lambdas = [part for part in below([node]) if isinstance(part, ast.Lambda)] if "lambda" in words else []
        made = {part: f"lambda {len(self.told.bound)} {place}" for place, part in enumerate(lambdas)}
        for part, name in made.items():
            body = below([part.body])
            self.told.parameters[name] = {p.arg for p in below([part.args]) if isinstance(p, ast.arg)}
            inner = names([part.body]).union(made[p] for p in body if isinstance(p, ast.Lambda))
            self.told.bound.append((f"{name}()", frozenset(inner), isinstance(part.body, ast.Call)))
        for name in changed if isinstance(value, ast.Lambda) else ():
            self._mentions.setdefault(name, set()).update(words)
        call = isinstance(value, ast.Call) and "partial" not in words
        words |= {*made.values()}
        if isinstance(value, ast.Call) and isinstance(node, ast.Expr):  # a function that is put into a list is in it
            put = {made[p] if isinstance(p, ast.Lambda) else getattr(p, "id", "") for p in value.args}
            self.told.bound += [(name, frozenset(put), False) for name in changed]
        self.told.bound += [(name, words, call) for name in changed]
        scope.returned += [(words, call)] if isinstance(node, ast.Return) else []
        return {*made.values()}

    def _receiver(self, call: ast.Call, around: Words) -> set[str]:
        """The object that a method is called on, which is perhaps another one then."""
        if not isinstance(call.func, ast.Attribute):
            return set()
        owner = chain(call.func.value)
        if call.func.attr == "compile":  # the losses and metrics are told of the model, too
            told = [*call.args[1:], *(k.value for k in call.keywords if k.arg != "optimizer")]
            self._seeds |= around | names(told)
            return set()
        if call.func.attr not in HARMLESS_METHODS:
            return owner
        if call.func.attr in FEEDING and call.args:
            for name in owner:
                self.told.sources.setdefault(name, set()).update(around | names([call.args[0]]))
        return set()

    def _flow(self, text: str, targets: set[str], scope: Scope, around: Words, mutated: Iterable[str] = ()) -> None:
        """A statement of this text gives the targets new values, and changes what is mutated."""
        words = set(WORD.findall(text)) - SELF
        if ":=" in text:
            targets = targets | set(WALRUS.findall(text))
            scope.others |= targets
        changed = {*mutated} - SELF
        from_here = words | around
        for target in targets | changed:
            self.told.sources.setdefault(target, set()).update(from_here)
        self.told.mutated |= changed
        scope.mentioned |= words
        scope.stored |= targets
        scope.effects |= changed | (targets & scope.declared if scope.function else targets)
        self._spoken.append((from_here, scope))

    # --- what follows

    def _makers(self) -> Words:
        """Words that make layers: the classes, and the program's functions that use them."""
        found = set(classes() | MAKERS)
        while True:
            more = {
                name
                for name, words in self._mentions.items()
                if name not in found and not name.startswith("__") and not found.isdisjoint(words)
            }
            if not more:
                return frozenset(found)
            found |= more

    def _close_effects(self) -> None:
        """A function has the effects of those that it mentions."""
        known = self.effects.keys()
        calls = {name: self._mentions[name] & known for name in known}
        for _ in range(ROUNDS):
            before = sum(map(len, self.effects.values()))
            for name, inner in calls.items():
                self.effects[name] = self.effects[name].union(*(self.effects[each] for each in inner))
            if sum(map(len, self.effects.values())) == before:
                return
        every = set().union(*self.effects.values())
        self.effects = dict.fromkeys(self.effects, every)

    def _reaching(self) -> frozenset[str]:
        seeds = self._seeds.union(*(w | s.leaving for w, s in self._spoken if not w.isdisjoint(self.makers)))
        self.told.spoken = [words for words, _ in self._spoken]
        return self.told.reaching(seeds)

    def changes(self, words: set[str]) -> bool:
        """Whether a function that is mentioned changes what reaches layers."""
        return any(not self.effects[name].isdisjoint(self.reaching) for name in words & self.effects.keys())
