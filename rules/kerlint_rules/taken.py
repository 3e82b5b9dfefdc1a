"""What is taken of a tensor by a subscript, a function, or a Lambda that is one of these."""

from typing import Any

from kerlint.rule import Dim, Graph, Node, Silent, immaterial, require, same

TAKING = ("getitem", "take", "Lambda")
REST = (slice(None), ...)  # what takes a whole axis, or all that are left


def is_last_step(last: Node, length: Dim) -> bool:
    """Whether of a tensor (batch, ``length``, features) the last step is taken, and all of it."""
    if last.kind == "Lambda":
        body = last["function"]
        if not isinstance(body, Graph):
            raise Silent("perhaps: the function of the Lambda is not known")
        steps = [node for node in body.nodes if node.kind in TAKING and node.inputs == body.inputs]
        require(len(steps) == len(body.nodes) == 1, "the Lambda does something else")
        immaterial(last, "output_shape", "arguments", "mask")
        return is_last_step(steps[0], length)
    index = _index(last)
    if len(index) < 2 or index[0] != slice(None) or any(part not in REST for part in index[2:]):
        return False
    return type(index[1]) is int and (index[1] == -1 or same(length, index[1] + 1) is True)


def _index(node: Node) -> tuple[Any, ...]:
    """What numpy's index would be."""
    if node.kind == "getitem":
        return node["index"] if isinstance(node["index"], tuple) else (node["index"],)
    axis, rank = node["axis"], node.inputs[0].rank
    immaterial(node, "indices")
    known = isinstance(axis, int) and -rank <= axis < rank and node["at"] is not None
    return (*(slice(None),) * (axis % rank), node["at"]) if known else ()
