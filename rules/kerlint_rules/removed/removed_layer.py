"""KER401."""

from kerlint.rule import (
    Alternative,
    Equivalence,
    Fact,
    Node,
    NoFix,
    Respelling,
    Rewrite,
    fact,
    fixable,
    new,
    require,
    rule,
    say,
)
from kerlint_rules.removed.instead import ADVICE, instead, same_slope

CUDNN = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
LOCAL = ("LocallyConnected1D", "LocallyConnected2D")


@rule(
    "KER401",
    "removed-layer",
    on=fact("removed-layer"),
    equivalence=Equivalence.IDENTICAL,
    message="Keras 3 has no {name}: {advice}",
    since=3,
)
def removed_layer(call: Fact) -> Rewrite | Alternative | Respelling:
    """A layer or function is used that Keras 3 does not have.

    ## Why is this bad?
    The program fails as soon as it looks for the name.

    ## Example
    ```python
    x = Input((64,))
    x = ThresholdedReLU(0.5)(x)
    ```
    Use instead:
    ```python
    x = Input((64,))
    x = ReLU(threshold=0.5)(x)
    ```

    ## When it stays silent
    Code that does not say that it is for Keras 3, unless the rule is selected by its name or as `KER4`, or the
    configuration says `keras = 3`. LocallyConnected with a kernel of one position: stepwise-locally-connected.

    ## Fix safety
    Only where the replacement is exact: `merge` (to `concatenate`, `add`, ...), AtrousConvolution, Deconvolution,
    ThresholdedReLU. LSTM for CuDNNLSTM is shown and never applied: it has one bias for two, and a checkpoint's
    kernels are stored in another order. Of all others the finding says what to use.
    """
    name, today = call.data["name"], call.data["today"]
    advice = ADVICE.get(name, "Keras 3 has no such layer")
    say(advice=advice)
    if call.data["edits"] or today:
        say(advice=f"{today}() does that" if name == "merge" else f"it is called {today} today")
        for reason in (*call.data["why"], *map(instead, call.data["gone"])):
            fixable(False, reason)
        same_slope(call)
        return Respelling(call.data["edits"], f"Replace with {today}", names=((call.span, today),))
    if call.data.get("unused"):
        say(advice="nothing here uses it")
        return Respelling(((call.span, ""),), f"Remove {name} from the import")
    if not call.nodes:
        raise NoFix(advice)
    return _replaced(call.nodes[0], advice)


def _replaced(node: Node, advice: str) -> Rewrite | Alternative:
    """The replacement of a layer of the table."""
    if node.kind == "ThresholdedReLU" and node.layer.config.known("theta"):
        return node.becomes(new.ReLU.like(node, threshold=node["theta"])(node.input))
    if node.kind in CUDNN:
        maker = getattr(new, CUDNN[node.kind])
        recurrent = maker(**{name: node[name] for name in node.layer.spec.signature if name in maker.spec.signature})
        fixable(False, "the layer runs on a GPU alone, and a checkpoint has its kernels in another order")
        return Alternative((node,), recurrent(node.input))
    if node.kind in LOCAL:
        stepwise = node["kernel_size"] == (1,) * len(node["kernel_size"])
        require(not stepwise, "its kernel is one position: stepwise-locally-connected")
    raise NoFix(advice)
