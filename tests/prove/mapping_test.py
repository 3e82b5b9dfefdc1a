"""Weight expressions in the worker: values as recorded, gradients as differences say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from kerlint.graph.weight import Weight, concat, plain, zeros  # noqa: E402
from kerlint.graph.weight import old as recorded  # noqa: E402
from kerlint.prove.worker.mapping import pull, value  # noqa: E402

A = recorded("a", "w", (3, 4))
B = recorded("b", "w", (4, 2))
C = recorded("c", "w", (3, 1))

EXPRESSIONS: dict[str, tuple[Weight, Callable[..., Any]]] = {
    "old": (A, lambda a, b, c: a),
    "index": (A[1], lambda a, b, c: a[1]),
    "columns": (A[..., 1:3], lambda a, b, c: a[:, 1:3]),
    "negative index": (A[-1, 2:4], lambda a, b, c: a[-1, 2:4]),
    "reshape": (A.reshape(2, 6), lambda a, b, c: a.reshape(2, 6)),
    "transpose": (
        A.reshape(3, 2, 2).transpose(2, 0, 1),
        lambda a, b, c: a.reshape(3, 2, 2).transpose(2, 0, 1),
    ),
    "sum": (A + C, lambda a, b, c: a + c),
    "difference": (C - A, lambda a, b, c: c - a),
    "product": (A * C, lambda a, b, c: a * c),
    "square": (A * A, lambda a, b, c: a * a),
    "matmul": (A @ B, lambda a, b, c: a @ b),
    "matmul of a vector": (A[0] @ B, lambda a, b, c: a[0] @ b),
    "matmul of rank 3": (A @ B.reshape(4, 1, 2), lambda a, b, c: np.tensordot(a, b.reshape(4, 1, 2), 1)),
    "negation": (-A[0], lambda a, b, c: -a[0]),
    "concatenation": (
        concat([A, zeros(3, 2), C], axis=1),
        lambda a, b, c: np.concatenate([a, np.zeros((3, 2)), c], 1),
    ),
    "repetition": (B.repeat(3, axis=1), lambda a, b, c: np.tile(b, (1, 3))),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_value_and_gradient(name: str) -> None:
    weight, expected = EXPRESSIONS[name]
    rng = np.random.default_rng(0)
    old = {(i, "w"): rng.standard_normal(w.shape) for i, w in enumerate((A, B, C))}
    text = json.dumps(plain(weight, lambda d: int(str(d)), lambda node: "abc".index(str(node))))
    data = json.loads(text)
    np.testing.assert_allclose(value(data, old), expected(*old.values()), rtol=1e-14)
    toward = rng.standard_normal(value(data, old).shape)
    into: dict[tuple[int, str], Any] = {}
    pull(data, toward, old, into)
    for key, array in old.items():
        step = rng.standard_normal(array.shape)
        ahead, behind = ({**old, key: array + sign * 1e-6 * step} for sign in (1, -1))
        slope = float(np.sum(toward * (value(data, ahead) - value(data, behind)))) / 2e-6
        assert float(np.sum(into.get(key, np.zeros_like(array)) * step)) == pytest.approx(slope, abs=1e-7)


def test_another_shape_is_refused() -> None:
    data = {"op": "zeros", "args": [[3]], "shape": [4]}
    with pytest.raises(ValueError, match="recorded is"):
        value(data, {})
