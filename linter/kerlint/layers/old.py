"""What Keras 1 and 2 called things: arguments, values, and what today's Keras no longer reads. Data: ``old.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_TABLES: dict[str, Any] = json.loads(Path(__file__).with_name("old.json").read_bytes())


def words(table: str) -> tuple[str, ...]:
    """The words of a table."""
    return tuple(_TABLES[table])


def lists(table: str) -> dict[str, tuple[str, ...]]:
    """The words of a table by name."""
    return {name: tuple(words) for name, words in _TABLES[table].items()}


# Old argument -> today's; the first that the class has wins. Then the same for one class only.
OLD = lists("old")
OF_CLASS: dict[str, dict[str, str]] = _TABLES["of_class"]

# Sizes that Keras 1 gave axis by axis; their order makes the tuple.
PER_AXIS = words("per_axis")

# Classes that took the kernel's sizes one by one (on how many axes), and what followed, by today's names.
SIZED_ONE_BY_ONE: dict[str, int] = _TABLES["sized_one_by_one"]
BEHIND_KERNEL = words("behind_kernel")

# Old values of today's arguments.
VALUES: dict[str, dict[object, object]] = _TABLES["values"]

# Arguments that every layer takes (some only before Keras 3), beside its own.
BASE = words("base")

# Taken once, and without influence on the shapes and weights of what is built.
IGNORED = words("ignored")

# Arguments that Keras 3 refuses and that did nothing with these values (None: with any): as if they were not there.
IDLE: dict[str, tuple[object, ...] | None] = {k: v if v is None else tuple(v) for k, v in _TABLES["idle"].items()}

# Taken by Keras 2, mostly through the base class, without influence on shapes; Keras 3 refuses them.
INHERITED = lists("inherited")

# Taken, in one version or the other, and not modelled: what it does to the layer is not known. Layers that change
# images add what their base class takes.
BEYOND = lists("beyond")

# Classes that Keras 2 has as well, with other outputs or weights: their rows say what Keras 3 does.
ONLY_3 = words("only_3")

# Classes that take any keyword and look at none of them.
SWALLOWING = words("swallowing")

# Arguments of what is no layer: Model, its methods, optimizers, constraints.
BESIDE_LAYERS: dict[str, str] = _TABLES["beside_layers"]

# Defaults of Keras 1, then those that arguments had before Keras 3 made them obligatory.
BEFORE_2: dict[str, dict[str, object]] = _TABLES["before_2"]
BEFORE_3: dict[str, dict[str, object]] = _TABLES["before_3"]
