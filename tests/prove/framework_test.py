"""What the worker needs of a framework; with what stands in for one, since only TensorFlow is installed here.

``bench/proofs.py fixtures --python PYTHON`` proves the fixtures in an environment with another one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kerlint.host.inside.framework import GRADIENTS, exact
from kerlint.prove.worker import answer


def keras_that(computes: str, promotion: dict[str, str] | None = None) -> Any:
    """A Keras on a framework that is not TensorFlow, whose sums have this dtype unless the promotion says another."""

    def add(a: Any, b: Any) -> Any:
        return (a + b).astype((promotion or {}).get("float64", computes))

    ops = SimpleNamespace(convert_to_tensor=np.asarray, add=add, matmul=add)
    backend = SimpleNamespace(backend=lambda: "torch", standardize_dtype=str)
    return SimpleNamespace(__version__="3.1", ops=ops, backend=backend)


def test_what_this_machine_cannot_hold_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the answer nor the limit on the worker's memory would come soon."""
    monkeypatch.setattr(answer, "_free_memory", lambda: 8 * 10 * 2e6 - 1)
    draws = {"equivalence": "identical", "generation": {}, "draws": [{"entries": 1}, {"entries": 2_000_000}]}
    said = answer.answer(draws)
    assert (said["status"], said["reason"]) == (
        "not-run",
        "too large to be run here: 2 million weights and inputs",
    )


@pytest.mark.parametrize("computes", ["float32", "float64"])
def test_a_keras_without_float64_is_noticed(computes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras.src.backend.common.dtypes", None)
    assert exact(keras_that(computes)) is (computes == "float64")


def test_keras_is_told_not_to_round(monkeypatch: pytest.MonkeyPatch) -> None:
    promotion = {"float64": "float32"}
    room = SimpleNamespace(BIT64_TO_BIT32_DTYPE=promotion)
    monkeypatch.setitem(sys.modules, "keras.src.backend.common.dtypes", room)
    assert exact(keras_that("float32", promotion))


def test_what_is_rounded_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A difference in the last digits of float32 would pass for one of the graphs."""
    monkeypatch.setitem(sys.modules, "keras.src.backend.common.dtypes", None)
    monkeypatch.setattr(answer, "keras_of", lambda _: keras_that("float32"))
    found = answer.answer({"draws": [{"entries": 1}], "generation": {"old": 3, "new": 3}})
    assert (found["status"], found["reason"]) == ("not-run", "Keras 3.1 has no float64 on torch")


def _slope(function: Callable[[Sequence[Any]], tuple[Any, Any]], *, has_aux: bool) -> Any:
    """``jax.value_and_grad`` by central differences, of a list of numbers."""
    assert has_aux

    def both(given: list[float]) -> Any:
        shifted = [[[*given[:i], x + by, *given[i + 1 :]] for by in (1e-6, -1e-6)] for i, x in enumerate(given)]
        return function(given), [(function(up)[0] - function(down)[0]) / 2e-6 for up, down in shifted]

    return both


def test_gradients_of_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(value_and_grad=_slope))
    rest, found = GRADIENTS["jax"](lambda values: (values[0] ** 2 * values[1], "rest"), [3.0, 5.0])
    assert rest == "rest" and found == pytest.approx([30.0, 9.0])


class Leaf:
    """A number of PyTorch's kind: it notes what it is made of, as far as that wants gradients."""

    def __init__(self, value: float, made_of: Sequence[tuple[Leaf, float]] = (), wanted: bool = False) -> None:
        self.value, self.made_of = value, [(part, slope) for part, slope in made_of if part.requires_grad]
        self.requires_grad: bool = wanted or bool(self.made_of)

    def detach(self) -> Leaf:
        return Leaf(self.value)

    clone = detach

    def requires_grad_(self) -> Leaf:
        self.requires_grad = True
        return self

    def __mul__(self, other: Leaf) -> Leaf:
        return Leaf(self.value * other.value, [(self, other.value), (other, self.value)])


def _backward(number: Leaf, leaves: Sequence[Leaf], *, allow_unused: bool, materialize_grads: bool) -> list[float]:
    """``torch.autograd.grad``: the sum over all ways from a leaf to the number."""
    assert allow_unused and materialize_grads and number.requires_grad, "PyTorch raises"
    return [_slopes(number, leaf) for leaf in leaves]


def _slopes(number: Leaf, leaf: Leaf) -> float:
    return 1.0 if number is leaf else sum(slope * _slopes(part, leaf) for part, slope in number.made_of)


def test_gradients_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of copies that want gradients, whatever they were; of what does not depend on them zero."""
    torch = SimpleNamespace(autograd=SimpleNamespace(grad=_backward), zeros_like=lambda leaf: 0.0 * leaf.value)
    monkeypatch.setitem(sys.modules, "torch", torch)
    given = [Leaf(3.0), Leaf(5.0, wanted=True), Leaf(7.0)]
    rest, found = GRADIENTS["torch"](lambda values: (values[0] * values[0] * values[1], "rest"), given)
    assert (rest, found) == ("rest", [30.0, 9.0, 0.0])
    assert [leaf.requires_grad for leaf in given] == [False, True, False]
    rest, found = GRADIENTS["torch"](lambda values: (Leaf(2.0), "rest"), given)
    assert (rest, found) == ("rest", [0.0, 0.0, 0.0])
