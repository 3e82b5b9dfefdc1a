"""KER111."""

from kerlint.rule import (
    Equivalence,
    Node,
    Rewrite,
    at_least,
    chain,
    fixable,
    learnt,
    new,
    product,
    require,
    rule,
    safe,
    same,
    say,
    show,
    trains,
)

BIASED = (
    *("Dense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
    *("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"),
)


@rule(
    "KER111",
    "bias-before-normalization",
    on=chain(BIASED, ("BatchNormalization", "GroupNormalization")),
    equivalence=Equivalence.SAME_TRAINING,
    message="the bias of {layer}, {size}, has no effect: {norm} subtracts it with the mean",
)
def bias_before_normalization(layer: Node, norm: Node) -> Rewrite:
    """A bias in front of a normalisation is subtracted again with the mean.

    ## Why is this bad?
    The bias shifts all values of a channel alike, and the normalisation takes the channel's mean away. The
    bias has no effect and no gradient; it is stored, saved and walks about with rounding noise. The
    normalisation has an offset of its own (`beta`).

    ## Example
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3, padding="same")(x)
    x = BatchNormalization()(x)
    ```
    Use instead:
    ```python
    x = Input((32, 32, 3))
    x = Conv2D(64, 3, padding="same", use_bias=False)(x)
    x = BatchNormalization()(x)
    ```

    ## When it stays silent
    An activation, another layer or an activity regulariser between; a normalisation over another axis, of
    larger groups, or over the features of one position (LayerNormalization, `mode=1` of Keras 1); channels first
    where the last axis is as long as the channels: Keras 3 on TensorFlow adds the bias along that one; one that does
    not train, or is called with `training=False`: it subtracts what it has stored, not the mean. So does one whose
    weights the program sets (or those of the layer before it) and never trains: by hand, or a script that loads
    what was trained elsewhere; and one in a program whose own training loop (`tf.GradientTape`) never calls the
    model with `training=True`: outside of `fit()`, that is inference.

    ## Fix safety
    The bias starts at zero and its gradient is zero, so training is the same without it. With another
    initialiser for the bias the moving mean sets out from somewhere else and the fix is unsafe; with a
    regulariser the bias is part of the loss and there is none, nor where the normalisation is called with
    `training=`. In a checkpoint the moving mean is shifted: `moving_mean - bias`.
    """
    layer.require(use_bias=True, activation="linear", activity_regularizer=None)
    rank, axis = layer.output.rank, norm["axis"]
    channels = 1 if layer.layer.config.get("data_format") == "channels_first" else rank - 1
    require(isinstance(axis, int) and axis % rank == channels, f"axis={axis!r}")
    mode = norm.layer.config.peek("mode")  # of Keras 1: 0 and 2 are the mean of a batch
    require(mode in (None, 0, 2), f"mode={mode!r}: each example may be normalised by itself")
    fixable(mode is None, f"mode={mode!r} is an argument of Keras 1 alone")
    apart = channels == rank - 1 or same(layer.output.shape[1], layer.output.shape[-1]) is False
    require(apart, "Keras adds the bias along the last axis of channels first if that is as long (keras.ops.add)")
    require(trains(norm), "the normalisation does not train")
    training = norm.options.get("training")
    batch = training in (None, True) or (False if training is False else None)
    require(batch, "the normalisation is called with training=False")
    fixable("training" not in norm.options, "the normalisation is called with training=")
    require(learnt(layer) and learnt(norm), "the program sets the weights, or trains them without training=True")
    size = show(product(layer.weights["bias"].shape))
    say(size="1 parameter" if size == "1" else f"{size} parameters")
    weights = dict(norm.weights)
    if norm.kind == "BatchNormalization":
        weights["moving_mean"] = weights["moving_mean"] - layer.weights["bias"]
    else:
        alone = norm["groups"] == -1 or same(norm["groups"], norm.input.shape[channels])
        require(alone, f"groups={norm['groups']!r}")
        positions = product(n for number, n in enumerate(norm.input.shape) if number not in (0, channels))
        require(at_least(positions, 2), "one position: the output is constant")
    safe(str(layer["bias_initializer"]).lower() in ("zeros", "zeros()"), "the bias does not start at zero")
    fixable(layer["bias_regularizer"] is None, "the bias has a regulariser: it is part of the loss")
    kernels = {name: weight for name, weight in layer.weights.items() if name != "bias"}
    plain = getattr(new, layer.kind).like(layer, use_bias=False)(layer.input, weights=kernels)
    return Rewrite((layer, norm), getattr(new, norm.kind).like(norm)(plain, weights=weights))
