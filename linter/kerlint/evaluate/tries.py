"""``try``: what fails on known values fails. Whether something from outside fails is a decision, as a condition is."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.derived import descends
from kerlint.evaluate.escape import HARMLESS
from kerlint.evaluate.mutation import Table, rest_of
from kerlint.evaluate.names import Frame, canonical
from kerlint.evaluate.registry import named, word_set, words
from kerlint.evaluate.relevance import ends
from kerlint.evaluate.state import Raised, Run, Stopped
from kerlint.evaluate.trees import below
from kerlint.evaluate.values import MISSING, Bound, Call, External, Function, Instance, Module, Open, Value
from kerlint.layers.former import GONE, OLD_HOMES, UTILITIES, todays_home
from kerlint.layers.table import find
from kerlint.text.document import WORD

ELSEWHERE = word_set("ImportError ModuleNotFoundError NameError KeyboardInterrupt SystemExit")
FAILING = word_set("int float open next eval input raw_input")  # of Python's own functions
READING = re.compile("read|load|open|File|from|listdir|retrieve|get_file|import_module")  # of what is known otherwise
KERAS = word_set("keras tensorflow tf_keras")
NATIVE = (str, list, dict, tuple, set, frozenset, bytes, range, int, float, type(None))
EVERY = (External("builtins.Exception"), External("builtins.BaseException"))
BASES = frozenset(map(External, words("builtins.object abc.ABC keras.layers.Layer keras.models.Model")))
INHERITED = frozenset(named("attributes.inherited"))  # what those of Keras have in some version, on TensorFlow
LEFT = frozenset((*GONE, *OLD_HOMES, *UTILITIES))  # parts of names that not every Keras has


@dataclass(slots=True)
class Attempt:
    """A body of a try that is running, how far it is, and where last something was asked, by the handler's line."""

    node: Any
    frame: Any
    position: int = 0
    asked: dict[int, int] = field(default_factory=dict)

    def awaits(self, kind: str) -> bool:
        """Whether a handler catches this class of exceptions."""
        return self.node is None or _handler(Raised("", kind), self)[0] is not None


class Caught(Raised):
    """Something from outside fails, and this handler goes on."""

    def __init__(self, handler: ast.ExceptHandler) -> None:
        super().__init__("something from outside fails")
        self.handler = handler


def run_try(run: Run, node: Any, frame: Frame) -> Any:
    """The body and what is behind it, or a handler; ``finally`` in any case."""
    try:
        signal = _caught(run, node, frame)
    except (Raised, Stopped):
        left = run.execute(run, node.finalbody, frame)
        if left is not None:
            return left
        raise
    left = run.execute(run, node.finalbody, frame)
    return signal if left is None else left


def _caught(run: Run, node: Any, frame: Frame) -> Any:
    models, attempt, signal, handler = len(run.models), Attempt(node, frame), None, None
    run.trying.append(attempt)
    try:
        while signal is None and attempt.position < len(node.body):
            signal = run.execute(run, node.body[attempt.position : attempt.position + 1], frame)
            attempt.position += 1
    except Raised as why:
        handler, sure = _handler(why, attempt)
        if handler is None:
            raise
        if isinstance(why, Caught):  # what the body had begun to build, nobody finishes
            for model in run.models[models:]:
                model.counted = model.kind != "Sequential"
                run.held.update((item.layer, None) for item in model.items)
        elif not sure:
            run.spoiled.append(run.unresolved(frame, handler, "which exception is caught is not known"))
    finally:
        run.trying.pop()
    if handler is None:
        return run.execute(run, node.orelse, frame) if signal is None else signal
    if handler.name:
        frame.set(handler.name, Open(handler.name, handler.name, f"an exception (line {handler.lineno})"))
    try:
        return run.execute(run, handler.body, frame)
    finally:
        frame.drop(handler.name or "")  # Python deletes it


def _handler(why: Raised, attempt: Attempt) -> tuple[ast.ExceptHandler | None, bool]:
    """Which handler of a try catches this, and whether that is certain."""
    handlers = attempt.node.handlers
    if isinstance(why, Caught):
        return (why.handler if why.handler in handlers else None), True
    raised = External(f"builtins.{why.kind}") if isinstance(why.kind, str) else why.kind
    for handler in handlers:
        names = WORD.findall(ast.unparse(handler.type)) if handler.type is not None else ["BaseException"]
        kinds = [External(f"builtins.{n}") if attempt.frame.get(n) is MISSING else attempt.frame.get(n) for n in names]
        answers = {True if kind in EVERY else descends(raised, kind) for kind in kinds}
        if answers != {False}:
            return handler, True in answers or len(handlers) == 1
    return None, True


def may_fail(run: Run, what: str, package: str = "", kind: str = "") -> None:
    """Whether this fails: for each handler that then makes the program go on; again, for what was done meanwhile."""
    for attempt in reversed(run.trying):
        handlers = () if attempt.node is None else attempt.node.handlers
        going = [h for h in handlers if _catches(h, package, kind) and not ends(h.body)]
        for handler in going:
            if not package or not _as_good(attempt.node, handler, package):
                _ask(run, attempt, handler, what)
        if going or attempt.node is None:
            return


def _catches(handler: ast.ExceptHandler, package: str, kind: str) -> bool:
    kinds = set(WORD.findall(ast.unparse(handler.type))) if handler.type is not None else {"BaseException"}
    if kind == "NameError":  # of a name that is not known here: only where the program says that it waits for it
        return kind in kinds
    raised = getattr(builtins, "ModuleNotFoundError" if package else kind, None)
    return not kinds.isdisjoint(base.__name__ for base in raised.__mro__) if raised else not kinds <= ELSEWHERE


def _ask(run: Run, attempt: Attempt, handler: ast.ExceptHandler, what: str) -> None:
    around, node, failed = run.at, attempt.node, False
    kind = f" ({ast.unparse(handler.type)})" if len(node.handlers) > 1 and handler.type is not None else ""
    since = attempt.asked.get(handler.lineno)
    attempt.asked[handler.lineno] = attempt.position
    begun = around is not None and around[0] is not node.body[attempt.position]  # a part of the statement is done
    # What is done, or not done, if it fails; later, what has been done since the last question.
    later = node.body[since : attempt.position + begun]
    parts = (handler, *node.orelse, *_undone(attempt)) if since is None else later
    for part in parts:
        run.at = (part, attempt.frame)
        with run.preferring(None):
            failed = run.assume(what, f"fails{kind}", f"{what} fails{kind}", default=False)
    run.at = around
    if failed:
        raise Caught(handler)


def _undone(attempt: Attempt) -> Iterator[ast.stmt]:
    """What is not done of a body that fails here, and the program can go on without: flags, and changes of what is."""
    for s in attempt.node.body[attempt.position :]:
        changed = below(s.targets if isinstance(s, ast.Assign) else [s])
        held = (attempt.frame.get(part.id) for part in changed if isinstance(part, ast.Name))
        flag = isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant)
        if flag or any(value is not MISSING and not isinstance(value, External) for value in held):
            yield s


def _as_good(node: Any, handler: ast.ExceptHandler, package: str) -> bool:
    """Whether a handler imports what the body does from elsewhere; or only says that Keras is not there."""
    bound = _bound(handler.body)
    if not bound:
        names = [f"{getattr(s, 'module', '')}.{a.name}" for s in node.body for a in getattr(s, "names", ())]
        gone = not LEFT.isdisjoint(part for name in names for part in name.split("."))
        said = (
            isinstance(s, (ast.Pass, ast.Expr)) or (type(getattr(s, "value", s)) is ast.Constant and not gone)
            for s in handler.body
        )
        return package in KERAS and all(said)
    plain = all(isinstance(s, (ast.Import, ast.ImportFrom, ast.Expr)) for s in handler.body)  # perhaps it installs it
    return plain and bound.items() <= _bound(node.body).items()


def _bound(body: list[Any]) -> dict[str, str]:
    """What imports bind, by its canonical name."""
    found: dict[str, str] = {}
    for part in body:
        for alias in getattr(part, "names", ()) if isinstance(part, (ast.Import, ast.ImportFrom)) else ():
            name, _, more = (alias.asname or alias.name).partition(".")
            full = alias.name.partition(".")[0] if more else alias.name
            found[name] = canonical(f"{part.module}.{full}" if isinstance(part, ast.ImportFrom) else full)
    return found


def called(run: Run, function: Value, c: Call, given: Value) -> None:
    """A call within a try, when it is made: what is not known may fail, and of what is, what reads from outside."""
    name = function.name if isinstance(function, (External, Bound)) else getattr(function, "text", "")
    home, _, last = name.rpartition(".")
    if isinstance(function, External):
        root = home.partition(".")[0]
        known = root in HARMLESS or root in sys.stdlib_module_names
        outside = last in FAILING if home == "builtins" else READING.search(last) is not None or not known
    elif isinstance(function, Bound):
        outside = callable(function.call) and not isinstance(function.call, Function) and bool(READING.search(last))
    else:
        outside = isinstance(function, Open) and last not in opens.PURE
    if outside and type(given) in (Open, Table):
        may_fail(run, c.frame.source.text(c.node))


def read(run: Run, home: str, name: str) -> None:
    """An attribute of Keras is read within a try: not every version has all layers, and all of its modules."""
    spec = find(name) if home == "keras.layers" else None
    gone = name in LEFT or (home == "keras.layers" and todays_home("layers", name) is None)
    if gone and run.keras == 3:
        run.fails(AttributeError(f"{home} has no {name}"))
    elif gone or (spec is not None and 2 not in spec.generations and run.keras is None):
        may_fail(run, f"{home}.{name}", kind="AttributeError")


def has(value: Value, name: str) -> bool | None:
    """Whether a value of the program, or of Python, has an attribute; None if that is not known."""
    if isinstance(value, Instance) and value.unknown is None:
        found = name in value.names or value.cls.lookup(name) is not MISSING or name in ("__class__", "__dict__")
        above = {base for base in value.cls.order if isinstance(base, External)}
        of_keras = (value.model or value.custom) and (name.startswith("_") or name in INHERITED)
        plain = above <= BASES and not of_keras and not hasattr(object, name)
        plain = plain and value.cls.lookup("__getattr__") is MISSING and rest_of(value.names) is None
        return found or (False if plain else None)
    if isinstance(value, Module):
        return value.frame.get(name) is not MISSING
    return hasattr(value, name) if isinstance(value, NATIVE) else None
