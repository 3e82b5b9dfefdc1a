"""KER201."""

from kerlint.rule import Fact, Note, Severity, fact, rule, say
from kerlint_rules.around import channels_first, holds


@rule(
    "KER201",
    "cannot-be-built",
    on=fact("refused"),
    severity=Severity.ERROR,
    message="Keras refuses this: {message}",
)
def cannot_be_built(refused: Fact) -> Note:
    """Keras refuses this configuration, or this input.

    ## Why is this bad?
    The program stops here with an error, perhaps after minutes of loading data. The finding says what Keras
    would say, with the shapes that meet at this line.

    ## Example
    ```python
    model = Sequential([
        Input((10, 4)),
        LSTM(32),
        LSTM(32),
        Dense(1),
    ])
    ```
    Use instead:
    ```python
    model = Sequential([
        Input((10, 4)),
        LSTM(32, return_sequences=True),
        LSTM(32),
        Dense(1),
    ])
    ```

    ## When it stays silent
    Behind the first line that Keras refuses in a run of a function (or of a cell, or of the module itself): nobody
    gets there. Wherever a shape or an argument that decides it is not known; models with a `call()` of their own,
    which may take other inputs than the first, however many. What only Keras 3 refuses (a Conv1D over images,
    `Dense(0)`, a ConvLSTM over images of unknown size, a model on images of another size, `tf.reduce_mean` of a
    Keras tensor) is said where the code is for Keras 3: it uses what no other has, or the configuration says
    `keras = 3`. In code of Keras 1 that nowhere tells where channels stand, and in code for a Keras 2 apart from
    TensorFlow, what is refused only if they stand last: a file of the user may say that they stand first.

    ## Fix safety
    There is no automatic fix: what was meant is the author's to say.
    """
    spatial = [node for node in refused.nodes if node.inputs and "data_format" in node.layer.config]
    if any(holds(channels_first, node) for node in spatial):
        say(hint="the input looks like channels first: is data_format meant?")
    return Note(refused.nodes)
