"""KER117."""

from collections.abc import Sequence
from typing import Any

from kerlint.rule import Dim, Equivalence, Fact, Respelling, Unknown, fact, require, rule, same

CONTRADICTS = "it contradicts the real shape"


def _declared(ignored: Fact) -> Sequence[Any]:
    """The shape that the argument speaks of, without the batch, as far as it is one."""
    value, argument = ignored.data["value"], ignored.data["argument"]
    real = ignored.data["given"].shape[1:]
    if argument == "input_dim":
        return (*real[:-1], value)
    if argument == "input_length":
        return (value, *real[1:])
    require(isinstance(value, tuple) or None, "the shape that is written is not known")
    return tuple(value[1:] if argument.startswith("batch") else value)


def _agree(written: Any, real: Dim) -> bool | None:
    if isinstance(written, Unknown):
        return None
    return written is None or same(written, real)


@rule(
    "KER117",
    "ignored-input-shape",
    on=fact("ignored-argument"),
    equivalence=Equivalence.IDENTICAL,
    message="{argument} is ignored: only the first layer of a Sequential model declares the input",
)
def ignored_input_shape(ignored: Fact) -> Respelling:
    """An input shape on a layer that is not the first one is ignored.

    ## Why is this bad?
    Keras takes the shape from the tensor that arrives. What the argument says is not even compared with it,
    so it is at best a repetition and at worst misleads the reader.

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
    Where the shape contradicts the real one: that is contradicting-input-shape.

    ## Fix safety
    The model is the same.
    """
    wanted, real = _declared(ignored), ignored.data["given"].shape[1:]
    require(len(wanted) == len(real), CONTRADICTS)
    for one, other in zip(wanted, real, strict=True):
        require(_agree(one, other), CONTRADICTS)
    return Respelling(((ignored.span, ""),), f"Remove {ignored.data['argument']}")
