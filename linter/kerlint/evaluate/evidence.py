"""What a document's own words say: which Keras it is written for, what code does with a model that no run reached."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from kerlint.evaluate.names import Frame, Source
from kerlint.evaluate.registry import TABLES, word_set
from kerlint.evaluate.trees import SELF, below, parsed
from kerlint.evaluate.values import Class
from kerlint.graph.facts import MODULE, Context, Fact
from kerlint.text.document import Document
from kerlint.text.span import Span


def _begun(patterns: dict[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each pattern with the text that it begins with: to look for that first is a hundred times faster."""
    return tuple((first, re.compile(pattern, re.M)) for first, pattern in patterns.items())


KERAS_1 = _begun(TABLES["evidence.1"])  # of subsample, a number is the share of examples that a tree is shown
KERAS_2 = _begun(TABLES["evidence.2"])
KERAS_3 = _begun(TABLES["evidence.3"])  # what only Keras 3 has
WITHIN_TENSORFLOW = re.compile(r"tensorflow\.keras|tf\.keras\.")
STANDALONE = re.compile(r"\n[ \t]*(?:from|import)[ \t]+keras\b")
# Packages, beside Python's own, that name nothing for ``activation="..."``, and words of programs that may.
PLAIN = word_set("cv2 keras matplotlib numpy pandas PIL scipy seaborn sklearn tensorflow tf_keras tqdm")
NAMING = ("custom_object", "CustomObject", "register_keras_serializable", "importlib", "__import__", "activations.")


@lru_cache(maxsize=8)  # for each such name in a document
def may_name(document: Document) -> bool:
    """Whether the program, or a package that it imports, may give Keras names for functions of its own."""
    nodes = [node for cell in document.cells for node in ast.walk(ast.parse(cell.code))]
    heads = {alias.name.partition(".")[0] for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    heads |= {"" if n.level else str(n.module).partition(".")[0] for n in nodes if isinstance(n, ast.ImportFrom)}
    return any(word in document.source for word in NAMING) or not heads <= PLAIN | sys.stdlib_module_names


def speaks_two(document: Document) -> bool:
    """Whether the code is Keras 2's: it imports tf_keras, or has words that only Keras 1 and 2 had."""
    return spoken(document) < 3 and not meant_for_three(document)


def standalone(document: Document) -> bool:
    """Whether the code imports the package keras itself, which may be of any version, and nothing that only one has."""
    return _imports_keras(document.source) and not meant_for_three(document)


def spoken(document: Document) -> int:
    """The major version of Keras whose meaning the code's words have: the oldest that they allow."""
    text = document.source
    if _says(text, KERAS_1):  # TensorFlow has had a Keras of its own since Keras 2
        return 2 if WITHIN_TENSORFLOW.search(text) and not _imports_keras(text) else 1
    return 2 if _says(text, KERAS_2) else 3


def meant_for_three(document: Document) -> bool:
    """Whether something in the code exists in Keras 3 alone."""
    return _says(document.source, KERAS_3)


def _imports_keras(text: str) -> bool:
    return STANDALONE.search(f"\n{text}") is not None


def _says(text: str, patterns: tuple[tuple[str, re.Pattern[str]], ...]) -> bool:
    return any(first in text and pattern.search(text) for first, pattern in patterns)


TEST = re.compile(r"(?:async )?def test_|class \w+\([^)]*TestCase\b")


@lru_cache(maxsize=128)
def tests(document: Document) -> list[Span]:
    """Where models are made for a test: its functions as pytest finds them, fixtures, classes of test cases."""
    cells = parsed(document)[0] if TEST.search(document.source) or "fixture" in document.source else []
    own = ((s, n) for s, body in cells for n in below(body) if isinstance(n, (ast.ClassDef, *FUNCTIONS[:2])))
    return [s.span(n) for s, n in own if TEST.match(s.text(n)) or "fixture" in " ".join(map(s.text, n.decorator_list))]


# --- code that no run reached -----------------------------------------------------------------------------------

LOADING = word_set("load_weights set_weights restore")
RELYING = LOADING | word_set("get_weights get_layer pop")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COUNTING = word_set("len enumerate")
HINT = re.compile(rf"\.\s*(?:(?:{'|'.join(sorted(RELYING))})\b|layers\s*[\[)])")  # most files have none


def relying(trees: Iterable[tuple[Source, Sequence[ast.AST]]], run: Collection[object]) -> Iterator[Fact]:
    """Where functions that are not among the nodes of ``run`` rely on the structure of a model, and wherever weights
    are loaded: a flag that is known today may be another one tomorrow, what it is called on a model. ``trees``: of
    the document, and functions of other files that it calls."""
    for source, body in trees:
        if HINT.search(source.whole(body[0]) if len(body) == 1 else source.document.cell(source.cell).source):
            whole = below(body)
            unrun = set(below([part for part in whole if isinstance(part, FUNCTIONS) and id(part) not in run]))
            found = {part: what for part in whole if (what := _relied(part)) and (part in unrun or what in LOADING)}
            yield from (Fact("relies-on-structure", source.span(p), data={"what": w}) for p, w in found.items())


def _relied(part: ast.AST) -> str | None:
    """What is asked of an object that may be a model: known/model_methods.py says the same of one that is."""
    if isinstance(part, ast.Subscript):
        return "layers[...]" if _layers(part.value) else None
    if not isinstance(part, ast.Call):
        return None
    if isinstance(part.func, ast.Name):
        counts = part.func.id in COUNTING and part.args and _layers(part.args[0])
        return f"{part.func.id}({ast.unparse(part.args[0])})" if counts else None
    name = part.func.attr if isinstance(part.func, ast.Attribute) else ""
    return name if name in RELYING and not (name == "pop" and part.args) else None  # with a place, it is a list's


def _layers(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "layers"


TEACHING = re.compile(r"(?i)(?:fit|train|learn|minimi[sz]e|apply_gradients|gradienttape)\w*\s*\(|\.trainable_[wv]")


# A model that is called is not in training (keras/src/layers/layer.py: CallSpec), unless somebody says so.
IN_TRAINING = re.compile(r"training\s*=\s*(?!False\b|None\b|training\b)|,\s*True\s*\)|learning_phase")

# ``self.layer.rate = 0.5``, not ``self.rate = 0.5``. It begins with a plain character: the search is a fast one.
SETTING = re.compile(r"\.(?<!\bself\.)[ \t]*\w+[ \t]*(?:[-+*/%|&^]|//|\*\*)?=(?!=)|setattr[ \t]*\(")


def later(document: Document, module: Frame | None, followed: Collection[int]) -> frozenset[str]:
    """The attributes of others that code sets which no run came to, here or where bases stand: perhaps of a layer."""
    own = (c for c in (module.names.values() if module else ()) if isinstance(c, Class) and c.frame.module is module)
    bases = [base.frame.source.document for c in own for base in c.order if isinstance(base, Class)]
    found = set()
    for file in dict.fromkeys([document, *bases]):
        trees = parsed(file)[0] if SETTING.search(file.source) else []
        nodes = below([statement for _, body in trees for statement in body])
        for part in (p for p in nodes if id(p) not in followed):
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                found |= {part.attr} if getattr(part.value, "id", "") not in SELF else set()
            elif isinstance(part, ast.Call) and getattr(part.func, "id", "") == "setattr":
                found |= {str(name.value) for name in part.args[1:2] if isinstance(name, ast.Constant)}
    return frozenset(found)


@lru_cache(maxsize=128)  # for each file that it imports
def set_by(document: Document) -> frozenset[str]:
    """What the code sets of objects other than its own: ``config.size``, ``args['steps']``."""
    nodes = below([statement for _, body in parsed(document)[0] for statement in body])
    places = (p for p in nodes if isinstance(p, (ast.Attribute, ast.Subscript)) and isinstance(p.ctx, ast.Store))
    return frozenset(one for one in map(ast.unparse, places) if re.split(r"\W", one, maxsplit=1)[0] not in SELF)


def untaught(document: Document, contexts: list[Context]) -> list[Context]:
    """The contexts; of a program that loads weights and trains nothing, as far as its text says, all are given. So
    are those of one whose own loop never calls its models in training: what is stored is used then."""
    text = document.source
    looped = "GradientTape" in text and "apply_gradients" in text and not IN_TRAINING.search(text)
    if not looped and (not any(_loads(context, document.path) for context in contexts) or TEACHING.search(text)):
        return contexts
    return [replace(c, trace=replace(c.trace, given=frozenset(n.layer for n in c.trace.nodes))) for c in contexts]


def _loads(context: Context, path: str) -> bool:
    """Whether the file itself loads weights, and hands its models to nobody who might train them."""
    if context.root != MODULE or not context.models:
        return False
    loaded = any(fact.data.get("what") == "load_weights" and fact.span.path == path for fact in context.facts)
    return loaded and all(model.graph.complete and not model.graph.objectives for model in context.models)
