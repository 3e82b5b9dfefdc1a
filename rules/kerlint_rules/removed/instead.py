"""What to write instead of names and arguments that left Keras."""

from kerlint.rule import Fact, safe

_MERGED = "merge two tensors with concatenate([a, b]), add([a, b]) and their like in a functional model"
_LOCAL = (
    "it has no layer with a kernel for every position; a layer of your own can apply an einsum to "
    "ops.image.extract_patches"
)
_RESIZED = "it has no layer that draws the size of its output; RandomZoom changes the scale and keeps the size"

ADVICE: dict[str, str] = {
    "LocallyConnected1D": _LOCAL,
    "LocallyConnected2D": _LOCAL,
    "CuDNNLSTM": "the LSTM layer uses cuDNN by itself; it has one bias instead of two that are summed",
    "CuDNNGRU": "the GRU layer uses cuDNN by itself; with reset_after=True, its default, it has as many weights",
    "ThresholdedReLU": "ReLU(threshold=...) is the same function",
    "RandomHeight": _RESIZED,
    "RandomWidth": _RESIZED,
    "TimeDistributedDense": "Dense works on the last axis of every timestep: it is the same layer",
    "MaxoutDense": "write it as Dense(units * pieces), Reshape((pieces, units)) and a maximum over the pieces",
    "Highway": "write it with two Dense layers, a sigmoid gate and Multiply and Add",
    "Merge": _MERGED,
    "merge": _MERGED,
    "SReLU": "PReLU, which learns one slope, is the nearest",
    "ParametricSoftplus": "PReLU, which learns one slope, is the nearest",
    "Recurrent": "derive from RNN with a cell, or from Layer",
    "Container": "derive from Model",
}

_QUEUE = ("workers", "nb_worker", "max_queue_size", "max_q_size", "use_multiprocessing", "pickle_safe")
REFUSED: dict[str, str] = {
    "weights": "call set_weights() after the layer is built, or give an initializer",
    "batch_input_shape": "put Input(batch_shape=...) in front",
    "dynamic": "Keras 3 traces no layer by default",
    "mode": "Keras 3 normalises in one way",
    "input_dtype": "put Input(dtype=...) in front",
    "dropout": "Dropout(rate, noise_shape=(None, None, 1)) behind it drops positions, where this dropped words",
    "decay": "learning_rate=schedules.InverseTimeDecay(rate, 1, decay) does that",
    **dict.fromkeys(("samples_per_epoch", "nb_val_samples", "val_samples"), "steps count batches, not samples"),
    **dict.fromkeys(_QUEUE, "a PyDataset takes what is said of workers and queues"),
}


def same_slope(fact: Fact) -> None:
    """Not safe where the layer, or a layer of the file whose imports move, has an activation that changed."""
    layer = fact.data.get("layer")
    hard = "hard_sigmoid" in [layer.config.raw(name) for name in layer.config] if layer else fact.data.get("hard")
    safe(not hard, "hard_sigmoid has another slope in Keras 3 (0.2 x + 0.5 was the sigmoid, today it is x / 6 + 0.5)")


def instead(name: str) -> str:
    """What to do where the name, or the argument, was used."""
    return ADVICE.get(name) or REFUSED.get(name, "Keras 3 has nothing like it")
