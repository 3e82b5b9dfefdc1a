"""``kerlint summary PATH[::NAME]``: the models that sources build, as Keras would print them.

``NAME`` may be a call: ``model.py::build(classes=3)`` shows what that call builds.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Any

from kerlint.cli.flags import Flags, Usage
from kerlint.cli.output import emit, emit_text, tell
from kerlint.cli.sources import Sources
from kerlint.config import ConfigError
from kerlint.evaluate.roots import Root
from kerlint.evaluate.run import ALL, evaluate
from kerlint.graph.facts import MODULE, Context, Evaluation
from kerlint.graph.graph import Model
from kerlint.nesting import enclosing
from kerlint.report.json import dumps
from kerlint.report.style import Style, harmless, style_of
from kerlint.report.summary import data_of, in_cell, table
from kerlint.text.document import Document, Problem


def run(flags: Flags) -> int:
    """Prints every model; 1 if a file could not be read or parsed, 2 if one crashed."""
    found: list[dict[str, Any]] = []
    style = style_of(sys.stdout, flags.color)
    failed = crashed = False
    for word in flags.paths or ["."]:
        path, _, name = word.partition("::")
        file, _, part = path.rpartition(":")
        if os.path.isfile(file) and not os.path.exists(path):
            raise Usage(f"{path}: a part of a file is named with two colons: {file}::{part}")
        shown = _Shown(name, flags, style)
        shown.path(path)
        failed, crashed = failed or shown.failed, crashed or shown.crashed
        found += shown.data
        if name and not shown.data and not failed:
            raise Usage(shown.missing(path))
    if flags.output_format == "json":
        emit(dumps({"version": 1, "models": found}))
    elif not found and not failed:
        tell("kerlint: no model found")
    return 2 if crashed else int(failed)


class _Shown:
    """The models of one word of the command line."""

    def __init__(self, name: str, flags: Flags, style: Style) -> None:
        self.name = name.partition("(")[0]
        self.call = name if "(" in name else None
        self.flags, self.style = flags, style
        self.data: list[dict[str, Any]] = []
        self.names: list[str] = []
        self.lost: list[str] = []  # why the call gives nothing
        self.failed = self.crashed = False

    def missing(self, path: str) -> str:
        """What to say where nothing was shown."""
        if self.call is None:
            there = ", ".join(dict.fromkeys(self.names)) or "no model at all"
            return f"no model {self.name!r} in {path}; there is {there}"
        return f"{self.call} makes no model in {path}" + "".join(f": {reason}" for reason in dict.fromkeys(self.lost))

    def path(self, path: str) -> None:
        """Show a file, or what lies in a directory; ``failed`` if something could not be read."""
        sources = Sources(self.flags, [path])
        for file in sources:
            document = sources.document(file)
            if document is None:
                continue
            if isinstance(document, Problem):
                self._problem(f"{document.span.path}:{document.line}", document.column, document.message)
                continue
            try:
                self._document(document, sources)
            except (ConfigError, Usage):
                raise
            except Exception as error:  # this file's, the others go on
                tell(harmless(f"kerlint: error: {file}: {type(error).__name__}: {error}"))
                self.failed = self.crashed = True
        for file, reason in sources.problems:
            self._problem(f"{file}:1", 1, reason if reason.startswith("cannot") else f"cannot be read: {reason}")

    def _document(self, document: Document, sources: Sources) -> None:
        """A named model is looked for in the root of that name first: others may take their time."""
        keras = sources.config(document.path).generation
        if self.call is not None:
            evaluation = _of_call(document, sources, keras, self.call)
            self.lost += [unresolved.reason for unresolved in evaluation.unresolved]
            self._models(document, evaluation)
            return
        if self.name:
            evaluation = evaluate(document, load=sources.load, keras=keras, roots=self._is_named)
            self._models(document, evaluation)
            if self.data or evaluation.problems:
                return
        self._models(document, evaluate(document, load=sources.load, keras=keras))

    def _is_named(self, root: Root) -> bool:
        return not root.generic and self.name in (root.name, *root.name.split("."))

    def _models(self, document: Document, evaluation: Evaluation) -> None:
        for problem in evaluation.problems:
            line, column = document.lines(problem.span.cell).position(problem.span.start)
            self._problem(f"{document.path}:{in_cell(problem.span, line, 'cell ')}", column, problem.reason)
        for context in evaluation.contexts:
            rooted = self.name in (context.root, context.root.rpartition(".")[2])
            for model in context.models if not context.generic else ():
                self.names += (model.name, *model.variables)
                within = model.name.startswith(f"{self.name}.")  # a method of the class
                named = (self.name == model.name and model.entry != "function") or self.name in model.variables
                others = tuple(n for other in context.models for n in other.graph.nodes if other is not model)
                alone = enclosing(others).keys().isdisjoint(model.graph.nodes)  # no other model has it as a layer
                outer = (rooted or self.name == model.name) and alone
                if not self.name or within or named or outer:
                    self._model(document, context, model)
        if not self.name and self.flags.output_format != "json":
            self._unresolved(document, evaluation)
            met = evaluation.decisions[1]
            if self.data and met > ALL:
                tell(f"kerlint: {harmless(document.path)}: {met} conditions are not known: each was turned round alone")

    def _model(self, document: Document, context: Context, model: Model) -> None:
        data, names = data_of(document, model)
        # Another name: what the root of that name hands out, or what the variable holds.
        if self.name and not f"{model.name}.".startswith(f"{self.name}."):
            data |= {"name": self.name, "entry": "variable" if self.name in model.variables else "function"}
        if any(data.items() <= shown.items() for shown in self.data):  # under assumptions that do not touch it
            return
        self.data.append(data | ({"assuming": list(context.assumptions)} if context.assumptions else {}))
        if self.flags.output_format != "json":
            notes = [f"assuming {', '.join(context.assumptions)}"] if context.assumptions else []
            gap = "\n" if len(self.data) > 1 else ""
            emit_text(gap + table(data, names, model, self.style, notes))

    def _unresolved(self, document: Document, evaluation: Evaluation) -> None:
        """What may have been a model, and was not understood."""
        told = {(u.line, u.reason) for model in evaluation.models for u in model.graph.unresolved}
        for lost in evaluation.unresolved:
            if (lost.line, lost.reason) not in told:
                place = f"{getattr(lost.span, 'path', document.path)}:{in_cell(lost.span, lost.line, 'cell ')}"
                tell(harmless(f"{place}: not understood: {lost.reason}"))

    def _problem(self, place: str, column: int, message: str) -> None:
        self.failed = True
        tell(harmless(f"{place}:{column}: KER000 {message}"))


def _of_call(document: Document, sources: Sources, keras: int | None, call: str) -> Evaluation:
    """What a call builds, and nothing else that the file builds. Raises Usage if it cannot be made."""
    try:
        evaluation = evaluate(document, load=sources.load, keras=keras, roots=False, call=call)
    except SyntaxError as error:
        raise Usage(f"{call!r} cannot be called: {error.msg}") from None
    return replace(evaluation, contexts=tuple(c for c in evaluation.contexts if c.root != MODULE))
