"""KER402."""

from kerlint.rule import Equivalence, Fact, Respelling, fact, fixable, require, rule, safe, say
from kerlint_rules.removed.instead import instead, same_slope


@rule(
    "KER402",
    "renamed-argument",
    on=fact("old-argument"),
    equivalence=Equivalence.IDENTICAL,
    message="{name} is written for an older Keras: {told}",
    since=3,
)
def renamed_argument(call: Fact) -> Respelling:
    """An argument has the name that it had in Keras 1 or 2.

    ## Why is this bad?
    Keras 3 refuses the call, or reads it in another way: `Conv2D(32, 3, 3)` was a kernel of 3 x 3 and is a
    kernel of 3 with strides of 3.

    ## Example
    ```python
    x = Input((64, 64, 3))
    x = Convolution2D(32, 3, 3, border_mode="same", init="he_normal", activation="relu")(x)
    ```
    Use instead:
    ```python
    x = Input((64, 64, 3))
    x = Conv2D(32, (3, 3), padding="same", kernel_initializer="he_normal", activation="relu")(x)
    ```

    ## When it stays silent
    Code that does not say that it is for Keras 3, unless the rule is selected by its name or as `KER4`, or the
    configuration says `keras = 3`. `input_dim` alone on a layer that has no time axis: Keras 3 still takes it.
    What comes from a dictionary (`Dense(**arguments)`). A call under an `if` that asks for the version of Keras,
    or behind one that ends in `return`.

    ## Fix safety
    The model is the same: the new text is evaluated and compared. No fix where Keras 3 has no such argument
    (`weights=`, `batch_input_shape=`, `decay=` of an optimizer, `samples_per_epoch=`), where the value had other
    words and is computed, or where the arguments stand in two places (`functools.partial`). Not safe where
    today's Keras does something else with the same words: `hard_sigmoid` has another slope in Keras 3, and
    until Keras 2.2 it was the recurrent activation of LSTM and GRU unless one was given.
    """
    still = call.data.get("still", "")
    require(not still, still)
    say(told=", ".join(call.data["told"]))
    for reason in call.data["why"]:
        fixable(False, reason)
    for name in call.data["gone"]:
        fixable(False, instead(name))
    _as_before(call)
    name, today = call.data["name"], call.data["today"]
    names = ((call.span, today),) if name != today else ()
    return Respelling(call.data["edits"], f"Write {today} as Keras 3 reads it", names=names)


def _as_before(call: Fact) -> None:
    """Not safe where today's Keras does something else with the same words."""
    layer = call.data.get("layer")
    if layer is None:
        return
    same_slope(call)
    if call.data["renamed"] and "recurrent_activation" in layer.config:
        chosen = "recurrent_activation" in call.data["given"]
        safe(chosen, "until Keras 2.2 the recurrent activation was hard_sigmoid unless one was given")
