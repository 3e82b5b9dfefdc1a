"""What the tests look at: the models of a source, each in one line."""

from __future__ import annotations

from kerlint.evaluate.run import evaluate
from kerlint.graph import count
from kerlint.graph.facts import Evaluation
from kerlint.graph.graph import Model, Tensor
from kerlint.graph.layer import Unknown
from kerlint.layers.shapes import printed
from kerlint.text.document import Document


def document(source: str, path: str = "m.py") -> Document:
    """The source as a document."""
    found = Document.parse(source.encode(), path)
    assert isinstance(found, Document), found
    return found


def evaluated(source: str, **options: object) -> Evaluation:
    """The evaluation of a source."""
    return evaluate(document(source), **options).vetted()  # type: ignore[arg-type]


def models(source: str, **options: object) -> list[Model]:
    """All models of a source."""
    return list(evaluated(source, **options).models)


def shape(tensor: Tensor) -> str:
    """A shape as Keras would print it, symbols by name."""
    return "?" if isinstance(tensor.shape, Unknown) else printed(tensor.shape)


def params(model: Model) -> str:
    """The count of parameters, or a question mark."""
    counts = count.model(model.graph)
    return "?" if isinstance(counts, Unknown) or not model.graph.complete else str(counts.params)


def lines(source: str, **options: object) -> list[str]:
    """``name: output shapes params`` for each model."""
    return [f"{m.name}: {' '.join(map(shape, m.graph.outputs))} {params(m)}" for m in models(source, **options)]


def layers(model: Model) -> list[str]:
    """The model's layers by name."""
    return [layer.name for layer in model.graph.layers]
