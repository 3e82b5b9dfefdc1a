"""Calls: arguments to parameters, closures, methods, classes, and what a call of each kind of value is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.attributes import NATIVE_CALL, bind_to
from kerlint.evaluate.derived import parameters
from kerlint.evaluate.escape import escape, forget, handed
from kerlint.evaluate.models import used
from kerlint.evaluate.mutation import Hidden, alter, hashable
from kerlint.evaluate.names import Frame
from kerlint.evaluate.natives import call_native, shuffle
from kerlint.evaluate.registry import Method, putting
from kerlint.evaluate.state import CALLS, PARAMETER, Raised, Run, TooDeep, TooLarge
from kerlint.evaluate.streams import Body, Stream, yields
from kerlint.evaluate.trees import local_names
from kerlint.evaluate.tries import NATIVE, called
from kerlint.evaluate.values import MISSING, Bound, Call, Class, Function, Instance, Manager, Open, Partial, Rest, Value
from kerlint.graph.layer import Silent

CALLABLE: dict[type, Method] = {}
callable_as = partial(putting, CALLABLE)  # what a call of a kind of value means


def call(run: Run, function: Value, c: Call) -> Value:
    """The value of a call."""
    known = CALLABLE.get(type(function))
    if known is None:
        if isinstance(function, NATIVE):
            run.fails(TypeError("it cannot be called"))
        escape(run, c, f"call of an unknown function (line {c.line})")
        return run.lost("call", c.node, c.frame, "a call of something that is not known")
    found = opens.lend(run, known(run, function, c), *c.args, *c.kwargs.values())
    if run.trying:
        called(run, function, c, found)
    return found


SPELLING = frozenset(["lower", "upper", "strip", "casefold"])  # of a word of whoever knows which: it is that one still


@callable_as(Open)
def call_unknown(run: Run, function: Open, c: Call) -> Value:
    """A call of something unknown: what it is given escapes; the object it belongs to is another one."""
    name, key = function.text.rpartition(".")[2], run.key(function)
    text = c.frame.source.text(c.node)
    if name in SPELLING and not c.args and key.endswith(f".{name}"):
        return Open(key.removesuffix(f".{name}"), function.text.removesuffix(f".{name}"), function.why)
    if name in opens.PURE and "." in function.text:
        named = [f"{k}={opens.key_of(run, v)}" for k, v in c.kwargs.items()]
        arguments = ",".join([*(opens.key_of(run, a) for a in c.args), *named])
        handed(run, c)
        return Open(f"{key}({arguments})"[:160], text, function.why)
    escape(run, c, f"call of an unknown function '{function.text}'")
    forget(run, function.text, c)
    if name.endswith(("_weights", "restore")) and "." in function.text:  # perhaps of a model that it was given
        run.fact("relies-on-structure", c.span, what=name)
    if name == "shuffle":
        shuffle(run, c.get(0, "x"), c.line)
    if "." in function.key or function.lent:
        alter(run, function)
    return run.fresh(f"{key}()", text, f"the result of '{function.text}' is not known (line {c.line})")


@callable_as(Bound)
def _call_bound(run: Run, function: Bound, c: Call) -> Value:
    target = function.call
    if isinstance(target, Function):
        if isinstance(function.target, Instance) and function.target.model is not None:
            used(function.target.model, function.name)
        if function.name == "build" and _is_built(function.target, target, c):
            return None
        return call_function(run, target, replace(c, args=(function.target, *c.args)))
    if target == NATIVE_CALL:
        return call_native(run, function.target, function.name, c)
    assert callable(target)
    c.written = function.name
    return guarded(run, partial(target, run, function.target), c)


def guarded(run: Run, known: Callable[[Call], Value], c: Call) -> Value:
    """What a known function or method gives; unknown where it is called as it cannot be."""
    try:
        return known(c)
    except (IndexError, TypeError, KeyError, ValueError, AttributeError, Silent) as error:
        reason = f"'{c.written}' is called as it is not understood: {error} (line {c.line})"
        escape(run, c, reason)
        return run.fresh(f"{c.written}()", c.frame.source.text(c.node), reason)


def _is_built(target: Value, method: Function, c: Call) -> bool:
    """Whether a layer of the program has been built: that happens once, by hand or where it is first applied."""
    custom, by = getattr(target, "custom", None), c.frame.receiver
    if custom is None or method is not target.cls.lookup("build"):  # super().build()
        return False
    if isinstance(by, Instance) and by is not target and by.custom is not None:
        by.custom.by_hand.append(target)
    before, custom.built = custom.built, True
    return bool(before)


@callable_as(Partial)
def _call_partial(run: Run, function: Partial, c: Call) -> Value:
    inner = Call((*function.args, *c.args), {**function.kwargs, **c.kwargs}, c.node, c.frame, via=True)
    return call(run, function.function, inner)


def make_function(run: Run, node: Any, frame: Frame) -> Function:
    """The function that a ``def`` or ``lambda`` makes: its defaults are evaluated here."""
    arguments: ast.arguments = node.args
    outer = frame.function.name + "." if frame.function is not None else ""
    if frame.is_class and frame.cls is not None:
        outer = frame.cls.name + "."
    return Function(
        node, frame.closure() or frame.module, frame.source, outer + getattr(node, "name", "<lambda>"),
        tuple(run.evaluate(run, d, frame) for d in arguments.defaults),
        tuple(MISSING if d is None else run.evaluate(run, d, frame) for d in arguments.kw_defaults),
        frame.cls if frame.is_class else None,
    )  # fmt: skip


def call_function(run: Run, function: Function, c: Call, during: Callable[[Value], Value] | None = None) -> Value:
    """Runs a function of the program; where it yields, ``during``: the body of a ``with``."""
    args, kwargs = c.args, c.kwargs
    if function.managed and during is None:
        return Manager(function, args, kwargs)
    if function.memo is not None:
        again = partial(call_function, run, replace(function, memo=None), c)
        return _remembered(run, function, (*args, MISSING, *kwargs, *kwargs.values()), again, c)
    frame = _frame_of(run, function, args)
    frame.during = during
    bind_parameters(run, function, c, frame)

    def generate(give: Callable[[Value], None]) -> None:
        frame.during = give
        _executed(run, function, frame, c)

    if during is None and yields(function.node):
        return Stream(Body(run, generate).values())
    return _executed(run, function, frame, c)


CALLABLE[Function] = call_function


def _executed(run: Run, function: Function, frame: Frame, c: Call) -> Value:
    """Runs the body of a function with the names of one call."""
    if len(run.calls) >= CALLS:
        raise TooDeep(run.calls)
    run.calls.append(function)
    before = run.made_so_far()
    try:
        if isinstance(function.node, ast.Lambda):
            return run.evaluate(run, function.node.body, frame)
        returned = run.execute(run, function.node.body, frame)
    except TooDeep as deep:
        if deep.node is function.node and sum(f.node is deep.node for f in run.calls) == 1:
            reason = f"{deep} (line {c.line})"  # the statement that began it is lost, and what it may have changed
            escape(run, c, reason)
            run.spoiled += [run.unresolved(c.frame, c.node, reason)] if run.made_so_far() != before else []
            raise TooLarge(reason) from None
        raise
    finally:
        run.calls.pop()
    return returned[0] if isinstance(returned, tuple) else None


def _remembered(run: Run, function: Function, given: tuple[Value, ...], again: Callable[[], Value], c: Call) -> Value:
    """What a cached function gave for these arguments, or gives now; in doubt, the run, if that builds something."""
    memo = {} if function.memo is None else function.memo
    values = tuple(Hidden.of(run, part) if isinstance(part, Open) else part for part in given)
    key = (*values, *map(type, given)) if hashable(values) else (Hidden(f"{len(memo)}"),)
    if key not in memo:
        before, known = run.made_so_far(), not any(isinstance(part, Hidden) for one in (*memo, key) for part in one)
        known = known and all(one[: len(given)] != values for one in memo)  # 1 is True, perhaps
        memo[key] = again()
        if run.made_so_far() != before and (len(memo) > function.most or not (known or len(memo) == 1)):
            run.spoiled.append(run.unresolved(c.frame, c.node, "whether it was called like this before is not known"))
    return memo[key]


def _frame_of(run: Run, function: Function, args: tuple[Value, ...]) -> Frame:
    """The names of one call, none of them bound so far. The function counts as called, for this class of objects."""
    run.called.add(id(function.node))
    scope = function.frame
    frame = Frame(function.source, scope.module, None if scope is scope.module else scope, function)
    frame.cls, frame.bound = function.owner, local_names(function.node)
    if function.owner is not None and args and function.kind != "static":
        frame.receiver = args[0]
        cls = args[0].cls if isinstance(args[0], Instance) else args[0]
        if isinstance(cls, Class):
            run.called.add((id(function.node), id(cls.node)))
    elif scope is not scope.module:
        frame.receiver, frame.cls = scope.receiver, function.owner or scope.cls
    return frame


def bind_parameters(run: Run, function: Function, c: Call, frame: Frame) -> None:
    """Arguments to parameters, as Python does it: it refuses what is missing, or too much."""
    spec: ast.arguments = function.node.args
    names, args, left = frame.names, c.args, dict(c.kwargs)
    unknown = left.pop("**", None)
    positional = [*spec.posonlyargs, *spec.args]
    cut = next((i for i, a in enumerate(args) if isinstance(a, Rest)), None)
    if cut is not None:
        unknown, args = args[cut], args[:cut]
    if wrong := misfit(function, len(args), left):
        raise Raised(f"{function.name}() {wrong}", "TypeError")
    for parameter, value in zip(positional, args, strict=False):
        names[parameter.arg] = value
    defaults = default_values(function)
    for parameter in [*positional[len(args) :], *spec.kwonlyargs]:
        name = parameter.arg
        if name in left:
            names[name] = left.pop(name)
        elif name in defaults and unknown is None:
            names[name] = defaults[name]
        elif unknown is None:
            raise Raised(f"{function.name}() needs {name}", "TypeError")
        else:
            names[name] = parameter_value(run, function, parameter)
    if spec.vararg is not None:
        rest = (unknown,) if isinstance(unknown, Rest) else ()
        names[spec.vararg.arg] = (*args[len(positional) :], *rest)
    if spec.kwarg is not None:
        names[spec.kwarg.arg] = left if unknown is None else unknown


def misfit(function: Function, count: int, names: Iterable[str], first: int = 0) -> str:
    """Why so many arguments by place, from that parameter on, and these names fit no call of it; or nothing."""
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args][first:]
    known = {p.arg for p in (*positional, *spec.kwonlyargs)} - {p.arg for p in spec.posonlyargs}
    wrong = next((name for name in names if name not in known), None)
    if wrong is not None and spec.kwarg is None:
        return f"has no parameter {wrong!r}"
    many = count > len(positional) and spec.vararg is None
    return f"takes {len(positional)} arguments by place, not {count}" if many else ""


def default_values(function: Function) -> dict[str, Value]:
    """The default values by parameter."""
    positional = [*function.node.args.posonlyargs, *function.node.args.args]
    behind = positional[len(positional) - len(function.defaults) :]
    found = {p.arg: d for p, d in zip(behind, function.defaults, strict=True)}
    only = zip(function.node.args.kwonlyargs, function.kw_defaults, strict=True)
    return found | {p.arg: d for p, d in only if d is not MISSING}


def needed(instance: Instance) -> set[str]:
    """The arguments that call() has no default for, behind the first."""
    found = instance.cls.lookup("call")
    return set(parameters(instance, "call")[1:]) - {*default_values(found)} if isinstance(found, Function) else set()


def parameter_value(run: Run, function: Function, parameter: ast.arg) -> Open:
    """A parameter that nobody gives: unknown, named after itself."""
    found = Open(f"{function.name}({parameter.arg})", parameter.arg, f"{PARAMETER} {function.name}()")
    found.integral = found.optional = getattr(parameter.annotation, "id", "") == "int"
    if parameter.arg not in default_values(function):
        run.needed.add(found.key)
    return found


def call_method(run: Run, target: Value, name: str, args: tuple[Value, ...], c: Call, /, **named: Value) -> Value:
    """A method of one of the program's objects, or MISSING."""
    found = target.cls.lookup(name) if isinstance(target, Instance) else MISSING
    if found is MISSING:
        return MISSING
    bound = bind_to(run, target, found, name, c.node, c.frame)
    return call(run, bound, Call(args, named, c.node, c.frame, plain=False))
