"""KER216."""

from kerlint.rule import (
    Alternative,
    Equivalence,
    Objective,
    Tensor,
    new,
    printed,
    require,
    rule,
    say,
    taking,
    trained,
)
from kerlint_rules.around import alike, before, in_front
from kerlint_rules.outputs import BINARY, SEVERAL, loss_of

HEAD = ("Dense", "Activation", "Dropout", "LeakyReLU", "ReLU", "Softmax")  # what may end a classifier
SPATIAL = taking("kernel_size", "pool_size")
FLATTENING = {
    "Flatten",
    "Reshape",
    *(f"Global{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3)),
}
ENLARGING = {"Resizing", *(kind for rank in (2, 3) for kind in (f"UpSampling{rank}D", f"Conv{rank}DTranspose"))}


@rule(
    "KER216",
    "missing-flatten",
    on=trained(),
    equivalence=Equivalence.ADVICE,
    message="{dense} works on the channels of a map: the prediction is one too, {shape}",
)
def missing_flatten(output: Objective) -> Alternative:
    """A classifier of images ends in Dense layers, and nothing flattens the map before them.

    ## Why is this bad?
    `Dense` works on the last axis of what it is given. Behind convolutions that are the channels: each
    position of the map is classified by itself, and the model predicts a map of classes, though the loss
    is that of a classifier. Training fails on the shape of the targets, or silently spreads them.

    ## Example
    ```python
    model = Sequential([
        Input((28, 28, 1)),
        Conv2D(16, 3, activation="relu"),
        MaxPooling2D(2),
        Dense(10, activation="softmax"),
    ])
    model.compile("adam", "categorical_crossentropy")
    ```
    Use instead:
    ```python
    model = Sequential([
        Input((28, 28, 1)),
        Conv2D(16, 3, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(10, activation="softmax"),
    ])
    model.compile("adam", "categorical_crossentropy")
    ```

    ## When it stays silent
    For a model that is not compiled with a crossentropy, or only predicts; where the output layer is a convolution
    (segmentation); where something flattens, reshapes or pools globally anywhere before; a decoder, which makes the
    map larger again, or an output of the shape of the input; channels first.

    ## Fix safety
    There is no automatic fix: Flatten or a global pooling may be meant. The finding gives the parameters
    with Flatten.
    """
    loss_of(output, *SEVERAL, BINARY)
    _, head = in_front(output.layer.output, HEAD)
    dense = next((layer for layer in head if layer.kind == "Dense"), None)
    require(dense is not None, "the output comes from no Dense")
    assert dense is not None
    above = before(dense)
    spatial = [layer for layer in above if layer.kind in SPATIAL]
    require(bool(spatial), "no convolution or pooling comes before")
    require(dense.input.rank >= 4, "a sequence, not a map")
    for layer in spatial:
        layer.require(data_format="channels_last")
    kinds = {layer.kind for layer in above}
    require(not kinds & FLATTENING, "something flattens, reshapes or pools globally before")
    require(not kinds & ENLARGING, "a decoder: something makes the map larger again")
    images = [t for layer in above for t in layer.inputs if t.node is None or t.node.kind == "InputLayer"]
    require(not any(alike(image, output.output) for image in images), "an autoencoder: the output is like the input")
    say(dense=dense, shape=printed(tuple(output.output.shape)))
    head = head[head.index(dense) :]
    x: Tensor = new.Flatten()(dense.input)
    for layer in head:
        x = getattr(new, layer.kind).like(layer)(x)
    return Alternative(tuple(head), x)
