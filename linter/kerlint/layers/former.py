"""What left Keras between 1 and 3, and where things live today. Data: ``old.json``."""

from __future__ import annotations

from collections.abc import Iterable

from kerlint.layers.old import lists, words
from kerlint.layers.table import ALIASES, TABLE

# Classes that only the name left of: the same layer under today's name.
FORMER: dict[str, str] = {f"AtrousConvolution{rank}D": f"Conv{rank}D" for rank in (1, 2)}

# Names that Keras 3 does not have, though the table knows the class.
NO_ALIAS: frozenset[str] = frozenset(("Deconvolution2D", "Deconvolution3D", "Deconv2D", "Deconv3D", *FORMER))

# Classes and functions that left.
GONE = words("gone")
# Constraints that Keras 3 has under another name only.
RENAMED = {"maxnorm": "max_norm", "nonneg": "non_neg", "unitnorm": "unit_norm"}
# What Keras 2 or 3 takes as an initialiser by name: those of functions, and of their classes.
INITIALIZERS = frozenset(words("initializers"))
# Arguments that Keras 3 refuses, or takes and ignores; classes that take one of these to this day.
REFUSED = words("refused")
TAKEN = lists("taken")

# --- where things live -------------------------------------------------------------------------------------

# In keras.layers, beside the classes of the table and their aliases; in other modules.
BESIDE = words("beside")
HELD = lists("held")
PRIVATE = frozenset(["GroupedQueryAttention"])  # names of classes that keras.layers has under an alias only
# Modules of keras.utils that are private now; modules that are the same through all versions.
UTILITIES = frozenset(words("utilities"))
STABLE = frozenset(words("stable"))
# Where packages kept things before keras.layers held all of them.
OLD_HOMES = frozenset(words("old_homes"))
ROOTS = {"tensorflow.python.keras": "tensorflow.keras", "tensorflow.keras": "tensorflow.keras", "keras": "keras"}


def moved(module: str, names: Iterable[str]) -> tuple[str, str] | None:
    """For an import that Keras 3 no longer serves: today's package and the module below it as it was written.

    ``keras.layers.core`` gives ``("keras", "layers.core")``; what is still there gives None.
    """
    written = next((root for root in ROOTS if module == root or module.startswith(root + ".")), None)
    if written is None or module.startswith("keras.src"):
        return None
    below = module[len(written) + 1 :]
    first, _, rest = below.partition(".")
    within = (
        (first == "layers" and rest and rest.rpartition(".")[2] in OLD_HOMES)
        or first == "engine"
        or below == "backend.tensorflow_backend"
        or (first == "utils" and rest in UTILITIES)
        or (below == "utils" and not UTILITIES.isdisjoint(names))
    )
    return (ROOTS[written], below) if within or written == "tensorflow.python.keras" else None


def todays_class(written: str, name: str) -> str:
    """What a class that the table calls ``name`` should be called: short names are kept, those of Keras 1 not."""
    return name if "convolution" in written.lower() or written in NO_ALIAS else written


def in_layers(name: str) -> bool:
    """Whether keras.layers of Keras 3 has the name."""
    spec = TABLE.get(ALIASES.get(name, name))
    here = spec is not None and 3 in spec.generations and name not in NO_ALIAS | PRIVATE
    return name in BESIDE or here


def todays_home(module: str, name: str) -> tuple[str, str] | None:
    """Module below keras and name of what ``module`` (below keras: ``layers.core``) once had; None if it is gone."""
    first, _, rest = module.partition(".")
    if first in ("engine", "legacy", "layers"):
        if name in ("Model", "Sequential"):
            return "models", name
        if name == "get_source_inputs":
            return "utils", name
        return ("layers", name) if in_layers(name) else None
    if first == "utils" and not rest and name in UTILITIES:
        return "", "utils"
    if first in HELD and (rest or first != "backend"):
        return (first, name) if name in HELD[first] else None
    if not rest and first in STABLE and not name.startswith("_"):
        return first, name
    at_home = not first and name in {*STABLE, "layers", "models", "utils", "Input", "Model", "Sequential"}
    return ("", name) if at_home else None
