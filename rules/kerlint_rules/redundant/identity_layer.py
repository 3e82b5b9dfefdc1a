"""KER112."""

from collections.abc import Iterable

from kerlint.rule import (
    Equivalence,
    Node,
    NoFix,
    Rewrite,
    Unknown,
    fixable,
    is_output,
    one,
    printed,
    require,
    rule,
    same,
    say,
)
from kerlint_rules.around import alike, before

RANKS = (1, 2, 3)
# Arguments with which a layer hands on what it gets, whatever the input, and why.
Idle = tuple[dict[str, object], str]
NOTHING: dict[str, Idle] = {
    "Activation": ({"activation": "linear"}, "linear is no activation"),
    "ActivityRegularization": ({"l1": 0, "l2": 0}, "both penalties are 0"),
    "GaussianNoise": ({"stddev": 0}, "noise of deviation 0 is none"),
    **{kind: ({"rate": 0}, "at a rate of 0 nothing is dropped") for kind in ("Dropout", "AlphaDropout")},
    "GaussianDropout": ({"rate": 0}, "noise of rate 0 is none"),
    **{f"SpatialDropout{rank}D": ({"rate": 0}, "at a rate of 0 nothing is dropped") for rank in RANKS},
}
# Those of them that look at the shape, and refuse some.
SIZED: dict[str, Idle] = {
    **{f"UpSampling{rank}D": ({"size": (1,) * rank}, "a size of 1 repeats nothing") for rank in RANKS},
    "ZeroPadding1D": ({"padding": (0, 0)}, "a padding of 0 is none"),
    "Cropping1D": ({"cropping": (0, 0)}, "a cropping of 0 is none"),
    **{f"ZeroPadding{rank}D": ({"padding": ((0, 0),) * rank}, "a padding of 0 is none") for rank in (2, 3)},
    **{f"Cropping{rank}D": ({"cropping": ((0, 0),) * rank}, "a cropping of 0 is none") for rank in (2, 3)},
}
NOTHING |= SIZED
POOLING = [f"{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in RANKS]
ACTIVATIONS = ("Activation", "ELU", "LeakyReLU", "PReLU", "ReLU")
MERGING = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply")
# What a first layer says of the input.
DECLARES = {"input_shape", "batch_input_shape", "input_dim", "input_length", "batch_shape"}


def _nothing(layer: Node) -> Iterable[str]:
    """The arguments that make the layer do nothing. Silent if it does something."""
    if layer.kind in NOTHING:
        arguments, because = NOTHING[layer.kind]
        layer.require(**arguments)
        say(because=_linear(layer) if layer.kind == "Activation" else because)
        return arguments
    if layer.kind in POOLING:
        return _pooling(layer)
    if layer.kind in MERGING:
        require(len(layer.inputs) == 1, f"{len(layer.inputs)} inputs")
        say(because="it is given one tensor alone")
    elif layer.kind == "Permute":
        require(list(layer["dims"]) == sorted(layer["dims"]), f"dims={layer['dims']}")
        say(because="the axes stay in their order")
        return ("dims",)
    else:  # Reshape and Flatten keep the order of the entries: all is in the shape
        require(layer.input.rank == layer.output.rank, "the rank changes")
        require(alike(layer.input, layer.output), "the shape changes")
        declared = layer.input.node is not None or bool(DECLARES & set(layer.layer.config))
        require(declared, "the model declares no input: the layer is for whatever it is called on")
        say(because=f"the shape is {printed(tuple(layer.input.shape))} already")
        return ("target_shape",)
    return ()


def _linear(layer: Node) -> str:
    """Why ``Activation("linear")`` is none. Silent where the author writes every activation so, that of a head, too."""
    spelled = any(node.kind in ACTIVATIONS for node in before(layer)[1:])
    require(not (spelled and is_output(layer.output)), "it says what the head's activation is, as layers before do")
    front = layer.input.node
    if front is None or front.layer.config.peek("activation") != "linear":
        return NOTHING["Activation"][1]
    return f'{front.kind} is linear already, and {front.kind}(..., activation="linear") would say so, too'


def _pooling(layer: Node) -> Iterable[str]:
    """Windows of one position; or such that overlap one position and padding, which is left out."""
    first = layer["data_format"] == "channels_first"
    sizes = layer.input.shape[2:] if first else layer.input.shape[1:-1]
    if layer["padding"] == "same" and all(same(size, 1) is True for size in sizes):
        say(because="there is one position to pool, the rest is padding")
        return ()
    ones = (1,) * len(layer["pool_size"])
    layer.require(pool_size=ones, strides=ones)
    say(because="its windows are one position each")
    return "pool_size", "strides"


@rule(
    "KER112",
    "identity-layer",
    on=one(*NOTHING, *POOLING, *MERGING, "Reshape", "Permute", "Flatten"),
    equivalence=Equivalence.IDENTICAL,
    message="{layer} hands on what it gets: {because}",
)
def identity_layer(layer: Node) -> Rewrite:
    """A layer that hands on what it gets, whatever that is.

    ## Why is this bad?
    A reader asks what it is for. Often another value was meant: a dropout rate that fell to zero, a
    Flatten that a pooling has made superfluous.

    ## Example
    ```python
    x = Input((20,))
    x = Dense(64, activation="relu")(x)
    x = Dropout(0)(x)
    x = Dense(10, activation="softmax")(x)
    ```
    Use instead:
    ```python
    x = Input((20,))
    x = Dense(64, activation="relu")(x)
    x = Dense(10, activation="softmax")(x)
    ```

    ## When it stays silent
    Where the value is not written at the line (a rate of zero that a caller or a constant chose), nor the shape: a
    Flatten or Reshape for the input of a model that declares none, and takes what it is called on; or code that is
    not followed, here or in the file of a base class, sets it later (`self.dropout.rate = 0.5` in a callback);
    `Identity`, which says that it does nothing; `Activation("linear")` as the last layer of a model whose other
    activations are layers of their own, too; a layer with a `name`, a `dtype` or an activity regulariser, which does
    that much; a layer that drops a mask. Where the layer declares the shape of the input, or a cropping, padding or
    upsampling does not know it, there is no fix.

    ## Fix safety
    The same function and the same training; nothing is drawn at random in either. A checkpoint that numbers
    its layers has one less.
    """
    given = set(_nothing(layer)) & set(layer.layer.written)
    require(given <= layer.layer.literal, "the value is not written at the line")
    require(not layer.layer.named, "it has a name")
    require("dtype" not in layer.layer.written, "it sets the dtype")
    fixable(not DECLARES & set(layer.layer.config), "it declares the input's shape")
    require(layer.layer.config.raw("activity_regularizer") is None, "it has an activity regulariser")
    require(layer.input.masked == layer.output.masked, "it drops the mask")
    if layer.kind in SIZED and isinstance(layer.input.shape, Unknown):
        raise NoFix("the shape of the input is not known, so nothing can be proved")
    return layer.becomes(layer.input)
