"""KER117."""

from kerlint.rule import Equivalence, Fact, Respelling, fact, require, rule, say, users
from kerlint_rules.declared import agrees

TAKEN = ("input_shape", "input_dim")  # by all layers of Keras 3, which say that they do not like it


@rule(
    "KER117",
    "ignored-input-shape",
    on=fact("ignored-argument", "ignored-otherwise"),
    equivalence=Equivalence.IDENTICAL,
    message="{argument} is {idle}: {because}; Keras 3 {minds} it",
)
def ignored_input_shape(ignored: Fact) -> Respelling:
    """An input shape on a layer that is not the first one is ignored.

    ## Why is this bad?
    Keras takes the shape from the tensor that arrives. What the argument says is not even compared with it,
    so it is at best a repetition and at worst misleads the reader. (Keras 2, apart from TensorFlow, compared the
    `input_length` of an Embedding; where that agrees, it says nothing new there either.) Keras 3 prints a warning
    for each such layer, and knows neither `batch_input_shape` nor, but for Embedding, `input_length`.

    ## Example
    ```python
    model = Sequential([
        Dense(64, activation="relu", input_shape=(20,)),
        Dense(32, activation="relu", input_shape=(64,)),
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
    Where the shape contradicts the real one: that is contradicting-input-shape. Where the same words declare
    the input of a first layer as well: in a loop, for another caller, in another model, or if what stands before is
    switched off. The `input_length` of an Embedding in code of Keras 1, whose documentation asks for it.

    ## Fix safety
    The model is the same. Where the data format decides between two arms, both are mended.
    """
    require(agrees(ignored), "it contradicts the real shape")
    called = any(n.layer is ignored.data["layer"] and n.form == "call" for n in users(ignored.data["given"]))
    first = "only the first layer of a Sequential model declares the input"
    taken = (*TAKEN, "input_length") if ignored.data["layer"].kind == "Embedding" else TAKEN
    say(because="the layer is called on a tensor, which brings its shape" if called else first)
    say(idle="not needed" if ignored.data["argument"] == "input_length" else "ignored")  # Keras 2 compared that one
    say(minds="warns of" if ignored.data["argument"] in taken else "refuses")
    return Respelling(((ignored.span, ""),), f"Remove {ignored.data['argument']}")
