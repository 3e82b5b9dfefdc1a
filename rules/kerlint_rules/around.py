"""What stands before a layer and behind it, and whether that is alike: what the rules on networks share."""

from collections.abc import Callable, Iterable

from kerlint.rule import Node, Tensor, same, users


def alike(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are known to have one shape."""
    return one.rank == other.rank and all(same(a, b) is True for a, b in zip(one.shape, other.shape, strict=True))


def before(node: Node) -> list[Node]:
    """The node and everything that its inputs hang on, each once, the nearest first."""
    return _reached(node, lambda n: (t.node for t in n.inputs))


def behind(node: Node) -> list[Node]:
    """The node and everything in the program that hangs on its outputs, each once, the nearest first."""
    return _reached(node, lambda n: (user for t in n.outputs for user in users(t)))


def _reached(node: Node, neighbours: Callable[[Node], Iterable[Node | None]]) -> list[Node]:
    found, seen = [node], {node}
    for each in found:  # grows meanwhile
        new = [n for n in neighbours(each) if n is not None and n not in seen]
        seen.update(new)
        found += dict.fromkeys(new)
    return found
