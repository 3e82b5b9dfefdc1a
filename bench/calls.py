"""Places that give a complete model, functions that make models, and calls of both, with drawn arguments."""

from __future__ import annotations

import ast
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerlint.graph.facts import Evaluation
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
    "dir": ["'.'"], "path": ["'some'"], "class": ["12", "7"], "num_": ["12", "7"], "nb_": ["12", "7"],
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
    generations = generations_of(document, evaluation)
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


def generations_of(document: Document, evaluation: Evaluation) -> tuple[int, ...]:
    """Which Keras to run a file with, the likely one first."""
    from kerlint.evaluate.evidence import standalone

    if evaluation.evidence < 3:
        return (2,)
    if any("keras.src" in cell.source for cell in document.cells):  # a part of Keras itself, as it is today
        return (3, 2)
    return (2, 3) if evaluation.target != 3 and standalone(document) else (3, 2)


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


def builders(document: Document, speaks: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Functions that speak of models and give something back, each with a call.

    Of those that need arguments, and of methods, only those that make layers in the source: the call is the first
    that gives complete models there, else the first that gives any, else "" (if it makes models when it is called).
    """
    from kerlint.evaluate.run import evaluate
    from kerlint.imports import Imports

    evaluation = evaluate(document, load=Imports()).vetted()
    for name, function in _functions(document) if not evaluation.problems else ():
        gives = any(isinstance(inner, ast.Return) and inner.value for inner in ast.walk(function))
        if not (gives or name.endswith(".__init__")) or not speaks.search(ast.unparse(function)):
            continue
        if "." not in name and not _choices(function, set()):
            yield name, f"{name}()"
            continue
        if contexts := [c for c in evaluation.contexts if c.root == name]:
            seen = [m for c in contexts for m in c.models]
            if (call := _fitting(document, name, seen)) or seen:
                yield name, call


def _functions(document: Document) -> Iterator[tuple[str, ast.FunctionDef]]:
    """``build`` and ``Class.build`` of the module's level; of several with one name the last, as Python does it."""
    found: dict[str, ast.FunctionDef] = {}
    for statement in (s for cell in document.cells for s in ast.parse(cell.code).body):
        inner = statement.body if isinstance(statement, ast.ClassDef) else [statement]
        owner = f"{statement.name}." if isinstance(statement, ast.ClassDef) else ""
        found |= {f"{owner}{one.name}": one for one in inner if isinstance(one, ast.FunctionDef)}
    yield from found.items()


def _fitting(document: Document, root: str, seen: list[Model]) -> str:
    """The first drawn call with which the source makes more models, all complete, else more of any kind, else ""."""
    before = Counter(m.made_at for _, models in _evaluated(document, [""]) for m in models)
    some = ""
    for expression, models in _evaluated(document, _drawn(document, root, seen)):
        after = Counter(m.made_at for m in models)
        made = [m for m in models if after[m.made_at] > before[m.made_at]]
        if made and all(m.graph.complete for m in made):
            return expression
        some = some or (expression if made else "")
    return some


def _calls(document: Document, root: str, model: Model, span: Span) -> Iterator[str]:
    """Calls of a builder with drawn arguments for which the source gives the model of the place, complete."""
    for expression, models in _evaluated(document, _drawn(document, root, [model])):
        if any(m.made_at == span and m.graph.complete for m in models):
            yield expression
            return


def _evaluated(document: Document, expressions: Iterable[str]) -> Iterator[tuple[str, list[Model]]]:
    """The first of the calls, and the models that the source gives with them."""
    from kerlint.cli.comparing import static
    from kerlint.cli.flags import Flags
    from kerlint.cli.sources import Sources

    sources = Sources(Flags([]), [document.path])
    for expression in itertools.islice(dict.fromkeys(expressions), TRIES):
        contexts = static(document, expression, 3, sources).contexts
        yield expression, [m for context in contexts for m in context.models]


def _drawn(document: Document, root: str, models: list[Model]) -> Iterator[str]:
    """A call of ``build`` or ``Class().build`` with one choice after the other."""
    *owner, name = root.split(".")
    tree = [node for cell in document.cells for node in ast.parse(cell.code).body]
    made = _defined(tree, owner[0] if owner else name)
    parts: list[tuple[str, list[list[str]]]] = []
    names = {symbol.name for model in models for symbol in _symbols(model)}
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


def _defined(body: list[ast.stmt], name: str) -> ast.FunctionDef | ast.ClassDef | None:
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
    """The unknown sizes of a model, as far as it is known."""
    from kerlint.graph.dim import symbols
    from kerlint.graph.layer import Unknown
    from kerlint.prove.arguments import dimensions

    nodes = model.graph.nodes
    for tensor in (*(t for node in nodes for t in (*node.inputs, *node.outputs)), *model.graph.inputs):
        if not isinstance(tensor.shape, Unknown):
            yield from (s for dim in tensor.shape for s in symbols(dim))
    for node in nodes:
        yield from (s for dim in dimensions(node.layer) for s in symbols(dim))
