"""Oversights of a rewrite's author, layer by layer: what was forgotten, or taken for another thing."""

from __future__ import annotations

from tests.prove.regions import layer, new, old, tensor
from tests.prove.slips import CONV, IMAGE, SQUARE, STEPS, Arguments, mapped, slip, swapped, turned

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import Layer, Object
from kerlint.graph.weight import concat
from kerlint.layers.bind import bind
from kerlint.layers.operations import OPERATIONS

Written = tuple[str, Arguments]  # a layer
CUBE, WIDE, WORDS = tensor(3, 3, 3), tensor(2, 8), tensor(6, dtype="int32")


def last(x: Tensor, *layers: Written, becomes: Arguments) -> Rewrite:
    """Layers in a row, the arguments of the last one replaced."""
    nodes: list[Node] = []
    for kind, given in layers:
        nodes.append(old(kind, nodes[-1].output if nodes else x, **given))
    result = x
    for node, (kind, given) in zip(nodes, [*layers[:-1], (layers[-1][0], becomes)], strict=True):
        result = new(kind, result, node.weights, **given)
    return Rewrite(tuple(nodes), result)


def operation(name: str, on: Tensor | Rewrite, **given: object) -> Rewrite:
    """What the user does to tensors, left out."""
    before = on.old if isinstance(on, Rewrite) else ()
    x = on.target if isinstance(on, Rewrite) else on
    node = Node(Layer(OPERATIONS[name], bind(OPERATIONS[name], (), given).config, name), (x,))
    return Rewrite((*before, node), on.new if isinstance(on, Rewrite) else on)


def exceeding(before: float, after: float) -> Rewrite:
    """Where an input is greater than a number."""
    x = tensor(4)
    greater = OPERATIONS["greater"]
    nodes = [Node(Layer(greater, bind(greater, (), {"constant": n}).config, "greater"), (x,)) for n in (before, after)]
    return nodes[0].becomes(Node(nodes[1].layer, (x,), mapped={}).output)


def split(kind: str, x: Tensor, given: Arguments, *layers: Written) -> Rewrite:
    """One layer, replaced by a chain whose last one has its weights."""
    node = old(kind, x, **given)
    result = x
    for i, (name, said) in enumerate(layers):
        result = new(name, result, node.weights if i == len(layers) - 1 else None, **said)
    return node.becomes(result)


def flattened() -> Rewrite:
    """The kernel of Dense behind Flatten belongs to one order of the entries."""
    flat = old("Flatten", SQUARE)
    dense = old("Dense", flat.output, 3)
    turned_round = new("Flatten", new("Permute", SQUARE, None, (2, 1)), None)
    return Rewrite((flat, dense), new("Dense", turned_round, dense.weights, 3))


def ungrouped() -> Rewrite:
    """Each group sees its own channels; a kernel repeated over all of them sees the others, too."""
    conv = old("Conv1D", STEPS, 4, 2, groups=2, padding="same")
    kernel = conv.weights["kernel"]
    both = conv.weights | {"kernel": concat([kernel, kernel], 1)}
    return conv.becomes(new("Conv1D", STEPS, both, 4, 2, padding="same"))


def attention(wrong: str) -> Rewrite:
    x, y = tensor(4, 4), tensor(4, 4)
    node = old("MultiHeadAttention", [x, y], 2, 2)
    weights = node.weights
    query, key, value = (next(n for n in weights if n.startswith(part)) for part in ("query", "key", "value"))
    changed = {
        "heads": {query: weights[query].transpose(0, 2, 1)},
        "values": {key: weights[value], value: weights[key]},
    }.get(wrong, {})
    return node.becomes(new("MultiHeadAttention", [y, x] if wrong == "inputs" else [x, y], weights | changed, 2, 2))


def causal() -> Rewrite:
    x = tensor(4, 4)
    return Node(layer("Attention"), (x, x), options={"use_causal_mask": True}).becomes(new("Attention", [x, x], None))


def averaged() -> Rewrite:
    """The mean of a mean and a third is not the mean of three."""
    xs = [tensor(4) for _ in range(3)]
    return old("Average", xs).becomes(new("Average", [new("Average", xs[:2], None), xs[2]], None))


def masked_convolution() -> Rewrite:
    """Dense hands the mask on to the mean behind it, Conv1D does not."""
    dense = old("Dense", tensor(5, 4, masked=True), 3)
    mean = old("GlobalAveragePooling1D", dense.output)
    weights = {"kernel": dense.weights["kernel"].reshape(1, 4, 3), "bias": dense.weights["bias"]}
    return Rewrite((dense, mean), new("GlobalAveragePooling1D", new("Conv1D", dense.input, weights, 3, 1), None))


def unmasked(kind: str, x: Tensor, given: Arguments, wrong: Arguments) -> Rewrite:
    """What masks, or masks otherwise, in front of a layer that heeds it."""
    first = old(kind, x, **given)
    rnn = old("GRU", first.output, 3)
    return Rewrite((first, rnn), new("GRU", new(kind, x, first.weights, **given | wrong), rnn.weights, 3))


def both_ways(mode: str, exchanged: bool = False) -> Rewrite:
    both = old("Bidirectional", STEPS, layer("SimpleRNN", 3), merge_mode="sum")
    names = [*both.weights]
    order = names[len(names) // 2 :] + names[: len(names) // 2] if exchanged else names
    weights = {name: both.weights[other] for name, other in zip(names, order, strict=True)}
    return both.becomes(new("Bidirectional", STEPS, weights, layer("SimpleRNN", 3), merge_mode=mode))


def the_other_goes_on() -> Rewrite:
    """Of two layers in a row the second starts where the batch before ended, and not the first."""
    first = old("SimpleRNN", Tensor((3, 5, 4), "float32", False), 4, return_sequences=True, stateful=True)
    second = old("SimpleRNN", first.output, 4)
    x = new("SimpleRNN", first.input, first.weights, 4, return_sequences=True)
    return Rewrite((first, second), new("SimpleRNN", x, second.weights, 4, stateful=True))


def timed_statistics() -> Rewrite:
    """Statistics of all steps together are not those of each."""
    node = old("BatchNormalization", STEPS)
    inner = {f"layer.{name}": weight for name, weight in node.weights.items()}
    return node.becomes(new("TimeDistributed", STEPS, inner, layer("BatchNormalization")))


def penalty_in_front() -> Rewrite:
    """What is punished is what comes out of relu."""
    dense = old("Dense", tensor(4), 3, activation="relu", activity_regularizer=L2)
    return dense.becomes(
        new("Activation", new("Dense", dense.input, dense.weights, 3, activity_regularizer=L2), None, "relu")
    )


def trained(**given: object) -> Rewrite:
    """A Dense layer that is another one in training alone; ``given``: before and after."""
    dense = old("Dense", tensor(4), 4, **{name: pair[0] for name, pair in given.items() if isinstance(pair, tuple)})
    after = {name: pair[1] for name, pair in given.items() if isinstance(pair, tuple)}
    return dense.becomes(new("Dense", dense.input, dense.weights, 4, **after))


def within(limit: float, axis: int = 0) -> Object:
    return Object("MaxNorm", (("max_value", limit), ("axis", axis)))


def constrained(kind: str, x: Tensor, name: str, before: Object | None, after: Object | None) -> Rewrite:
    """Where the weights are large enough for a wide constraint, what comes out is at its ends."""
    activation: Arguments = {"activation": "relu"} if kind == "Dense" else {}
    return slip(kind, x, {"units": 3, **activation, f"{name}_constraint": before}, {f"{name}_constraint": after})


def bounded_bias() -> Rewrite:
    """What the moving mean takes over is no longer bounded."""
    dense = old("Dense", tensor(4), 3, bias_constraint=within(50.0))
    norm = old("BatchNormalization", dense.output)
    mean = norm.weights["moving_mean"] - dense.weights["bias"]
    plain = new("Dense", dense.input, {"kernel": dense.weights["kernel"]}, 3, use_bias=False)
    return Rewrite((dense, norm), new("BatchNormalization", plain, norm.weights | {"moving_mean": mean}))


def norms(least: float, most: float) -> Object:
    return Object("MinMaxNorm", (("min_value", least), ("max_value", most), ("rate", 1.0)))


def means(masks: float, becomes: float | None = None) -> Rewrite:
    """The mean of steps that count: what says which do not is left out, or says otherwise."""
    masking = old("Masking", STEPS, masks)
    mean = old("GlobalAveragePooling1D", masking.output)
    x = STEPS if becomes is None else new("Masking", STEPS, None, becomes)
    return Rewrite((masking, mean), new("GlobalAveragePooling1D", x, None))


def statistics() -> Rewrite:
    """Steps of zeros are handed on as they are, but do not count in training."""
    masking = old("Masking", STEPS)
    norm = old("BatchNormalization", masking.output)
    conv = old("Conv1D", norm.output, 2, 1)
    x = new("BatchNormalization", STEPS, norm.weights)
    return Rewrite((masking, norm, conv), new("Conv1D", x, conv.weights, 2, 1))


def masked_behind(value: float) -> Rewrite:
    """What is shifted is masked by another value."""
    masking = old("Masking", STEPS, value)
    shift = old("Rescaling", masking.output, 1.0, 2.0)
    return Rewrite((masking, shift), new("Masking", new("Rescaling", STEPS, None, 1.0, 2.0), None, value))


L1, L2 = Object("L1", (("l1", 0.1),)), Object("L2", (("l2", 0.1),))
THREE: Arguments = {"filters": 4, "kernel_size": 3, "padding": "same"}
PLAIN: Arguments = {"filters": 4, "kernel_size": 3}
POOL: Arguments = {"pool_size": 3, "strides": 1}
AROUND: Written = ("ZeroPadding1D", {"padding": (1, 1)})
EMBEDDING: Written = ("Embedding", {"input_dim": 9, "output_dim": 4})
FIRST: Arguments = {"data_format": "channels_first"}
LAST: Arguments = {"data_format": "channels_last"}

# Other functions: at every level.
OVERSIGHTS: dict[str, Rewrite] = {
    "taps of a separable": mapped("SeparableConv1D", STEPS, THREE, turned("depthwise_kernel", 0)),
    "channels of a separable": mapped(
        "SeparableConv1D", STEPS, {**THREE, "depth_multiplier": 2}, turned("pointwise_kernel", 1)
    ),
    "padding of a stride": split("Conv1D", STEPS, {**THREE, "strides": 2}, AROUND, ("Conv1D", {**PLAIN, "strides": 2})),
    "padding of an even kernel": split(
        "Conv1D", STEPS, CONV, ("ZeroPadding1D", {"padding": (1, 0)}), ("Conv1D", {"filters": 4, "kernel_size": 2})
    ),
    "zeros in a mean": split(
        "AveragePooling1D", STEPS, {**POOL, "padding": "same"}, AROUND, ("AveragePooling1D", POOL)
    ),
    "zeros in a maximum": split("MaxPooling1D", STEPS, {**POOL, "padding": "same"}, AROUND, ("MaxPooling1D", POOL)),
    "dilation of the other axis": slip("Conv2D", IMAGE, {**CONV, "dilation_rate": (1, 2)}, {"dilation_rate": (2, 1)}),
    "filters of other groups": mapped("Conv1D", STEPS, {**CONV, "groups": 2}, turned("kernel", 2)),
    "groups forgotten": ungrouped(),
    "channels first for last": slip("Conv2D", tensor(4, 4, 4), {**CONV, **FIRST}, LAST),
    "mean over channels": slip("GlobalAveragePooling2D", tensor(4, 4, 4), FIRST, LAST),
    "taps of a transposed convolution": mapped("Conv1DTranspose", STEPS, {**THREE, "strides": 2}, turned("kernel", 0)),
    "in and out of a transposed convolution": mapped(
        "Conv1DTranspose", STEPS, THREE, lambda w: {"kernel": w["kernel"].transpose(0, 2, 1)}
    ),
    "order of what is flattened": flattened(),
    "reshaped for permuted": old("Permute", WIDE, (2, 1)).becomes(new("Reshape", WIDE, None, (8, 2))),
    "the cycle the other way": slip("Permute", CUBE, {"dims": (2, 3, 1)}, {"dims": (3, 1, 2)}),
    "repeated as a whole": old("UpSampling1D", STEPS, 2).becomes(new("Concatenate", [STEPS, STEPS], None, axis=1)),
    "a slightly other epsilon": slip("BatchNormalization", STEPS, {"epsilon": 1e-3}, {"epsilon": 1.01e-3}),
    "scale and shift of features": mapped("LayerNormalization", STEPS, {}, swapped("gamma", "beta")),
    "groups of a normalization": slip("GroupNormalization", STEPS, {"groups": 2}, {"groups": 4}),
    "unit length along the other axis": slip("UnitNormalization", SQUARE, {"axis": -1}, {"axis": 1}),
    "heads for dimensions": attention("heads"),
    "keys for values": attention("values"),
    "queries for values": attention("inputs"),
    "what comes later is seen": causal(),
    "products along the other axis": slip("Dot", [SQUARE, tensor(4, 4)], {"axes": 2}, {"axes": 1}),
    "cosine for product": slip("Dot", [tensor(4), tensor(4)], {"axes": 1, "normalize": True}, {"normalize": False}),
    "mean of means": averaged(),
    "mask lost on the way": masked_convolution(),
    "mask of an embedding": unmasked("Embedding", WORDS, {**EMBEDDING[1], "mask_zero": True}, {"mask_zero": False}),
    "another value that masks": unmasked("Masking", STEPS, {"mask_value": 0.0}, {"mask_value": 1.0}),
    "a value that masks, left out": means(-1.0),
    "a value far away that masks": means(99.0),
    "a value that masks, changed": means(-10.0, -1.0),
    "a value that masks, behind a shift": masked_behind(-1.0),
    "mean of both ways": both_ways("ave"),
    "one way for the other": both_ways("sum", exchanged=True),
    "reset before the product": slip("GRU", STEPS, {"units": 3, "use_bias": False}, {"reset_after": False}),
    "the other layer goes on": the_other_goes_on(),
    "a tiny ceiling": slip("ReLU", tensor(4), {"max_value": 1e-4}, {"max_value": None}),
    "a huge ceiling": slip("ReLU", tensor(4), {"max_value": 2e6}, {"max_value": None}),
    "a ceiling beyond all numbers": slip("ReLU", tensor(4), {"max_value": 1e12}, {"max_value": None}),
    "a ceiling above an embedding": last(WORDS, EMBEDDING, ("ReLU", {"max_value": 6.0}), becomes={}),
    "relu6 above an embedding": last(
        WORDS, EMBEDDING, ("Activation", {"activation": "relu6"}), becomes={"activation": "relu"}
    ),
    "a ceiling above a normalization": last(
        STEPS, ("LayerNormalization", {}), ("ReLU", {"max_value": 6.0}), becomes={}
    ),
    "a ceiling above tanh": last(
        STEPS,
        ("Activation", {"activation": "tanh"}),
        ("Dense", {"units": 4}),
        ("ReLU", {"max_value": 20.0}),
        becomes={},
    ),
    "letters of an equation": slip(
        "EinsumDense", tensor(4), {"equation": "ab,bc->ac", "output_shape": 4}, {"equation": "ab,cb->ac"}
    ),
    "slopes along the other axis": split(
        "PReLU", SQUARE, {"shared_axes": [1]}, ("Permute", {"dims": (2, 1)}), ("PReLU", {"shared_axes": [1]})
    ),
    "counted once": slip(
        "CategoryEncoding", WORDS, {"num_tokens": 5, "output_mode": "count"}, {"output_mode": "multi_hot"}
    ),
    "the other corner": slip("Cropping2D", IMAGE, {"cropping": ((1, 0), (0, 1))}, {"cropping": ((0, 1), (1, 0))}),
    "a floor beyond all numbers": operation("maximum", tensor(4), constant=-1e9),
    "whole numbers without end": operation(
        "floor_divide", operation("multiply", tensor(4, dtype="int32"), constant=1000), constant=1000
    ),
    "a slightly other threshold": slip("ReLU", tensor(4), {"threshold": 0.3}, {"threshold": 0.31}),
    "a slightly other threshold further out": slip("ReLU", tensor(4), {"threshold": 2.6}, {"threshold": 2.7}),
    "a slightly other bin": slip(
        "Discretization", tensor(4), {"bin_boundaries": [0.0, 0.3]}, {"bin_boundaries": [0.0, 0.31]}
    ),
    "slightly more": exceeding(3.7, 3.8),
    "a slightly other scale": slip("Rescaling", tensor(4, dtype="int32"), {"scale": 1 / 255}, {"scale": 1 / 256}),
}

# Other trainings, and what is said of them.
OTHERWISE_TRAINED: dict[str, tuple[Rewrite, str]] = {
    "a slightly other momentum": (
        slip("BatchNormalization", STEPS, {"momentum": 0.99}, {"momentum": 0.989}),
        "inference",
    ),
    "statistics of each step": (timed_statistics(), "outputs differ"),
    "penalty of the output": (trained(activity_regularizer=(L2, None)), "losses"),
    "penalty in front of relu": (penalty_in_front(), "losses"),
    "absolute for squared": (trained(kernel_regularizer=(L1, L2)), "losses"),
    "constraint of the bias": (trained(bias_constraint=(Object("NonNeg"), None)), "constraint"),
    "constraint of rows": (trained(kernel_constraint=(within(1.0), within(1.0, 1))), "constraint"),
    "a wide constraint": (trained(kernel_constraint=(within(50.0), None)), "constraint"),
    "the lower end of a constraint": (
        trained(kernel_constraint=(norms(0.01, 1e5), within(1e5))),
        "constraint",
    ),
    "a wide constraint behind relu": (
        constrained("Dense", tensor(4), "kernel", within(3.0), within(4.0)),
        "constraint",
    ),
    "a wide constraint of what is used again": (
        constrained("GRU", STEPS, "recurrent", within(3.0), None),
        "constraint",
    ),
    "another constraint of what is used again": (
        constrained("LSTM", STEPS, "recurrent", within(3.0), within(4.0)),
        "constraint",
    ),
    "a low end of a constraint": (
        constrained("Dense", tensor(4), "kernel", norms(1e-3, 1.0), within(1.0)),
        "constraint",
    ),
    "steps that do not count in statistics": (statistics(), "(training"),
    "a wide constraint of a bias in front of a normalization": (bounded_bias(), "constraint"),
    "frozen": (trained(trainable=(False, True)), "steps of SGD"),
}
