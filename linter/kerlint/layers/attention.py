"""Attention: over a query, a value and perhaps a key (in this order of inputs, as Keras calls them)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from kerlint.graph.dim import Dim, product, same
from kerlint.graph.layer import Config, Incoming, Refused, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.policies import Weights, pass_through
from kerlint.layers.shapes import defined, is_free, printed, rank_at_least, rank_is
from kerlint.layers.table import among, multiple, never, positive, row, within


def three(shapes: Sequence[Shape], what: str) -> tuple[Shape, Shape, Shape]:
    """Query, value and key; without a key the value is the key. Refused for another number."""
    if len(shapes) not in (2, 3):
        raise Refused(f"{what} takes a query and a value, perhaps a key: 2 or 3 tensors, not {len(shapes)}")
    query, value = tuple(shapes[0]), tuple(shapes[1])
    return query, value, tuple(shapes[2]) if len(shapes) == 3 else value


# --- projections -------------------------------------------------------------------------------------------

Part: TypeAlias = tuple[str, Shape, Shape, Shape]  # name, sizes taken and given, the tensor at whose positions


def _projections(config: Config, parts: Sequence[Part]) -> Weights:
    weights: dict[str, WeightSpec] = {}
    for name, taken, given, _ in parts:
        weights[f"{name}.kernel"] = WeightSpec((*taken, *given))
        if config["use_bias"]:
            weights[f"{name}.bias"] = WeightSpec(given)
    return weights


def _parts(config: Config, shapes: Sequence[Shape], sizes: Sequence[Shape], result: Shape) -> list[Part]:
    """Query, key and value to these sizes, and from the last of the sizes, which a gate has as well, to the result."""
    (query, value, key), (asked, keyed, valued, mixed) = shapes, sizes
    gate: list[Part] = [("gate", (query[-1],), mixed, query)] if config["use_gate"] else []
    return [
        ("query", (query[-1],), asked, query), ("key", (key[-1],), keyed, key), *gate,
        ("value", (value[-1],), valued, value), ("attention_output", mixed, result, query),
    ]  # fmt: skip


def _macs(parts: Sequence[Part], seen: Dim) -> Dim:
    """The projections at each position, and the two products with the scores of every head for all that is seen."""
    (_, _, (heads, per_key), query), (_, (_, per_value), _, _) = parts[0], parts[-1]
    projecting = sum(product((*taken, *given)) * product(where[1:-1]) for _, taken, given, where in parts)
    return projecting + product([*query[1:-1], seen, heads, per_key + per_value])


# --- MultiHeadAttention ------------------------------------------------------------------------------------


def _heads(shapes: Incoming) -> tuple[Shape, Shape, Shape]:
    query, value, key = three(shapes, "MultiHeadAttention")
    for shape in (query, value, key):
        rank_at_least(shape, 3, "MultiHeadAttention")
        defined(shape[-1], "the last axis", shape)
    if len(value) != len(key) or any(same(a, b) is False for a, b in zip(value[1:-1], key[1:-1], strict=True)):
        raise Refused(f"MultiHeadAttention: value {printed(value)} and key {printed(key)} differ in their positions")
    return query, value, key


def _projected(config: Config, query: Shape) -> Shape:
    wanted = config["output_shape"]
    return (query[-1],) if not wanted else wanted if isinstance(wanted, tuple) else (wanted,)


def _mha_parts(config: Config, shapes: Incoming) -> list[Part]:
    query, value, key = _heads(shapes)
    heads, per_key = config["num_heads"], config["key_dim"]
    narrow, wide = (heads, per_key), (heads, config["value_dim"] or per_key)
    return _parts(config, (query, value, key), (narrow, narrow, wide, wide), _projected(config, query))


def _mha_macs(config: Config, shapes: Incoming, _output: Shape) -> Dim:
    _, value, _ = _heads(shapes)
    axes = config["attention_axes"]
    axes = range(1, len(value) - 1) if axes is None else axes if isinstance(axes, tuple) else (axes,)
    return _macs(_mha_parts(config, shapes), product(value[axis] for axis in axes))


row(
    "MultiHeadAttention",
    output=lambda c, xs: (*_heads(xs)[0][:-1], *_projected(c, _heads(xs)[0])),
    weights=lambda c, xs: _projections(c, _mha_parts(c, xs)), macs=_mha_macs,
    mask=pass_through, many=True, parts="Softmax Dropout",
    checks=(positive("num_heads"), positive("key_dim"), positive("value_dim", optional=True)),
)  # fmt: skip


# --- GroupedQueryAttention ---------------------------------------------------------------------------------


def _grouped(shapes: Incoming) -> tuple[Shape, Shape, Shape]:
    query, value, key = three(shapes, name := "GroupedQueryAttention")
    for shape in (query, value, key):
        rank_is(shape, 3, name)
        defined(shape[-1], "the last axis", shape)
    if same(query[-1], value[-1]) is False:
        raise Refused(f"{name}: query {printed(query)} and value {printed(value)} differ in the last axis")
    if is_free(value[1]) != is_free(key[1]) or (not is_free(value[1]) and same(value[1], key[1]) is False):
        raise Refused(f"{name}: value {printed(value)} and key {printed(key)} differ in their positions")
    return query, value, key


def _grouped_parts(config: Config, shapes: Incoming) -> list[Part]:
    found = _grouped(shapes)
    size, heads = config["head_dim"], (config["num_query_heads"], config["head_dim"])
    shared = (config["num_key_value_heads"], size)
    return _parts(config, found, (heads, shared, shared, heads), (found[0][-1],))


row(
    "GroupedQueryAttention", aliases="GroupQueryAttention", output=lambda _c, xs: _grouped(xs)[0],
    weights=lambda c, xs: _projections(c, _grouped_parts(c, xs)),
    macs=lambda c, xs, _output: _macs(_grouped_parts(c, xs), _grouped(xs)[1][1]),
    mask=pass_through, many=True, generations=(3,), parts="Softmax Dropout",
    checks=(
        positive("head_dim"), positive("num_query_heads"), positive("num_key_value_heads"),
        multiple("num_query_heads", "num_key_value_heads"), within("dropout", 0, 1),
        never("flash_attention=True takes no dropout", lambda c: c["flash_attention"] is True and c["dropout"] > 0),
        positive("sliding_window", optional=True),
    ),
)  # fmt: skip


# --- Attention, AdditiveAttention --------------------------------------------------------------------------


def _attended(config: Config, shapes: Incoming) -> Shape:
    query, value, _ = three(shapes, "Attention")
    return (*query[:-1], value[-1])


def _attention_weights(config: Config, shapes: Incoming) -> Weights:
    found = {"scale": WeightSpec(())} if config["use_scale"] else {}
    return found | ({"concat_score_weight": WeightSpec(())} if config["score_mode"] == "concat" else {})


def _additive_weights(config: Config, shapes: Incoming) -> Weights:
    query, _, _ = three(shapes, "AdditiveAttention")
    return {"scale": WeightSpec((defined(query[-1], "the last axis", query),))} if config["use_scale"] else {}


def _attention_macs(config: Config, shapes: Incoming, _output: Shape) -> Dim:
    """Scores (a product of query and key; none where they are added) and their product with the value."""
    query, value, _ = three(shapes, "Attention")
    added = config.get("score_mode", "concat") == "concat"
    width = value[-1] if added else query[-1] + value[-1]
    return product(query[1:-1]) * value[-2] * width


ATTENDING: dict[str, Any] = {"output": _attended, "macs": _attention_macs, "mask": pass_through, "many": True}
row("Attention", **ATTENDING, weights=_attention_weights, checks=(among("score_mode", "dot", "concat"),))
row("AdditiveAttention", **ATTENDING, weights=_additive_weights)
