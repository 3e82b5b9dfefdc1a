"""A new layer as the text of a constructor call, out of the arguments that the user wrote for the old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import libcst

from kerlint.fix.layout import Item, laid_out
from kerlint.fix.values import Found, find, guard, is_default, own
from kerlint.fix.written import Argument, Written, expression, role
from kerlint.graph.layer import REQUIRED, SHAPES, Layer, NoFix
from kerlint.layers.old import PER_AXIS

BASE = ("name", "dtype", "trainable", "activity_regularizer", "data_format", "autocast", *SHAPES)


@dataclass(frozen=True, eq=False)
class Wanted:
    """A new layer and what it may be written with: ``pool`` are arguments of the layers it stands for."""

    layer: Layer
    callee: str
    pool: Sequence[Argument]
    quote: str
    carries: Sequence[Argument] = ()  # input_shape and the like: the first layer of a Sequential
    equals: str = "="  # between an argument's name and its value
    comma: str = ", "
    same_class: bool = False  # as the call that is edited: what the table does not know stays
    inner: bool = False  # the call that is edited stands in a wrapper: nobody reads its input shape

    def has(self, name: str | None) -> bool:
        """Whether the new class has the argument."""
        return name is not None and (name in self.layer.spec.signature or name in BASE)

    def unwritten(self, done: set[str]) -> list[tuple[str, Found]]:
        """Arguments that have to be written, in the order of the class: needed, or written before."""
        missing = []
        for name in dict.fromkeys((*self.layer.spec.signature, "activity_regularizer", "trainable", "dtype")):
            if name in done or name == "name" or name not in self.layer.config:
                continue
            value = self.layer.config.peek(name)
            source = own(name, value, self.pool)
            if source is not None and (source.name == name or not is_default(self.layer, name, value)):
                missing.append((name, Found(source.text, source)))
            elif name not in ("data_format", "dtype") and not is_default(self.layer, name, value):
                missing.append((name, find(name, value, self.pool, self.quote)))
        if self.layer.named and "name" not in done:
            missing.append(("name", find("name", self.layer.name, self.pool, self.quote)))
        missing += [(a.name or "", Found(a.text, a)) for a in self.carries if a.name not in done]
        return missing


def compact(wanted: Wanted) -> str:
    """The call written anew, on one line as far as the arguments are."""
    parts: list[str] = []
    signature = list(wanted.layer.spec.signature)
    for name, found in wanted.unwritten(set()):
        positional = _positional(wanted, name, found) and signature.index(name) == len(parts)
        parts.append(found.text if positional else f"{name}{wanted.equals}{found.text}")
    return f"{wanted.callee}({wanted.comma.join(parts)})"


def _positional(wanted: Wanted, name: str, found: Found) -> bool:
    """The first argument, if it has no default, needs no name, unless the user gave it by name."""
    signature = wanted.layer.spec.signature
    if signature.get(name) is not REQUIRED:
        return False
    if found.source is None or not found.source.required:
        return name == next(iter(signature))
    return found.source.positional


def edited(template: Written, wanted: Wanted) -> str:
    """The user's call with the class and those arguments changed that differ; the rest stays as written."""
    wanted = replace(wanted, same_class=template.layer.spec is wanted.layer.spec)
    kept = [(argument, _kept(argument, wanted)) for argument in template.arguments]
    items = [item for _, item in kept if item is not None]
    dropped = [argument for argument, item in kept if item is None]
    for argument in dropped:
        guard(argument)
    _refuse_one_by_one(template, items)
    _refuse_stars(template, wanted, items, dropped)
    _number(template, wanted, items)
    done = {i.name for i in items}
    for name, found in wanted.unwritten({n for n in done if n}):
        leading = sum(i.arg.keyword is None and not i.arg.star for i in items)
        if _positional(wanted, name, found) and list(wanted.layer.spec.signature).index(name) == leading:
            items.insert(leading, Item(name, libcst.Arg(expression(found.text))))
        else:
            items.append(Item(name, _keyword(name, libcst.Arg(expression(found.text)), wanted)))
    return laid_out(template, wanted.callee, items)


def _kept(argument: Argument, wanted: Wanted) -> Item | None:
    """The argument as the new call has it: kept, renamed, with another value; None if it goes."""
    unread = wanted.inner and argument.name in SHAPES
    if argument.starred or (wanted.same_class and not unread and argument.name not in wanted.layer.config):
        return Item(argument.name, argument.cst, argument)
    if argument.name == "weights":
        raise NoFix("the layer is given its initial weights")
    name = argument.name if wanted.has(argument.name) else None
    if name is None and argument.name is not None:
        name = role(argument.name, wanted.layer.spec.signature)
    if name is None:
        return None
    if name in SHAPES and name not in wanted.layer.spec.signature:
        return Item(name, argument.cst, argument) if argument in wanted.carries else None
    if name == "name":
        stays = argument.value == (wanted.layer.name if wanted.layer.named else None)
        return Item(name, argument.cst, argument) if stays else None
    if name not in wanted.layer.config:
        return None
    return _with_value(argument, name, wanted)


def _with_value(argument: Argument, name: str, wanted: Wanted) -> Item | None:
    value = wanted.layer.config.peek(name)
    arg = argument.cst
    if own(argument.name or "", value, [argument]) is None:
        if is_default(wanted.layer, name, value):
            return None
        guard(argument)
        arg = arg.with_changes(value=expression(find(name, value, wanted.pool, wanted.quote).text))
    if arg.keyword and name != argument.name:
        of_keras_1 = arg.keyword.value != argument.name and name == "units"
        arg = arg.with_changes(keyword=libcst.Name("output_dim" if of_keras_1 else name))
    return Item(name, arg, argument)


def _number(template: Written, wanted: Wanted, items: list[Item]) -> None:
    """Positional arguments stay so while each stands where the new class has it; others get their names."""
    signature = list(wanted.layer.spec.signature)
    intact = wanted.same_class
    for index, item in enumerate(items):
        intact = intact and item.source is template.arguments[index]
        if item.arg.keyword is not None or item.arg.star or intact:
            continue
        if item.name is None:
            raise NoFix("an argument stands where Keras 1 had it")
        if index >= len(signature) or signature[index] != item.name:
            items[index] = Item(item.name, _keyword(item.name, item.arg, wanted), item.source)


def _keyword(name: str, arg: libcst.Arg, wanted: Wanted) -> libcst.Arg:
    left, _, right = wanted.equals.partition("=")
    equal = libcst.AssignEqual(libcst.SimpleWhitespace(left), libcst.SimpleWhitespace(right))
    return arg.with_changes(keyword=libcst.Name(name), equal=equal)


def _refuse_one_by_one(template: Written, items: Sequence[Item]) -> None:
    """Of sizes that Keras 1 took one by one, only the first is known as the argument that is to change."""
    others = [a.cst.keyword.value if a.cst.keyword else None for a in template.arguments if a.name is None]
    sizes = [i for i in items if i.name == "kernel_size"]
    changed = any(i.source is not None and i.arg is not i.source.cst for i in sizes)
    if changed and {None, *PER_AXIS} & {*others}:
        raise NoFix("the sizes of the kernel are written one by one")


def _refuse_stars(template: Written, wanted: Wanted, items: Sequence[Item], dropped: Sequence[Argument]) -> None:
    """What comes in through ``*args`` and ``**kwargs`` is not written here: only the rest may change."""
    star = next((a for a in template.arguments if a.starred), None)
    if star is None:
        return
    before, now = template.layer.config, wanted.layer.config
    as_before = {name for name in before if name in now and before.raw(name) == now.raw(name)}  # through the stars
    added = wanted.unwritten({i.name for i in items if i.name} | as_before)
    if not wanted.same_class or added or any(a.positional for a in dropped):
        raise NoFix(f"some arguments come from {star.cst.star}{star.text}")
