"""KER209."""

from kerlint.rule import Fact, Note, fact, printed, require, rule, say
from kerlint_rules.declared import agrees


@rule(
    "KER209",
    "contradicting-input-shape",
    on=fact("ignored-argument"),
    message="{argument}={value} is ignored, and contradicts what arrives: {arrives}",
)
def contradicting_input_shape(ignored: Fact) -> Note:
    """An input shape that Keras ignores says something else than what arrives.

    ## Why is this bad?
    Only the first layer of a Sequential model declares the input. Later ones, and layers that are called on
    a tensor, take what arrives; Keras does not even compare. So the author believes in a shape that the
    model does not have: perhaps a layer was put in front later, perhaps this one belongs elsewhere.

    ## Example
    ```python
    model = Sequential([
        Dense(64, activation="relu", input_shape=(20,)),
        Dense(32, activation="relu", input_shape=(20,)),
        Dense(1),
    ])
    ```
    Use instead:
    ```python
    model = Sequential([
        Dense(64, activation="relu", input_shape=(20,)),
        Dense(32, activation="relu"),
        Dense(1),
    ])
    ```

    ## When it stays silent
    Where the two shapes agree (that is ignored-input-shape), or one of them is not known. Where the same
    words declare the input of a first layer as well.

    ## Fix safety
    There is no automatic fix: which of the two was meant is the author's to say.
    """
    agreed = agrees(ignored)
    require(None if agreed is None else not agreed, "it is the shape that arrives")
    value, arrives = ignored.data["value"], ignored.data["given"].shape
    say(
        arrives=printed(arrives if ignored.data["argument"].startswith("batch") else arrives[1:]),
        value=printed(value) if isinstance(value, tuple) else value,
    )
    return Note(())
