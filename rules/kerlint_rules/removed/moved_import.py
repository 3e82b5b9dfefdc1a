"""KER403."""

from kerlint.rule import Equivalence, Fact, Respelling, fact, fixable, require, rule, say
from kerlint_rules.removed.instead import ADVICE, same_slope


@rule(
    "KER403",
    "moved-import",
    on=fact("moved-import"),
    equivalence=Equivalence.IDENTICAL,
    message="Keras 3 has no {old}{where}",
    since=3,
)
def moved_import(statement: Fact) -> Respelling:
    """A module is imported, or named, that Keras 3 does not have.

    ## Why is this bad?
    `keras.layers.core`, `keras.engine`, `tensorflow.python.keras` and the like were never meant to be imported;
    Keras 3 keeps things elsewhere, and the import fails; so does `keras.layers.core.Dense(8)` where it is
    written. Of the constraints `maxnorm`, `nonneg` and `unitnorm` only the names with an underscore are left.

    ## Example
    ```python
    from keras.layers.core import Dense, Dropout
    from keras.layers.convolutional import Conv2D

    x = Conv2D(8, 3)(Input((32, 32, 3)))
    x = Dropout(0.2)(Dense(10)(x))
    ```
    Use instead:
    ```python
    from keras.layers import Conv2D, Dense, Dropout

    x = Conv2D(8, 3)(Input((32, 32, 3)))
    x = Dropout(0.2)(Dense(10)(x))
    ```

    ## When it stays silent
    Code that does not say that it is for Keras 3, unless the rule is selected by its name or as `KER4`, or the
    configuration says `keras = 3`. Imports in a `try`, and behind a question for the version of Keras.

    ## Fix safety
    The model is the same: the new text is evaluated and compared. Statements that go to the same module are
    merged where no comment stands beside them. No fix where a name that is used is gone. Not safe in a file
    that speaks of `hard_sigmoid`, which has another slope in Keras 3.
    """
    require(not statement.data["guard"], statement.data["guard"])
    new = statement.data["new"]
    edits = statement.data["edits"]
    say(where=f": write {new}" if edits else f": import from {new}" if new else "")
    for reason in statement.data["why"]:
        name = reason.removesuffix(" is gone")
        fixable(False, f"{reason}: {ADVICE[name]}" if name in ADVICE else reason)
    same_slope(statement)
    if edits:
        return Respelling(edits, f"Write {new}")
    return Respelling((), f"Import from {new}" if new else "Remove the import", imports=(statement.data["statement"],))
