"""Mistakes planted into rows, one a line: what is changed, and which comparison has to notice it.

Each is a mistake that a person writes: an axis too far, a forgotten bias, a weight that trains, a mask that gets lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kerlint.graph.layer import LayerSpec, WeightSpec

Change = Callable[[LayerSpec], LayerSpec]


@dataclass(frozen=True)
class Mistake:
    """``seen_by``: "domain" (shapes, weights, dtypes, refusals), "mask", "macs", "named" or "signature"."""

    name: str
    what: str
    change: Change
    seen_by: str = "domain"

    def __str__(self) -> str:
        return f"{self.name}-{self.what.replace(' ', '-')}"


def output(change: Callable[[Any, Any, Any], Any]) -> Change:
    """The output changed: ``change(shape, config, incoming)``."""
    return lambda spec: replace(spec, output=lambda c, x: change(spec.output(c, x), c, x))


def weights(change: Callable[[dict[str, WeightSpec]], Mapping[str, WeightSpec]]) -> Change:
    """The weights changed."""
    return lambda spec: replace(spec, weights=lambda c, x: change(dict(spec.weights(c, x))))


def canonical(**forced: Any) -> Change:
    """Arguments that are taken for others."""
    return lambda spec: replace(spec, canonical=lambda arguments: spec.canonical({**arguments, **forced}))


def column(**columns: Any) -> Change:
    """Other columns of the row."""
    return lambda spec: replace(spec, **columns)


def _trains(found: dict[str, WeightSpec]) -> dict[str, WeightSpec]:
    return {name: WeightSpec(weight.shape) for name, weight in found.items()}


def _turned(found: dict[str, WeightSpec]) -> dict[str, WeightSpec]:
    return {name: WeightSpec(tuple(reversed(weight.shape)), weight.trainable) for name, weight in found.items()}


def _reordered(found: dict[str, WeightSpec]) -> dict[str, WeightSpec]:
    return dict(reversed(found.items()))


def _without(name: str) -> Callable[[dict[str, WeightSpec]], dict[str, WeightSpec]]:
    return lambda found: {key: weight for key, weight in found.items() if key != name}


def _named(old: str, new: str) -> Callable[[dict[str, WeightSpec]], dict[str, WeightSpec]]:
    return lambda found: {new if key == old else key: weight for key, weight in found.items()}


def _signature(**changed: Any) -> Change:
    return lambda spec: replace(spec, signature={**spec.signature, **changed})


def _one_bias(found: dict[str, WeightSpec]) -> dict[str, WeightSpec]:
    """The two rows of a GRU's bias made one."""
    return {k: WeightSpec(w.shape[-1:], w.trainable) if k == "bias" else w for k, w in found.items()}


MISTAKES: tuple[Mistake, ...] = (
    Mistake("Dense", "kernel transposed", weights(_turned)),
    Mistake("Dense", "bias without use_bias", canonical(use_bias=True)),
    Mistake("Dense", "mask lost", column(mask=lambda _c, _m: False), "mask"),
    Mistake("Dense", "default of use_bias", _signature(use_bias=False), "signature"),
    Mistake("Conv1D", "causal like valid", lambda s: replace(s, canonical=lambda a: s.canonical(
        {**a, "padding": "valid" if a["padding"] == "causal" else a["padding"]}))),
    Mistake("Conv1D", "groups ignored", canonical(groups=1)),
    Mistake("Conv2D", "data format ignored", canonical(data_format="channels_last")),
    Mistake("Conv2D", "dilation ignored", canonical(dilation_rate=1)),
    Mistake("Conv2D", "one position too many", output(lambda s, _c, _x: (s[0], s[1] + 1, *s[2:]))),
    Mistake("Conv2D", "macs at input positions", lambda s: replace(s, macs=lambda c, x, _o: s.macs(c, x, x)), "macs"),
    Mistake("Conv2DTranspose", "kernel like a convolution", weights(
        lambda f: f | {"kernel": WeightSpec((*f["kernel"].shape[:2], *reversed(f["kernel"].shape[2:])))})),
    Mistake("DepthwiseConv2D", "multiplier ignored", canonical(depth_multiplier=1)),
    Mistake("SeparableConv2D", "pointwise first", weights(_reordered)),
    Mistake("LSTM", "three gates", weights(
        lambda f: {k: WeightSpec((*w.shape[:-1], w.shape[-1] // 4 * 3)) for k, w in f.items()})),
    Mistake("LSTM", "states forgotten", column(outputs=lambda _c: 1)),
    Mistake("LSTM", "mask always kept", column(mask=lambda _c, masks: masks[0]), "mask"),
    Mistake("LSTM", "macs without time", lambda s: replace(s, macs=lambda c, x, o: s.macs(c, (x[0], 1, x[2]), o)), "macs"),
    Mistake("GRU", "one bias with reset_after", weights(_one_bias)),
    Mistake("SimpleRNN", "steps dropped", canonical(return_sequences=False)),
    Mistake("BatchNormalization", "moving statistics train", weights(_trains)),
    Mistake("BatchNormalization", "beta before gamma", weights(_reordered)),
    Mistake("LayerNormalization", "scale ignored", canonical(scale=True)),
    Mistake("Embedding", "rows counted from one", canonical(input_dim=8)),
    Mistake("Embedding", "no mask of its own", column(mask=lambda _c, _m: False), "mask"),
    Mistake("Flatten", "batch flattened too", output(lambda s, _c, _x: s[1:])),
    Mistake("Flatten", "input too flat refused", output(lambda s, _c, x: s if len(x) > 2 else _refuse())),
    Mistake("Reshape", "batch counted", output(lambda s, _c, _x: s[1:])),
    Mistake("Concatenate", "always the last axis", canonical(axis=-1)),
    Mistake("Concatenate", "mask only if all have one", column(mask=lambda _c, masks: all(masks)), "mask"),
    Mistake("Add", "shapes of the first", output(lambda _s, _c, xs: tuple(xs[0]))),
    Mistake("MaxPooling2D", "strides of one", canonical(strides=1)),
    Mistake("GlobalMaxPooling1D", "keepdims ignored", canonical(keepdims=False)),
    Mistake("AdaptiveMaxPooling2D", "sizes turned", output(lambda s, _c, _x: (s[0], s[2], s[1], s[3]))),
    Mistake("MultiHeadAttention", "value as wide as key", canonical(value_dim=None)),
    Mistake("MultiHeadAttention", "value before key", weights(
        lambda f: {k: f[k] for k in sorted(f, key=lambda n: n.startswith("key"))})),
    Mistake("GroupedQueryAttention", "a key for every query", canonical(num_key_value_heads=4)),
    Mistake("ReversibleEmbedding", "always tied", weights(_without("reverse_embeddings"))),
    Mistake("StringLookup", "no number for unknown terms", output(
        lambda s, c, _x: s if c["output_mode"] == "int" else (*s[:-1], s[-1] - c["num_oov_indices"]))),
    Mistake("CategoryEncoding", "a last axis of one kept", output(
        lambda s, c, x: (*x, s[-1]) if c["output_mode"] == "one_hot" else s)),
    Mistake("Hashing", "numbers as floats", column(dtype=lambda _c, _d: "float32")),
    Mistake("RandomZoom", "a factor of nine", canonical(height_factor=0.5)),
    Mistake("Equalization", "floats of integers", column(dtype=lambda _c, _d: "float32")),
    Mistake("STFTSpectrogram", "one kernel only", weights(_without("imag_kernel"))),
    Mistake("PReLU", "alpha called weight", weights(_named("alpha", "weight"))),
    Mistake("Conv1D", "floor for a named size", output(
        lambda s, _c, x: s if isinstance(x[1], int) or s[1] is x[1] else (s[0], s[1] + 1, s[2])), "named"),
)  # fmt: skip


def _refuse() -> Any:
    from kerlint.graph.layer import Refused

    raise Refused("planted")
