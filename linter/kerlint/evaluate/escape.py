"""What is handed to code that kerlint does not see."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from kerlint.evaluate.derived import row_of
from kerlint.evaluate.mutation import ALTERED, alter, grow, perhaps
from kerlint.evaluate.opens import key_of
from kerlint.evaluate.registry import named, word_set
from kerlint.evaluate.state import Loop, Run
from kerlint.evaluate.streams import Stream
from kerlint.evaluate.values import Array, Bound, Call, Function, Instance, Manager, ModelValue, Partial, Value, small
from kerlint.graph.graph import Tensor, Unresolved
from kerlint.graph.layer import PLAIN, Layer
from kerlint.text.document import WORD

# Packages that look at what they get, and change neither models nor lists.
HARMLESS = frozenset(named("escape.harmless"))
ONLY_READING = ("os.path.", "builtins.", "keras.models.load_model", "keras.models.model_from")
# Also those that only look at the models they get, and whose name may be that of a file of the project.
READERS = HARMLESS | word_set("rl keract alibi_detect coremltools tensorflowjs tf2onnx keras2onnx onnxmltools")
# Functions and methods that neither build nor change a model or a list.
HARMLESS_BUILTINS = word_set("print len str int float isinstance open max min range list dict")
HARMLESS_METHODS = frozenset(named("relevance.harmless_methods"))
# Methods of a model that read their first argument's shape.
FEEDING = word_set("fit fit_generator train_on_batch predict evaluate build adapt")


def handed(run: Run, c: Call, _reason: str = "") -> None:
    """Functions are perhaps called by what gets them, and iterators walked; it leaves all else as it is."""
    for value in (*c.args, *c.kwargs.values()):
        _walk(run, value, c)
        if (call := ALTERED.get(type(value))) is not None:
            call(run, value, *(other for other in (*c.args, *c.kwargs.values()) if other is not value))


def _walk(run: Run, value: Value, c: Call) -> None:
    if isinstance(value, Stream):
        why = "an iterator is perhaps walked by code that is not followed"
        with perhaps(run, Loop(Unresolved(c.span, c.line, why))):
            value.draw()


def escape(run: Run, c: Call, reason: str) -> None:
    """All arguments of a call to something unknown."""
    for value in (*c.args, *c.kwargs.values()):
        if value.__class__ in PLAIN:
            continue
        _walk(run, value, c)
        run.returned += tensors_in(value)
        escape_value(run, value, Unresolved(c.span, c.line, reason) if _matters(value) else None)


def _matters(value: Value) -> bool:
    return isinstance(value, (Tensor, Layer, ModelValue, list, tuple, dict, Instance, Manager))


def escape_value(run: Run, value: Value, place: Unresolved | None, depth: int = 0) -> None:
    """Tensors, layers and models escape; a list or dictionary may have been changed."""
    if place is None:
        alter(run, value)
        return
    value = row_of(value)
    if isinstance(value, (Tensor, Layer, ModelValue)):
        run.escaped.setdefault(value, place)
    elif isinstance(value, Manager):  # perhaps it is entered, and never left
        run.spoiled.append(place)
    elif isinstance(value, Instance) and depth < 3:
        inner = value.model if value.model is not None else value.custom
        if inner is not None:
            run.escaped.setdefault(inner, place)
        alter(run, value)
    elif isinstance(value, (list, tuple, dict)) and depth < 3 and (depth or small(value, 20_000)):
        parts = list(value.values()) if isinstance(value, dict) else list(value)
        for part in parts:
            if _matters(part) or isinstance(part, (Array, *ALTERED)):
                escape_value(run, part, place if _matters(part) else None, depth + 1)
        if not isinstance(value, tuple):
            grow(run, value, place.reason)


def tensors_in(value: Value) -> list[Tensor]:
    """The tensors that a value holds, a few containers, objects and closures deep. Each is looked into once."""
    found: list[Tensor] = []
    seen: set[int] = set()
    queue: deque[tuple[Value, int]] = deque([(value, 0)])
    while queue:
        part, depth = queue.popleft()
        if isinstance(part, Tensor):
            found.append(part)
        elif depth < 4 and id(part) not in seen:
            seen.add(id(part))
            queue.extend((inner, depth + 1) for inner in _parts(part))
    return found


def _parts(value: Value) -> Iterable[Value]:
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, (dict, Instance)):
        return (value if isinstance(value, dict) else value.names).values()
    if isinstance(value, Function) and value.frame.module is not value.frame:
        words = set(WORD.findall(value.source.whole(value.node)))
        return [held for name, held in value.frame.names.items() if name in words]
    return [getattr(value, name) for name in value.__slots__] if isinstance(value, (Partial, Bound)) else ()


def forget(run: Run, name: str, c: Call) -> None:
    """What is stored in a file may be something else, once the file was given to whoever may write there."""
    if name == "os.chdir":
        run.stored.clear()
    if not name.startswith(ONLY_READING) or name == "builtins.open":
        for value in (*c.args, *c.kwargs.values()) if run.stored else ():
            run.stored.pop(key_of(run, value), None)


def touches(value: Value, depth: int = 0) -> bool:
    """Whether tensors, layers or models are in the value."""
    if isinstance(value, (list, tuple)) and PLAIN.issuperset(map(type, value)):
        return False
    if not depth and isinstance(value, (list, tuple, dict)) and not small(value):
        return False
    if isinstance(value, (Tensor, Layer, ModelValue)):
        return True
    if isinstance(value, Instance):
        return value.model is not None or value.custom is not None
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return depth < 3 and any(touches(part, depth + 1) for part in parts)
