"""KER215."""

from kerlint.rule import Alternative, Equivalence, Layer, Node, Note, Object, new, one, require, rule, say, taking

WEIGHTS = ("kernel", "bias", "recurrent", "depthwise", "pointwise", "embeddings", "gamma", "beta")
ARGUMENTS = [f"{weight}_{role}" for weight in WEIGHTS for role in ("regularizer", "constraint")]
WRAPPERS = ("TimeDistributed", "Bidirectional")
ROLES = {
    **dict.fromkeys(("MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"), "constraint"),
    **dict.fromkeys(("L1", "L2", "L1L2"), "regularizer"),
}
EFFECT = {
    "constraint": "Keras 3 adds the weights that it gives to the loss without a word",
    "regularizer": "the first step of the training puts its sum where the weights belong, and fails",
}


@rule(
    "KER215",
    "constraint-as-regularizer",
    on=one(*taking(*ARGUMENTS), *WRAPPERS),
    equivalence=Equivalence.ADVICE,
    message="{argument}={value} of {layer}: a {role} in the wrong argument, {effect}",
)
def constraint_as_regularizer(layer: Node) -> Alternative | Note:
    """A constraint is given as a regulariser, or a regulariser as a constraint.

    ## Why is this bad?
    Both are callables on a weight, so that Keras takes one for the other. A constraint gives weights back:
    as a regulariser, all of them are added to the loss, and the training pushes them towards minus infinity.
    A regulariser gives a number: as a constraint, it cannot be assigned to the weight.

    ## Example
    ```python
    from tensorflow.keras.constraints import MaxNorm

    x = Input((20,))
    x = Dense(64, kernel_regularizer=MaxNorm(3))(x)
    ```
    Use instead:
    ```python
    from tensorflow.keras.constraints import MaxNorm

    x = Input((20,))
    x = Dense(64, kernel_constraint=MaxNorm(3))(x)
    ```

    ## When it stays silent
    For regularisers and constraints of the program's own, and strings (Keras refuses the wrong ones).

    ## Fix safety
    There is no automatic fix: the function does not change, the training does.
    """
    inner: Layer = layer["layer"] if layer.kind in WRAPPERS else layer.layer
    argument, role = _misplaced(inner)
    right = f"{argument.rpartition('_')[0]}_{role}"
    value = inner.config.raw(argument)
    say(argument=argument, value=value, layer=layer, role=role, effect=EFFECT[role])
    if layer.kind in WRAPPERS or inner.config.raw(right) is not None:
        return Note((layer,))
    moved = {argument: None, right: value}
    return Alternative((layer,), getattr(new, layer.kind).like(layer, **moved)(layer.inputs))


def _misplaced(layer: Layer) -> tuple[str, str]:
    """The argument whose value belongs to the other role, and that role."""
    found = [(argument, _role(layer, argument)) for argument in ARGUMENTS if argument in layer.config]
    wrong = [(argument, role) for argument, role in found if role and not argument.endswith(role)]
    require(bool(wrong), "every regulariser and constraint has its own argument")
    return wrong[0]


def _role(layer: Layer, argument: str) -> str:
    value = layer.config.raw(argument)
    return ROLES.get(value.kind, "") if isinstance(value, Object) else ""
