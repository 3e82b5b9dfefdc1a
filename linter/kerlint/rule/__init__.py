"""The words a rule is written in: all that a plugin imports."""

from kerlint.graph.answer import Alternative, Note, Respelling, Rewrite
from kerlint.graph.count import parameters, params
from kerlint.graph.dim import Dim, at_least, ceil_div, product, same, show
from kerlint.graph.facts import Fact
from kerlint.graph.graph import Compile, Graph, Node, Tensor
from kerlint.graph.layer import Layer, NoFix, Object, Silent, Unknown
from kerlint.graph.objective import Criterion, Objective
from kerlint.graph.weight import Weight, concat, zeros
from kerlint.layers.shapes import printed
from kerlint.rule.guard import (
    applied,
    fixable,
    immaterial,
    is_output,
    learnt,
    replaceable,
    require,
    safe,
    say,
    trains,
    unmasked,
    users,
)
from kerlint.rule.match import chain, fact, model, one, taking, trained
from kerlint.rule.new import new
from kerlint.rule.rule import Equivalence, Rule, Severity, rule

__all__ = [
    "Alternative", "Compile", "Criterion", "Dim", "Equivalence", "Fact", "Graph", "Layer", "NoFix", "Node", "Note",
    "Object", "Objective", "Respelling", "Rewrite", "Rule", "Severity", "Silent", "Tensor", "Unknown", "Weight",
    "applied", "at_least", "ceil_div", "chain", "concat", "fact", "fixable", "immaterial", "is_output", "learnt",
    "model", "new", "one", "parameters", "params", "printed", "product", "replaceable", "require", "rule", "safe",
    "same", "say", "show", "taking", "trained", "trains", "unmasked", "users", "zeros",
]  # fmt: skip
