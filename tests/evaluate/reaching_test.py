"""What reaches layers: the sets of bits give what the rules give that are followed one by one."""

from __future__ import annotations

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from kerlint.evaluate.reaching import ROUNDS, Told

NAMES = st.sampled_from(["f", "g", "h", "a", "b", "c", "p", "q", "r"])
STANDING = st.frozensets(st.sampled_from(["f", "g", "h", "a", "b", "c"]), min_size=1, max_size=2)
TOLD = st.builds(
    Told,
    sources=st.dictionaries(NAMES, st.sets(NAMES, min_size=1, max_size=2), max_size=2),
    parameters=st.just({"f": {"p"}, "g": {"q"}, "h": {"q", "r"}}),
    bound=st.dictionaries(
        st.tuples(st.sampled_from(["a", "b", "c", "f()", "g()"]), st.booleans()), STANDING, max_size=5
    ),
    spoken=st.lists(st.frozensets(NAMES, min_size=2, max_size=4), max_size=4),
    mutated=st.sets(st.sampled_from(["a", "p", "q", "r"]), max_size=3),
    modules=st.sets(NAMES, max_size=1),
)
SEEDS = st.frozensets(st.sampled_from(["a", "p", "q", "r"]), min_size=1, max_size=2)


def one_by_one(told: Told, seeds: frozenset[str]) -> set[str]:
    """Each function that a name stands for, each parameter of it, each word that is said with the name."""
    known, stands = set(told.parameters), dict[str, set[str]]()
    for _ in range(ROUNDS):
        for (name, call), told_of in told.bound.items():
            here = (told_of & known).union(*(stands.get(word, set()) for word in told_of))
            given = set[str]().union(*(stands.get(f"{function}()", set()) for function in here))
            if more := given if call else here | given:
                stands.setdefault(name, set()).update(more)
    every = {name: set(own) for name, own in told.parameters.items()}
    for name, functions in stands.items():
        every.setdefault(name, set()).update(*(told.parameters[function] for function in functions))
    sources = copy.deepcopy(told.sources)
    for words in told.spoken:
        for name in words & every.keys():
            for parameter in every[name]:
                sources.setdefault(parameter, set()).update(words)
    named = (sources.keys() | set[str]().union(*told.parameters.values())) - told.modules
    for name in told.mutated:
        for source in sources.get(name, set()) & named:
            sources.setdefault(source, set()).add(name)
    found, left = set(seeds), list(seeds)
    while left:
        more = sources.get(left.pop(), set()) - found
        found |= more
        left += more
    return found


@settings(max_examples=1000)
@given(told=TOLD, seeds=SEEDS)
def test_what_reaches_layers_is_what_the_rules_say(told: Told, seeds: frozenset[str]) -> None:
    told.parameters = copy.deepcopy(told.parameters)
    expected = one_by_one(told, seeds)
    assert told.reaching(seeds) == expected
