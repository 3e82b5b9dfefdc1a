"""What TensorFlow's own profiler counts: two operations for each multiply-accumulate."""

from __future__ import annotations

from collections import Counter
from typing import Any

# Matrix products and convolutions, outside of loops: what MACs count.
PRODUCTS = ("MatMul", "BatchMatMulV2", "Conv2D", "Conv3D", "DepthwiseConv2dNative")


def operations(layer: Any, shapes: tuple[tuple[int, ...], ...], many: bool = False) -> Counter[str]:
    """The operations of one call in inference, by the type of node. The layer may be a whole model."""
    import tensorflow as tf
    from tensorflow.python.framework import ops
    from tensorflow.python.profiler.internal import flops_registry

    assert flops_registry  # importing it registers what a node counts

    signature = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    function = tf.function(lambda *xs: layer(list(xs) if many else xs[0]), jit_compile=False)
    graph = function.get_concrete_function(*signature).graph
    found: Counter[str] = Counter()
    for node in graph.get_operations():
        found[node.type] += int(ops.get_stats_for_node_def(graph, node.node_def, "flops").value or 0)
    return +found


def products(found: Counter[str]) -> int:
    """The multiply-accumulates among the operations."""
    return sum(found[kind] for kind in PRODUCTS) // 2
