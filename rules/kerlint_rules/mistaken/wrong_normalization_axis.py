"""KER206."""

from kerlint.rule import (
    Alternative,
    Equivalence,
    Node,
    new,
    one,
    require,
    rule,
    say,
    show,
    taking,
)
from kerlint_rules.around import before, channels_last

RANKS = (1, 2, 3)
POOLING = tuple(f"{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in RANKS)
SPATIAL = {*(kind for kind in taking("kernel_size") if "LSTM" not in kind), *POOLING}
KEEPING = ("Activation", "Dropout", "ELU", "LeakyReLU", "PReLU", "ReLU", *(f"SpatialDropout{r}D" for r in RANKS))


@rule(
    "KER206",
    "wrong-normalization-axis",
    on=one("BatchNormalization"),
    equivalence=Equivalence.ADVICE,
    message="{norm} with axis=1 normalises the {rows} rows of what {layer} gives, not its {channels}{before}",
)
def wrong_normalization_axis(norm: Node) -> Alternative:
    """BatchNormalization over axis 1 of a channels-last image normalises rows.

    ## Why is this bad?
    `axis` names the axis that keeps its own mean and variance: the channels. In a channels-last tensor they
    are last, and axis 1 is the height. The layer then has a scale for each row of the image, and treats all
    channels alike. `axis=1` is right for channels first, where it mostly was copied from. Where layers before
    do have their channels first, the one between may lack its `data_format`.

    ## Example
    ```python
    inputs = Input((32, 32, 3))
    x = Conv2D(64, 3, padding="same")(inputs)
    x = BatchNormalization(axis=1)(x)
    ```
    Use instead:
    ```python
    inputs = Input((32, 32, 3))
    x = Conv2D(64, 3, padding="same")(inputs)
    x = BatchNormalization(axis=-1)(x)
    ```

    ## When it stays silent
    Channels first, also by Keras's global setting, or where the model's input looks like it (3 rows of an
    image 224 wide); where nothing spatial (a convolution, a pooling) comes before; for any other axis.

    ## Fix safety
    There is no automatic fix: the function changes. The finding gives the parameters of both.
    """
    norm.require(axis=1)
    layer = norm.input.node
    while layer is not None and layer.kind in KEEPING:
        layer = layer.input.node
    require(layer is not None and layer.kind in SPATIAL, "no convolution or pooling comes before")
    assert layer is not None
    layer.require(data_format="channels_last")
    channels_last(layer)
    rows, channels = norm.output.size(1), norm.output.size(-1)
    say(layer=layer, rows=show(rows), channels="1 channel" if channels == 1 else f"{show(channels)} channels")
    first = any(node.layer.config.peek("data_format") == "channels_first" for node in before(layer))
    say(before=f": layers before have channels first, does {layer.kind} lack data_format?" if first else "")
    return Alternative((norm,), new.BatchNormalization.like(norm, axis=-1)(norm.input))
