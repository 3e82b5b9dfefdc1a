"""The state of one run: budget, assumptions, Keras's global settings, and everything that is recorded."""

from __future__ import annotations

import ast
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kerlint.evaluate.asked import Asked, Decisions
from kerlint.evaluate.names import Frame
from kerlint.evaluate.registry import snake
from kerlint.evaluate.values import Call, Class, Function, Instance, ModelValue, Module, Open, Value, short_key
from kerlint.graph.facts import Fact
from kerlint.graph.graph import Graph, Node, Tensor, Unresolved
from kerlint.graph.layer import Layer
from kerlint.text.document import Document

STEPS = 200_000  # statements and expressions of one run, names and constants apart
CALLS = 90  # depth of calls of the program's own functions
SECONDS = 5.0  # of this thread's own time, for all runs of one document: the machine's load changes no result
CONTAINER = 20_000  # elements of a list, characters of a string
BITS = 2_048  # of an integer
NODES = 8_000  # applications of layers in one run
QUESTIONS = 60  # different questions that one run asks
PARAMETER = "a parameter of"  # why a value is not known that a caller gives
OTHER_FORMAT = {"channels_first": "channels_last", "channels_last": "channels_first"}


class Exhausted(Exception):
    """The budget is spent."""


class TooLarge(Exception):
    """One result does not fit the budget: it is not computed, and not known."""


class TooDeep(Exception):
    """Calls are nested too deeply: nothing is known of the first of those of the function that is called most."""

    def __init__(self, calls: list[Function]) -> None:
        super().__init__(f"calls are nested more than {CALLS} deep")
        self.node = Counter(function.node for function in calls).most_common(1)[0][0]


class Raised(Exception):
    """The program raises: ``kind`` names Python's class of that, or is the program's, where it is known."""

    def __init__(self, why: str, kind: Class | str = "") -> None:
        super().__init__(why)
        self.kind = kind


class Stopped(Exception):
    """The program ends itself (``sys.exit()``)."""


@dataclass
class Budget:
    """Shared by all runs of one document."""

    seconds: float = field(default_factory=lambda: SECONDS)  # what is left while nothing runs
    deadline: float = 0.0
    steps: int = STEPS
    matters: dict[tuple[int, int], bool] = field(default_factory=dict)  # decisions, by the files read and their node
    parsed: dict[str, Document] = field(default_factory=dict)  # the files that were read, by path
    overridden: frozenset[str] = frozenset()  # what functions read, and other files set before they call them
    followed: set[int] = field(default_factory=set)  # where attributes are set, by the node: some run came there
    waiting: list[Any] = field(default_factory=list)  # generators that have given a part of what they give

    def begin(self) -> None:
        """From here on its time runs, which is this thread's own."""
        self.deadline = time.thread_time() + self.seconds

    def end(self) -> None:
        """Its time stands still."""
        self.seconds = self.deadline - time.thread_time()

    def over(self) -> bool:
        """Whether the time is up."""
        return time.thread_time() > self.deadline


@dataclass(slots=True, eq=False)
class Loop:
    """A loop over something unknown, while it runs."""

    place: Unresolved
    carries: bool = False  # tensors or models, from one round to the next


@dataclass(eq=False)
class Run:
    """One evaluation of one root."""

    budget: Budget
    load: Callable[[str, str], Document | None] | None
    keras: int | None
    data_format: str
    # Expressions, statements and calls reach each other through the run: no import goes in a circle.
    evaluate: Callable[[Run, Any, Frame], Value]
    execute: Callable[[Run, Any, Frame], Any]
    apply: Callable[[Run, Value, Call], Value]
    as_layer: Callable[[Run, ModelValue], Layer]
    floatx: str = "float32"
    policy: Value = None  # the global dtype policy, if one is set
    decisions: Decisions = field(default_factory=Decisions)
    steps: int = 0
    calls: list[Function] = field(default_factory=list)
    pinned: dict[str, Value] = field(default_factory=dict)  # unknown values that an assumption made known
    versions: Counter[str] = field(default_factory=Counter)
    ordinals: Counter[str] = field(default_factory=Counter)
    numbers: dict[int, tuple[Value, int]] = field(default_factory=dict)  # of objects, by id
    layer_names: Counter[str] = field(default_factory=Counter)
    nodes: list[Node] = field(default_factory=list)
    inner: list[Graph] = field(default_factory=list)  # what the program's own layers are made of
    models: list[ModelValue] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    frozen: dict[object, Value] = field(default_factory=dict)  # layer or model -> trainable as assigned
    perhaps: dict[Any, None] = field(default_factory=dict)  # layers of which the program picks some, unknown which
    given: dict[object, bool] = field(default_factory=dict)  # layer or model -> its weights are set by hand, not learnt
    stored: dict[str, Any] = field(default_factory=dict)  # by path or text: a saved model as it was then, an argument
    escaped: dict[object, Unresolved] = field(default_factory=dict)
    held: dict[object, None] = field(default_factory=dict)
    returned: list[Tensor] = field(default_factory=list)  # by the root, to a caller that is not known
    skipped: list[Tensor] = field(default_factory=list)  # what a branch would have taken, under another condition
    tensors: dict[str, Tensor] = field(default_factory=dict)  # unknown values that were used as tensors
    modules: dict[str, Module] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)  # keys of parameters without a default
    whole: set[str] = field(default_factory=set)  # keys of attributes that are integers
    searched: list[str] = field(default_factory=list)  # what the program adds to sys.path
    marks: tuple[Loop, ...] = ()  # loops over something unknown around this point
    marked: dict[object, tuple[Loop, ...]] = field(default_factory=dict)  # of layers and nodes that were made there
    born: dict[int, tuple[Any, tuple[Loop, ...]]] = field(default_factory=dict)  # made in such a loop, by id
    touched: dict[tuple[int, Value], Any] = field(default_factory=dict)  # changed in place in such a loop, and where
    loop_nodes: list[Any] = field(default_factory=list)  # loops that are running
    rounds: set[Node] = field(default_factory=set)  # of the first round of a loop, of which each takes another shape
    defined: dict[int, Function] = field(default_factory=dict)  # functions by their node
    trees: dict[int, list[Any]] = field(default_factory=dict)  # syntax trees of a module's cells, by its frame
    called: set[object] = field(default_factory=set)  # keys of functions that were called (roots.key_of)
    spoiled: list[Unresolved] = field(default_factory=list)  # what makes everything after it uncertain
    patched: dict[str, Value] = field(default_factory=dict)  # what the program assigned to names of Keras
    tracked: dict[int, tuple[Any, Any]] = field(default_factory=dict)  # what Keras looked into, and if it goes on
    promised: set[object] = field(default_factory=set)  # models that build() has built, for Keras 2
    moody: set[object] = field(default_factory=set)  # layers and models that build other layers where they train
    late: list[Any] = field(default_factory=list)  # what came there and Keras did not see
    lines: dict[object, int] = field(default_factory=dict)  # of nodes and layers
    made_by: dict[Layer, Call] = field(default_factory=dict)  # layers that the program makes, and the call
    within: dict[object, tuple[Function, ...]] = field(default_factory=dict)
    opaque: dict[Node, Unresolved] = field(default_factory=dict)
    keywords: dict[Layer, dict[str, Any]] = field(default_factory=dict)  # input shapes as they were written
    twins: set[object] = field(default_factory=set)  # layers and models that were copied, and their copies
    customs: dict[Layer, Instance] = field(default_factory=dict)  # the program's own layers, once they are applied
    first: dict[Layer, Node] = field(default_factory=dict)  # where each layer was applied first: it is built there
    applied: set[Layer] = field(default_factory=set)  # layers that are built: applied, or within one that is
    unsure: set[Layer] = field(default_factory=set)  # layers with arguments that are not known
    nested: dict[Layer, ModelValue] = field(default_factory=dict)  # models as layers
    anew: set[object] = field(default_factory=set)  # layers that call() makes, or that its object does not hold
    evidence: int = 3  # the major version of Keras that the code speaks
    raised: bool = False  # it ended in an exception of the program
    at: tuple[ast.stmt, Frame] | None = None  # the statement that is evaluated
    preference: bool | None = None  # how the condition should come out that is evaluated
    trying: list[Any] = field(default_factory=list)  # bodies of try statements around what is evaluated
    standalone: bool = False  # it imports keras, not tensorflow.keras: that was Keras 1 and 2 as well
    generic: bool = False  # nothing is known of the root's parameters
    certain: int = 1  # no Keras before this one: which version the code is for is a guess otherwise

    def tick(self) -> None:
        """Counts one step. Exhausted when there are too many, or the time is up."""
        self.steps += 1
        if not self.steps & 255:
            self.budget.steps -= 256
            if self.budget.steps < 0:
                raise Exhausted(f"evaluation takes more than {STEPS} steps")
            if self.budget.over():
                raise Exhausted(f"evaluation takes longer than {SECONDS:g} s")

    # --- unknown values

    def fresh(self, key: str, text: str, why: str, *of: Value) -> Open:
        """An unknown value of its own: equal to no other; perhaps one, or a part, ``of`` these."""
        self.ordinals[key] += 1
        return Open(short_key(f"{key}~{self.ordinals[key]}"), text, why, lent=of)

    def lost(self, key: str, node: Any, frame: Frame, why: str) -> Open:
        """What an expression gives, where that is not known: by its own text, with its line behind the reason."""
        return self.fresh(key, frame.source.text(node), f"{why} (line {node.lineno})")

    def key(self, value: Open) -> str:
        """The key of an unknown value in its current version."""
        version = self.versions.get(value.key, 0)
        return f"{value.key}#{version}" if version else value.key

    def number(self, value: Value, *, anew: bool = False) -> int:
        """Which object it is, or has become: no two of them are the same unknown value."""
        if anew or id(value) not in self.numbers:
            self.ordinals["object"] += 1
            self.numbers[id(value)] = (value, self.ordinals["object"])
        return self.numbers[id(value)][1]

    def changed(self, value: Open) -> None:
        """A method was called on an unknown value, or unknown code got it: from now on it is another one."""
        self.versions[value.key] += 1
        key = value.key
        while (cut := max(key.rfind("."), key.rfind("["))) > 0:
            key = key[:cut]
            self.versions[key] += 1

    # --- assumptions

    def assume(self, value: str, question: str, says: str, default: bool = True) -> bool:
        """Whether it is so: one decision for each unknown value, by its key, and question."""
        key, made, preference = (value, question), self.decisions.made, self.preference
        wanted = default if preference is None else preference
        if key not in made and len(made) >= QUESTIONS:
            self.decisions.beyond.update(self._asked())
            return wanted
        if key not in made:
            made[key] = self.decisions.forced.get(key, wanted)
            self.decisions.texts[key] = says
            self.decisions.asked[key] = {}
        self.hang(value, question)
        return made[key]

    def hang(self, value: str, *questions: str) -> None:
        """What the statement that runs does, hangs on the answers to these."""
        for question in questions:
            if self.at is None or type(self.at[0]) is not ast.Assert:  # what is asserted is never otherwise
                self.decisions.asked[value, question].update(self._asked())

    def _asked(self) -> dict[int, Asked | None]:
        loop = self.loop_nodes[-1] if self.loop_nodes else None
        return {0: None} if self.at is None else {id(self.at[0]): Asked(*self.at, loop)}

    @contextmanager
    def preferring(self, side: bool | None) -> Iterator[None]:
        """Within: undecided questions are answered so that the condition comes out as ``side``."""
        before, self.preference = self.preference, side
        try:
            yield
        finally:
            self.preference = before

    # --- what is recorded

    def fact(self, kind: str, span: Any, nodes: tuple[Node, ...] = (), **data: Any) -> None:
        """Records a fact for the rules."""
        self.facts.append(Fact(kind, span, nodes, data, self.calls[0].node if self.calls else span.cell))

    def unresolved(self, frame: Frame, node: Any, reason: str) -> Unresolved:
        """Something that is not understood, at its place."""
        return Unresolved(frame.source.span(node), node.lineno, reason)

    def layer_name(self, kind: str) -> str:
        """The name that Keras 3 generates: snake case with a counter."""
        base = snake(kind)
        count = self.layer_names[base]
        self.layer_names[base] += 1
        return f"{base}_{count}" if count else base

    def add_node(self, node: Node, line: int) -> None:
        """Keeps a node, with its line and the loops it was made in."""
        self.nodes.append(node)
        self.lines[node], self.within[node] = line, tuple(self.calls)
        if len(self.nodes) > NODES:
            raise Exhausted(f"more than {NODES} layers are applied")
        if self.marks:
            self.marked[node] = self.marks

    def made_so_far(self) -> tuple[int, int]:
        """How many layers were applied, and made: a later call that gives the same says that nothing was built."""
        return len(self.nodes), len(self.made_by)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Within: what is made is no part of a model, nor a fact, and takes no name."""
        nodes, facts, names = len(self.nodes), len(self.facts), self.layer_names.copy()
        first, lost = self.first.copy(), self.opaque.copy()
        try:
            yield
        finally:
            del self.nodes[nodes:], self.facts[facts:]
            self.layer_names, self.first, self.opaque = names, first, lost

    def fails(self, why: Exception) -> None:
        """Python refuses this on values that are known: where the program waits for that, it happens."""
        if any(attempt.awaits(type(why).__name__) for attempt in self.trying):
            raise Raised(str(why), type(why).__name__)
