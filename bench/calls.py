"""The places of a file that give a complete model, and calls that make it: arguments are drawn until one fits."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerlint.graph.graph import Model
    from kerlint.text.document import Document
    from kerlint.text.span import Span

# What is tried in turn, by the number of axes or, for what is no shape, by what it is called.
SHAPES: dict[int, tuple[tuple[int, ...], ...]] = {
    1: ((12,), (40,), (784,)),
    2: ((40, 7), (128, 3), (24, 24)),
    3: ((64, 64, 3), (28, 28, 1), (96, 80, 5), (224, 224, 3), (256, 256, 3)),
    4: ((16, 64, 64, 3), (8, 28, 28, 1), (32, 32, 32, 2)),
}
WORDS = {
    "shape": [str(shape) for shape in (*SHAPES[3][:3], *SHAPES[1][:1], *SHAPES[2][:1])],
    "activation": ["'relu'"], "optimi": ["'adam'"], "loss": ["'mse'"], "padding": ["'same'"], "init": ["'he_normal'"],
    "name": ["'some'"], "weights": ["None"], "rate": ["0.25"], "dropout": ["0.25"], "lr": ["0.001"],
    "dir": ["'.'"], "path": ["'some'"],
}  # fmt: skip
NUMBERS = (12, 7, 64, 3, 32, 128)
TRIES = 16


@dataclass(frozen=True)
class Place:
    """One call that constructs a model, complete in the source, and where evaluation starts that gets there."""

    repository: str
    path: str
    span: Span
    line: int
    shown: str
    roots: tuple[str, ...]  # the module, functions and methods
    generations: tuple[int, ...]


def places(job: tuple[str, str, str]) -> list[Place]:
    """Every place of a file that gives a complete model in at least one context."""
    from corpus import made_at
    from sites import sites

    from kerlint.evaluate.evidence import standalone
    from kerlint.evaluate.run import evaluate
    from kerlint.imports import Imports
    from kerlint.text.document import Document

    repository, root, relative = job
    path = str(Path(root, relative).resolve())
    document = Document.parse(Path(path).read_bytes(), path)
    if not isinstance(document, Document):
        return []
    evaluation = evaluate(document, load=Imports())
    if evaluation.problems:
        return []
    old = evaluation.evidence < 3 or (evaluation.target != 3 and standalone(document))
    generations = (2,) if evaluation.evidence < 3 else (2, 3) if old else (3, 2)
    found = []
    for span, models in made_at(sites(document), evaluation).items():
        whole = [m for m in models if m.graph.complete]
        if whole:
            roots = [c.root for c in evaluation.contexts if any(m in whole for m in c.models)]
            roots = [*dict.fromkeys((*roots, _around(document, span)))]
            cell = "" if span.cell is None else f":cell {span.cell + 1}"
            line = whole[0].line
            found.append(Place(repository, path, span, line, f"{relative}{cell}:{line}", tuple(roots), generations))
    return found


def calls(place: Place, document: Document, models: list[Model]) -> Iterator[str]:
    """What makes the model of a place: "" is the whole file, else a call that is added to it."""
    from kerlint.graph.facts import MODULE

    if MODULE in place.roots:
        yield ""
    made = (
        c for root in place.roots if root not in (MODULE, "") for c in _calls(document, root, models[0], place.span)
    )
    yield from itertools.islice(made, 2)


def _around(document: Document, span: Span) -> str:
    """The function or method that a place stands in, "" at the module's level."""
    line, _ = document.lines(span.cell).position(span.start)
    body, names = ast.parse(document.cell(span.cell).code).body, []
    while inner := [s for s in body if s.lineno <= line <= (s.end_lineno or s.lineno)]:
        if isinstance(inner[0], (ast.FunctionDef, ast.ClassDef)):
            names.append(inner[0].name)
            if isinstance(inner[0], ast.FunctionDef):
                return ".".join(names)
        body = getattr(inner[0], "body", [])
    return ""


def _calls(document: Document, root: str, model: Model, span: Span) -> Iterator[str]:
    """Calls of a builder with drawn arguments for which the source gives the model of the place, complete."""
    from kerlint.cli.comparing import static
    from kerlint.cli.flags import Flags
    from kerlint.cli.sources import Sources

    sources = Sources(Flags([]), [document.path])
    generation = 3
    for expression in itertools.islice(dict.fromkeys(_drawn(document, root, model)), TRIES):
        evaluation = static(document, expression, generation, sources)
        for context in evaluation.contexts:
            if any(m.made_at == span and m.graph.complete for m in context.models):
                yield expression
                return


def _drawn(document: Document, root: str, model: Model) -> Iterator[str]:
    """A call of ``build`` or ``Class().build`` with one choice after the other."""
    *owner, name = root.split(".")
    tree = [node for cell in document.cells for node in ast.parse(cell.code).body]
    made = _defined(tree, owner[0] if owner else name)
    parts: list[tuple[str, list[list[str]]]] = []
    names = {symbol.name for symbol in _symbols(model)}
    if owner:
        inner = _defined(made.body, name) if isinstance(made, ast.ClassDef) else None
        init = _defined(made.body, "__init__") if isinstance(made, ast.ClassDef) else None
        if not isinstance(inner, ast.FunctionDef):
            return
        static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in inner.decorator_list)
        if static:
            parts = [(f"{owner[0]}.{name}", _choices(inner, names))]
        else:
            parts = [(owner[0], _choices(init, names, 1) if isinstance(init, ast.FunctionDef) else [])]
            parts += [(f".{name}", _choices(inner, names, 1))] if name != "__init__" else []
    elif isinstance(made, ast.FunctionDef):
        parts = [(name, _choices(made, names))]
    for number in range(TRIES if parts else 0):
        yield "".join(f"{callee}({_arguments(choices, number)})" for callee, choices in parts)


def _arguments(choices: list[list[str]], number: int) -> str:
    return ", ".join(options[(number + (number // 6) * i) % len(options)] for i, options in enumerate(choices))


def _defined(body: list[ast.stmt], name: str) -> ast.stmt | None:
    """The last definition of a name, also within ``if`` and ``try``."""
    found = None
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)) and statement.name == name:
            found = statement
        elif isinstance(statement, (ast.If, ast.Try, ast.With)):
            found = _defined(statement.body, name) or found
    return found


def _choices(function: ast.FunctionDef, names: set[str], skipped: int = 0) -> list[list[str]]:
    """For each argument that has no default, what to try."""
    spec = function.args
    positional = [*spec.posonlyargs, *spec.args]
    required = positional[: len(positional) - len(spec.defaults)]
    chosen = [_values(a.arg, names) for a in required[skipped:]]
    keywords = [a for a, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is None]
    return chosen + [[f"{a.arg}={v}" for v in _values(a.arg, names)] for a in keywords]


def _values(name: str, symbols: set[str]) -> list[str]:
    """What to try for a parameter: what the sizes of the model say of it, else what its name says."""
    word = re.escape(name)
    axes = [int(m[1]) for s in symbols for m in [re.search(rf"\b{word}\[(\d+)\]", s)] if m]
    shape = [int(m[1]) for s in symbols for m in [re.search(rf"\b{word}\.shape\[(-?\d+)\]", s)] if m]
    if shape:
        rank = max([i + 1 if i >= 0 else 1 - i for i in shape])
        return [f"__import__('numpy').zeros({(5, *rest)})" for rest in SHAPES[max(rank - 1, 1)]]
    if axes:
        return [str(one) for one in SHAPES[min(max(axes) + 1, 4)]]
    if any(re.search(rf"len\({word}\)", s) for s in symbols):
        return [f"list(range({n}))" for n in NUMBERS]
    if any(re.fullmatch(rf"{word}", s) for s in symbols):
        return [str(n) for n in NUMBERS]
    for part, options in WORDS.items():
        if part in name.lower():
            return options
    return [*map(str, NUMBERS[:2]), "(64, 64, 3)", "None", "'relu'", "[8, 4]", "True", "0.5"]


def _symbols(model: Model) -> Iterator[Any]:
    """The unknown sizes of a model."""
    from kerlint.graph.dim import symbols
    from kerlint.prove.arguments import dimensions

    for node in model.graph.nodes:
        for tensor in (*node.inputs, *node.outputs):
            yield from (s for dim in tensor.shape for s in symbols(dim))
        yield from (s for dim in dimensions(node.layer) for s in symbols(dim))
    for tensor in model.graph.inputs:
        yield from (s for dim in tensor.shape for s in symbols(dim))
