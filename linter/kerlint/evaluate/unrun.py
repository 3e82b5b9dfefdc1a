"""What code that no run reached does with a model, as far as its text alone says it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from kerlint.evaluate.names import Frame, Source
from kerlint.evaluate.parse import parsed
from kerlint.evaluate.trees import SELF, below
from kerlint.evaluate.values import Class
from kerlint.evaluate.words import word_set
from kerlint.graph.facts import MODULE, Context, Fact
from kerlint.text.document import Document

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
        return f"{part.func.id}(model.layers)" if counts else None
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
