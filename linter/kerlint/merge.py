"""What rules said in all contexts, merged into one finding per rule and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kerlint.fix.pair import only_goes, weightless
from kerlint.graph.answer import Alternative, Respelling, Rewrite
from kerlint.graph.facts import ABOUT_GRAPHS, Context, Evaluation, by_default, outgrown, taken_elsewhere
from kerlint.graph.graph import Graph, Model, Node, Tensor, on_others
from kerlint.graph.layer import Unknown
from kerlint.layers.nested import NESTED
from kerlint.nesting import circumstances, enclosing, named_twice
from kerlint.outcome import Silences
from kerlint.rule.attempt import Answered
from kerlint.rule.finding import Finding, Impact, counts_of, impact_of, total_of
from kerlint.rule.match import Place, Recorded
from kerlint.rule.rule import Equivalence, Rule
from kerlint.text.document import Document
from kerlint.text.edit import Applicability
from kerlint.text.span import Span


@dataclass(frozen=True)
class Options:
    """What a run asks for, from the command line and the configuration."""

    keras: int | None = None  # the major version the code targets; None: from its own evidence
    data_format: str = "channels_last"
    rules: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # options by rule name
    safe: frozenset[str] = frozenset()  # extend-safe-fixes, rule names
    unsafe: frozenset[str] = frozenset()  # extend-unsafe-fixes
    selected: frozenset[str] = frozenset()  # rules that were asked for by name, code or a family's code
    existing: frozenset[str] = frozenset()  # what all rules are called, if all are known: an ignore may name no other
    why: bool = False  # keep near misses
    partly: bool = False  # only some of the configured rules are asked: an ignore of all of them may serve the rest
    fixes: bool = True  # work out the edits
    load: Callable[[str, str], Document | None] | None = None  # another file of the project
    callers: Callable[[Document], Iterable[Document | str]] | None = None  # that import this one; then why not all
    real: Callable[[Document, Evaluation], Evaluation] | None = None  # adds what runs of the program showed


@dataclass(frozen=True, eq=False)
class Hit:
    """One answer of one rule at one place in one context."""

    rule: Rule
    said: Answered
    context: Context
    model: Model | None
    span: Span
    asked: Span  # where the rule was asked: at the last of several layers, of which the first one changes
    ends: tuple[int, object] | None = None  # the context, and the program that Keras ends there: nothing follows


def findings_of(hits: Sequence[Hit], evaluation: Evaluation, options: Options, silences: Silences) -> list[Finding]:
    """One finding per rule and place, from the contexts that are reported."""
    groups: dict[tuple[str, Span], list[Hit]] = {}
    for hit in hits:
        groups.setdefault((hit.rule.code, hit.span), []).append(hit)
    reached, taken = _Reached(evaluation, silences), taken_elsewhere(evaluation)
    found, ended = [], set[object]()
    for group in groups.values():
        reported = [h for h in group if not h.context.generic]
        ends, asked = {h.ends for h in reported} - {None}, group[0].asked
        otherwise_there = asked in taken if ends else (group[0].rule.code, asked) in silences.foreign
        if otherwise_there and by_default([hit.context for hit in reported], evaluation):
            continue
        if ends and ends <= ended:
            continue  # nobody gets there: it is refused further up, perhaps for the same reason
        if reported and _certain(reported, evaluation) and not _needed(reported, reached):
            ended |= ends
            generic = _holds([h for h in group if h.context.generic])
            found.append(_finding(reported, generic, group, reached, evaluation, options))
    return found


def _certain(hits: Sequence[Hit], evaluation: Evaluation) -> bool:
    """Whether it is anybody's; from a fact about graphs, however the undecided conditions of its root turn out."""
    rule = hits[0].rule
    if not isinstance(rule.on, Recorded) or not rule.on.kinds & ABOUT_GRAPHS:
        there = (c for c in evaluation.contexts if not c.generic and hits[0].span in _places(c.trace.nodes))
        return not outgrown([hit.context for hit in hits], there)
    held, (explored, met) = {id(hit.context) for hit in hits}, evaluation.decisions
    if explored < met and all(hit.context.chosen for hit in hits):
        return False  # with another word than these, something else may be built
    return any(
        all(id(c) in held for c in evaluation.contexts if c.root == root and not c.generic)
        for root in {hit.context.root for hit in hits}
    )


def _needed(hits: Sequence[Hit], reached: _Reached) -> bool:
    """Whether others that reach the line need what should only go, or become another layer without weights."""
    if hits[0].span in reached.used:
        return True
    first, holds, made = hits[0], _holds(hits), reached.reported[hits[0].span]
    rounds = sum(first.model is not None and m.made_at == first.model.made_at for m in first.context.models)
    passing = first.said.hint and reached.contexts[first.span] == 1 and holds * 4 <= rounds  # models of all lengths
    return bool(passing) or (holds < made and all(only_goes(h.said.answer) or weightless(h.said.answer) for h in hits))


def _holds(hits: Sequence[Hit]) -> int:
    """Of how many layers made at the place the hits speak: one of them speaks of all that a loop puts in a row."""
    regions = [hit.said.answer.old if isinstance(hit.said.answer, Rewrite) else () for hit in hits]
    return sum(max(1, sum(node.layer.made_at == hits[0].span for node in region)) for region in regions)


class _Reached:
    """How often each constructor call was reached, in reported and in generic contexts."""

    def __init__(self, evaluation: Evaluation, silences: Silences) -> None:
        self.silences = silences
        self.reported: Counter[object] = Counter()
        self.generic: Counter[object] = Counter()
        self.contexts: Counter[object] = Counter()  # how many of them, however often
        self.source: set[object] = set()  # what is not only known from a run
        self.here: set[object] = set()  # what this file itself applies
        self.open = {context.root for context in evaluation.contexts if context.generic}  # called with whatever it be
        self.used = {f.span for c in evaluation.contexts for f in c.facts if f.kind == "used-argument"}
        for context in evaluation.contexts:
            built = [n for n in context.trace.nodes if n not in context.unbuilt]
            followed = _places(n for n in context.trace.nodes if n.kind != "opaque")
            if context.generic:
                self.generic.update(followed)
            else:
                self.reported.update(_places(built))
                self.contexts.update(set(_places(built)))
            if not context.real:
                self.source.update(followed)
            if not context.foreign:
                self.here.update(followed)

    def assumed(self, hits: Sequence[Hit], evaluation: Evaluation, *, some: bool) -> tuple[str, ...]:
        """The assumptions of the first hit, if under others something else is counted there, or in its model.

        ``some``: it does not hold under all of them. Then what those share under which it does is told otherwise, and
        not all that reach the place: the rest makes no difference to it.
        """
        first, model = hits[0].context, hits[0].model
        place = model.made_at if model and total_of(model.graph) is not None else None  # else no total is told
        given = {id(hit.context): hit.context for hit in hits}.values() if some else evaluation.contexts
        runs = [c for c in given if c.root == first.root and not c.generic] if first.assumptions else []
        totals = ([total_of(m.graph) for m in run.models if m.made_at == place] for run in runs)
        counts = ([counts_of(hit.said.nodes)[0] for hit in hits if hit.context is run] for run in runs)
        known = ({tuple(one) for one in figures if one and None not in one} for figures in (totals, counts))
        if any(len(different) > 1 for different in known):
            return first.assumptions
        shared = [a for a in first.assumptions if some and all(a in run.assumptions for run in given)]
        there = [c for c in evaluation.contexts if shared and not c.generic and hits[0].span in _places(c.trace.nodes)]
        there = [c for c in there if c.root == first.root]
        return tuple(a for a in shared if not all(a in context.assumptions for context in there))

    def defaults(self, hits: Sequence[Hit]) -> Iterator[str]:
        """The functions whose defaults advice rests on: nobody calls them, and with other arguments it may not hold."""
        roots = dict.fromkeys(hit.context.root for hit in hits)
        advice = not isinstance(hits[0].said.answer, (Rewrite, Respelling))
        if advice and roots.keys() <= self.open and (hits[0].rule.code, hits[0].asked) in self.silences.generic:
            yield from (f"with the defaults of {root}()" for root in roots)


def _places(nodes: Iterable[Node]) -> list[object]:
    return [layer.made_at for layer in dict.fromkeys(node.layer for node in nodes)]


ONLY_RUN = "only the run shows this layer: the source is not followed up to it"


def _finding(
    reported: list[Hit], generic: int, group: list[Hit], reached: _Reached, evaluation: Evaluation, options: Options
) -> Finding:
    first = reported[0]
    placed = isinstance(first.rule.on, Place) or isinstance(first.said.answer, Rewrite)
    holds = _holds(reported) if placed else len({id(hit.context) for hit in reported})
    spelled = isinstance(first.said.answer, Respelling)  # of words: whatever is assumed
    contexts = holds if spelled else max((reached.reported if placed else reached.contexts)[first.span], holds)
    shared = any(first.span.within(home) for home in evaluation.shared)  # whose callers decide something about it
    shared |= first.span not in reached.here  # others apply what is made here, each as it likes
    missing = placed and (reached.generic[first.span] > generic or (not generic and shared))
    unseen = placed and first.context.real and first.span not in reached.source
    elsewhere = [reason for h in group if h.context.generic and h.said.answer is None for reason in h.said.reasons]
    asked = (first.rule.code, first.asked)
    why = reached.silences.generic.get(asked, "").replace("perhaps: ", "perhaps ").partition(": ")[0]
    why = "" if why.startswith("perhaps opaque") else why  # no name of the program's
    comes = f"what makes it so comes in through a parameter{f' (for another caller {why})' if why else ''}"
    comes = comes if reached.generic[first.span] else "whether others apply the layer, and to what, is not known"
    others = [f"holds in {holds} of {contexts} contexts{reached.silences.rest(asked)}"] if holds < contexts else []
    others += [f"it holds for these callers: {comes}"] if missing else []
    others += [ONLY_RUN] if unseen else []
    others += [f"for other callers: {reason}" for reason in elsewhere]
    applicability, reasons = _applicability(reported, others, evaluation, options)
    nodes, dead, impact = first.said.nodes, first.said.dead, Impact()
    if first.context.trace.first.isdisjoint(nodes):
        impact = impact_of(first.said.answer, nodes, first.model, _together(reported))
    else:  # of another round, which has other figures
        lost = Tensor(Unknown("the input", "it is another one in each round of a loop"))
        nodes, dead = tuple(on_others(node, lambda _: lost) for node in nodes), 0
    return Finding(
        rule=first.rule, span=first.span, message=first.said.message, nodes=nodes, model=first.model,
        answer=first.said.answer, impact=impact, dead=dead,
        no_fix=reasons, applicability=applicability,
        agreeing=tuple((h.said.answer, _graph(h)) for h in group if h.said.answer is not None), holds_in=holds,
        contexts=contexts,
        assumptions=(*reached.assumed(reported, evaluation, some=contexts > holds), *reached.defaults(reported)),
        hint=first.said.hint,
    )  # fmt: skip


def _together(hits: Sequence[Hit]) -> list[Rewrite | Alternative]:
    """What one edit of the line does to the first hit's model: a loop, or a helper, makes many layers there."""
    found: dict[Node, Rewrite | Alternative] = {}
    for hit in hits:
        answer = hit.said.answer
        same_model = hit.model is hits[0].model and hit.context is hits[0].context
        if same_model and isinstance(answer, (Rewrite, Alternative)) and found.keys().isdisjoint(answer.old):
            found |= dict.fromkeys(answer.old, answer)
    return list(dict.fromkeys(found.values()))


def _graph(hit: Hit) -> Graph:
    """The graph that the hit is part of: its model's, or all that the run made."""
    return hit.model.graph if hit.model else Graph(hit.context.trace.nodes, (), (), trace=hit.context.trace)


SAFE = {Equivalence.IDENTICAL, Equivalence.SAME_TRAINING}


def _applicability(
    hits: list[Hit], others: Sequence[str], evaluation: Evaluation, options: Options
) -> tuple[Applicability | None, tuple[str, ...]]:
    """How the fix may be applied, and why not better; None and the reasons where there is no fix."""
    rule, answer = hits[0].rule, hits[0].said.answer
    if answer is None or not isinstance(answer, (Rewrite, Respelling)):
        return None, (*hits[0].said.reasons, *(_relied(hits[0], evaluation) if answer is None else ()))
    withheld = [reason for hit in hits for reason in hit.said.reasons]
    around = {trace: enclosing(trace.nodes) for trace in dict.fromkeys(hit.context.trace for hit in hits)}
    for hit in hits:
        models = around[hit.context.trace]
        withheld += [why for node in hit.said.nodes for why in circumstances(node, models, hit.said.answer)]
        withheld += named_twice(hit.said.answer, hit.context.trace)
    withheld += others
    if withheld:
        withheld += _relied(hits[0], evaluation) if isinstance(answer, Rewrite) else ()  # for who writes it by hand
        return None, tuple(dict.fromkeys(withheld))
    reasons = [r for hit in hits for r in _lowering(hit, evaluation)]
    outer = [o.layer for hit in hits for node in hit.said.nodes for o in around[hit.context.trace].get(node, ())]
    own = [layer.kind for layer in outer if "graph" in layer.config and layer.spec is not NESTED]
    reasons += [f"another program may give {kind} something else" for kind in own]
    lowered = tuple(dict.fromkeys(reasons))
    level = Applicability.SAFE if rule.equivalence in SAFE and not lowered else Applicability.UNSAFE
    if rule.name in options.safe:
        level = Applicability.SAFE
    if rule.name in options.unsafe:
        level = Applicability.UNSAFE
    return level, lowered


def _lowering(hit: Hit, evaluation: Evaluation) -> Iterator[str]:
    """Why a fix that its level calls safe is not (RULES.md, Levels)."""
    answer = hit.said.answer
    yield from hit.said.doubts
    if not isinstance(answer, Rewrite):
        return
    if hit.said.hint:
        yield f"it could bury a mistake: {hit.said.hint}"
    yield from _relied(hit, evaluation)
    if evaluation.evidence < 2 and evaluation.target is None and hit.rule.since is None and answer.new_nodes:
        yield "the file has words of Keras 1, and the fix is written for Keras 2 and 3"
    kept = {n.layer.name for n in answer.new_nodes if n.layer.named}
    for node in answer.old:
        if node.layer.named and node.layer.name not in kept:
            yield f"the layer named {node.layer.name!r} would be gone"
        if node.layer in hit.context.trace.held:
            yield f"the program uses {node.layer.name if node.layer.named else node.kind} again after building it"
    yield from evaluation.doubts


def _relied(hit: Hit, evaluation: Evaluation) -> list[str]:
    """What counts on the layers being those that are written, here or in another file, and what may do so unseen."""
    where: dict[object, dict[str, None]] = {}
    for fact in (f for context in evaluation.contexts for f in context.facts if f.kind == "relies-on-structure"):
        where.setdefault(fact.data.get("what", ""), {})[fact.span.path] = None
    if weightless(hit.said.answer):
        where.pop("get_weights", None)  # their list stays as it is
    said = [f"{_who(list(paths), hit.span.path)} on the structure: {what}" for what, paths in where.items()]
    explored, met = evaluation.decisions
    more = f"{explored} of {met} decisions explored: with another outcome of the rest, something else may be built"
    return [*said, more] if explored < met else said


def _who(paths: Sequence[str], here: str) -> str:
    """Which of the files rely, in few words: this one alone is enough."""
    others = f" and {len(paths) - 1} more rely" if len(paths) > 1 else " relies"
    return "the document relies" if here in paths else f"{paths[0]}{others}"
