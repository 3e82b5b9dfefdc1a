"""What stands before a layer and behind it, and whether that is alike: what the rules on networks share."""

from collections.abc import Callable, Container, Iterable

from kerlint.rule import Node, Silent, Tensor, at_least, printed, require, same, users


def holds(check: Callable[..., object], *given: object) -> bool:
    """Whether a check with guards goes through."""
    try:
        check(*given)
    except Silent:
        return False
    return True


def alike(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are known to have one shape."""
    return one.rank == other.rank and all(same(a, b) is True for a, b in zip(one.shape, other.shape, strict=True))


def channels_last(layer: Node) -> None:
    """Silent where an image stands in front with its channels first, ``(3, 224, 224)``, whatever Keras is told."""
    image = _image(layer)
    require(not _looks_first(image), f"the input looks like channels first: {printed(tuple(image.shape))}")


def channels_first(layer: Node) -> None:
    """Silent unless such an image stands in front, and the layer takes the last axis for the channels."""
    layer.require(data_format="channels_last")
    require(_looks_first(_image(layer)), "the input does not look like channels first")


def _image(layer: Node) -> Tensor:
    """What the network begins with that the layer stands in."""
    image = layer.inputs[0]
    while image.node is not None and image.node.inputs:
        image = image.node.inputs[0]
    return image


def _looks_first(image: Tensor) -> bool:
    first, *positions = image.shape[1:] if image.rank >= 4 else (None,)
    return first in (1, 3, 4) and all(at_least(size, 5) is not False for size in positions)


def before(*nodes: Node) -> list[Node]:
    """The nodes and everything that their inputs hang on, each once, the nearest first."""
    return _reached(nodes, lambda n: (t.node for t in n.inputs))


def behind(node: Node) -> list[Node]:
    """The node and everything in the program that hangs on its outputs, each once, the nearest first."""
    return _reached([node], lambda n: (user for t in n.outputs for user in users(t)))


def in_front(x: Tensor, through: Container[str]) -> tuple[Node | None, list[Node]]:
    """The nearest layer in front of a tensor that is none of these kinds, and those between, in their order."""
    between: list[Node] = []
    node = x.node
    while node is not None and node.kind in through:
        between.insert(0, node)
        node = node.input.node
    return node, between


def reader(layer: Node, through: Container[str]) -> Node | None:
    """The nearest layer behind that is none of these kinds, if each on the way is read by one layer alone."""
    readers = users(layer.output)
    while len(readers) == 1 and readers[0].kind in through:
        readers = users(readers[0].output)
    return readers[0] if len(readers) == 1 else None


def _reached(nodes: Iterable[Node], neighbours: Callable[[Node], Iterable[Node | None]]) -> list[Node]:
    found, seen = [*nodes], {*nodes}
    for each in found:  # grows meanwhile
        new = [n for n in neighbours(each) if n is not None and n not in seen]
        seen.update(new)
        found += dict.fromkeys(new)
    return found
