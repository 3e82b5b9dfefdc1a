"""KER204."""

from typing import Any

from kerlint.rule import Dim, Graph, Node, Note, Silent, Tensor, at_least, require, rule, same, say, trained

MULTI = ("categoricalcrossentropy", "sparsecategoricalcrossentropy")
BINARY = "binarycrossentropy"
LINEAR = ("linear", "relu", "tanh")
LAYERS = {"Softmax": "softmax", "ReLU": "relu"}


@rule(
    "KER204",
    "loss-activation-mismatch",
    on=trained(),
    message="{loss} meets {layer} with {activation}: {instead}",
)
def loss_activation_mismatch(model: Graph) -> Note:
    """The loss expects something else than the output layer gives.

    ## Why is this bad?
    A crossentropy takes the logarithm of probabilities. Where the outputs are none, it is cut off at a tiny
    number and the gradient is gone; several sigmoids are divided by their sum, so that what is trained is not
    what the model predicts. Where they are probabilities, but the loss is told to expect logits, they are
    squeezed twice. Either way the model trains, and worse than it could.

    ## Example
    ```python
    model = Sequential([
        Input((20,)),
        Dense(3, activation="relu"),
    ])
    model.compile("adam", "categorical_crossentropy")
    ```
    Use instead:
    ```python
    model = Sequential([
        Input((20,)),
        Dense(3, activation="softmax"),
    ])
    model.compile("adam", "categorical_crossentropy")
    ```

    ## When it stays silent
    A sigmoid with binary crossentropy over several labels, a softmax with a regression loss, losses and
    activations that are not Keras's own, and outputs whose last layer has no activation to speak of.

    ## Fix safety
    There is no automatic fix: the activation or the loss may be the one that was meant.
    """
    reasons = []
    for output, loss in _pairs(model.outputs, model.compile.loss if model.compile else None):
        if output.node is None:
            continue
        try:
            return _mismatch(output.node, loss)
        except Silent as silent:
            reasons.append(silent.reason)
    raise Silent("; ".join(reasons) or "no loss is known for an output")


def _pairs(outputs: tuple[Tensor, ...], loss: Any) -> list[tuple[Tensor, Any]]:
    """Each output with its loss: one for all, a list in order, or a dictionary by name."""
    if not isinstance(loss, tuple):
        return [(output, loss) for output in outputs]
    if all(isinstance(part, tuple) and len(part) == 2 for part in loss):
        return [(t, part[1]) for t in outputs for part in loss if t.node and t.node.layer.name == part[0]]
    return list(zip(outputs, loss, strict=False))


def _mismatch(node: Node, loss: Any) -> Note:
    """Silent where the loss and the activation of the output go together."""
    written = loss if isinstance(loss, str) else getattr(loss, "kind", "")
    logits = dict(getattr(loss, "config", ())).get("from_logits", False)
    name = written.replace("_", "").lower()
    require(name in (*MULTI, BINARY), f"loss={written or loss}")
    activation, size = _activation(node), node.output.size(-1)
    instead = _after_logits(activation) if logits is True else _instead(name, activation, size)
    require(bool(instead) if logits in (True, False) else None, f"{written} goes with {activation}")
    say(loss=written, layer=node, activation=activation, instead=instead)
    return Note((node,))


def _activation(node: Node) -> str:
    if node.kind in LAYERS:
        return LAYERS[node.kind]
    found = node["activation"] if "activation" in node.layer.config else None
    require(isinstance(found, str), f"{node.kind} has no activation that is known")
    return str(found)


def _after_logits(activation: str) -> str:
    return "from_logits=True expects no activation" if activation in ("softmax", "sigmoid") else ""


def _instead(name: str, activation: str, size: Dim) -> str:
    """What would go together; empty where it does, or where that is not known."""
    if name in MULTI and same(size, 1) is True:
        return "one value is no class against others; binary_crossentropy with a sigmoid takes one"
    if name == BINARY and activation in LINEAR:
        return "sigmoid makes a probability"
    apart = (*LINEAR, "sigmoid") if name in MULTI else ("softmax",)
    if activation not in apart:
        return ""
    require(at_least(size, 2), f"{activation} over a single value")
    return "softmax makes probabilities" if name in MULTI else "sigmoid judges each label alone"
