"""The guards of a rule, and the notes it takes while it decides."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field

from kerlint.graph.graph import ASKED, Node, Tensor, Trace
from kerlint.graph.layer import Layer, Silent


@dataclass
class Notes:
    """What one run of a rule left: why there is no fix, why it is not safe, words for its message."""

    reasons: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    words: dict[str, object] = field(default_factory=dict)


NOTES: ContextVar[Notes] = ContextVar("NOTES")  # of the run: what guards say outside of one is lost
FROZEN: ContextVar[frozenset[Layer]] = ContextVar("FROZEN", default=frozenset())
TRACE: ContextVar[Trace] = ContextVar("TRACE", default=Trace())  # noqa: B039 (frozen)


def require(holds: bool | None, reason: str) -> None:
    """Silent unless it holds. None stands for "not known" and is silent, too."""
    if holds is not True:
        raise Silent(reason if holds is False else f"perhaps: {reason}")


def fixable(holds: bool | None, reason: str) -> None:
    """The finding stands either way; unless it holds, it stands without a fix, for this reason."""
    if holds is not True:
        NOTES.get(Notes()).reasons.append(reason if holds is False else f"perhaps: {reason}")


def safe(holds: bool | None, reason: str) -> None:
    """The fix stands either way; unless it holds, the fix is not safe, for this reason."""
    if holds is not True:
        NOTES.get(Notes()).doubts.append(reason if holds is False else f"perhaps: {reason}")


def immaterial(node: Node, *arguments: str) -> None:
    """These arguments make no difference here, known or not: that they disappear is no loss."""
    ASKED.get(set()).update((node, argument) for argument in arguments)


def replaceable(*region: Node) -> None:
    """Silent unless nobody else uses the layers and inner tensors of a region."""
    trace, inside = TRACE.get(), set(region)
    for node in region:
        if len(trace.applications(node.layer)) > 1:
            raise Silent(f"{node.layer.name} is applied several times: its weights are shared")
        if node.layer in trace.escaped:
            raise Silent(f"{node.layer.name} is handed to code that is not known")
        for tensor in (t for t in node.outputs if t is not region[-1].output):
            if any(user not in inside for user in trace.consumers(tensor)):
                raise Silent("another layer uses the tensor in between")
            if tensor in trace.model_outputs or tensor in trace.escaped:
                raise Silent("the tensor in between is an output, or is handed to code that is not known")


def trains(node: Node) -> bool | None:
    """Whether the layer trains; None if it is not known."""
    layer = node.layer
    if layer in FROZEN.get():
        return False
    return bool(layer.config["trainable"]) if layer.config.known("trainable") else None


def learnt(node: Node) -> bool:
    """Whether weights may come from training: not where they are set by hand, or trained without ``training=True``."""
    return node.layer not in TRACE.get().given


def applied(node: Node) -> bool:
    """Whether a model that the layer is in is itself applied, as a part of another one."""
    return any(node.layer in n.layer.config["graph"].layers for n in TRACE.get().nodes if n.kind == "Nested")


def users(tensor: Tensor) -> list[Node]:
    """Every node of the program that takes the tensor."""
    return TRACE.get().consumers(tensor)


def is_output(tensor: Tensor) -> bool:
    """Whether a model of the program gives the tensor."""
    return tensor in TRACE.get().model_outputs


def say(**words: object) -> None:
    """Fill fields of the rule's message that only its body knows; ``hint=None`` takes back the rule's hint here."""
    NOTES.get(Notes()).words.update(words)


def unmasked(tensor: Tensor) -> bool | None:
    """Whether the tensor carries no mask; None if it may."""
    return None if tensor.masked is None else not tensor.masked
