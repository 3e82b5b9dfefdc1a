"""Outputs of compiled models: what the rules on losses and metrics share."""

from kerlint.rule import Criterion, Node, Objective, require

LAYERS = {"Softmax": "softmax", "ReLU": "relu"}  # activations that are layers of their own
REGRESSION = ("mean_squared_error", "mean_absolute_error", "huber")
SEVERAL = ("categorical_crossentropy", "sparse_categorical_crossentropy")  # losses over classes, one of which holds
BINARY = "binary_crossentropy"


def loss_of(objective: Objective, *names: str) -> Criterion:
    """The loss of an output, if it is one of these. Silent for others and where it is not known."""
    loss = objective.loss
    require(loss is not None, "no loss is given")
    require(isinstance(loss, Criterion) or None, f"loss={getattr(loss, 'expression', loss)} is not known")
    assert isinstance(loss, Criterion)
    require(loss.name in names, f"loss={loss.written}")
    return loss


def activation_of(node: Node) -> str:
    """The activation that a layer ends with. Silent where it has none, or it is not known."""
    if node.kind in LAYERS:
        return LAYERS[node.kind]
    if node.kind == "elementwise":
        return function_of(node)
    found = node["activation"] if "activation" in node.layer.config else None
    require(isinstance(found, str), f"{node.kind} has no activation that is known")
    return str(found)


def ending_of(node: Node) -> str:
    """The activation of a model's last layer; behind it, another may have changed the dtype alone."""
    while node.kind == "Activation" and node["activation"] == "linear" and node.input.node is not None:
        node = node.input.node
    return activation_of(node)


def function_of(operation: Node) -> str:
    """What an operation does to every element. Silent where it is told more (a slope, another axis than the last)."""
    name, told = operation["function"], operation["arguments"]
    require(told == () or (name == "softmax" and told == (-1,)), f"{name}() is given more than the tensor")
    return str(name)
