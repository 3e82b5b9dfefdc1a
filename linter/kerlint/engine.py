"""One document, checked: evaluate, ask the rules, merge what they say per place. Pure: no I/O, cannot fail."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kerlint.callers import evaluated, with_callers
from kerlint.evaluate.evidence import spoken, standalone, tests
from kerlint.evaluate.state import OTHER_FORMAT
from kerlint.fix.pair import first_changed
from kerlint.graph.answer import Alternative, Rewrite
from kerlint.graph.facts import ABOUT_LAYERS, MODULE, Context, Evaluation, Fact
from kerlint.graph.graph import Model, Node, Trace
from kerlint.graph.layer import Layer
from kerlint.merge import Hit, Options, findings_of
from kerlint.nesting import idle_layers, owners_of
from kerlint.outcome import Checked, NearMiss, Report, Silences
from kerlint.rule.attempt import Answered, attempt, line_of
from kerlint.rule.finding import Finding
from kerlint.rule.ignore import ignored, of_a_test
from kerlint.rule.match import Place, Recorded, Whole, places
from kerlint.rule.own import OWN
from kerlint.rule.rule import Rule
from kerlint.text.document import Document
from kerlint.text.span import Span
from kerlint.text.suppress import Suppressions

EITHER = "perhaps: nothing says where channels stand, and on the other side it does not hold"
COLOURS = (1, 3, 4)  # how many values a point of an image has
FORMAT = re.compile("data_format|dim_ordering|^channels_(?:first|last)$")
OTHER = "nothing says that the code is for Keras {0}: keras = {0} in the configuration or --select {1} does"
TURNED = {"ignored-argument": "ignored-otherwise", "used-argument": "used-argument"}
NOWHERE = Context(MODULE, (), (), Trace())  # of a fact about the text alone


def check(document: Document, rules: Sequence[Rule], options: Options | None = None) -> Report:
    """What the rules say of a document; what went wrong in kerlint itself is part of the report."""
    options = options or Options()
    ignores = Suppressions.of(document)
    if ignores.skip_file:
        return Report(document)
    try:
        given = {"load": options.load, "keras": options.keras, "data_format": options.data_format}
        evaluation = evaluated(document, evidence=spoken(document), **given)
        evaluation = options.real(document, evaluation.vetted()) if options.real else evaluation
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"
        return Report(document, failures=(said,))
    target = evaluation.target or 0  # the Keras that this code is for; what is selected by name speaks to any
    silent = [r for r in rules if (r.since or 0) > target and r.name not in options.selected]
    asked = _Asked(document, rules, options, silent)
    own, evaluation = evaluation, with_callers(document, evaluation, options)
    evaluation = replace(evaluation, contexts=(*evaluation.contexts, *_turned(document, own, options)))
    for context in evaluation.contexts:
        asked.foreign = context.foreign
        asked.context(context)
    asked.foreign = False
    _in_both_formats(asked, own)
    if asked.hits:
        reported, evaluation = len(evaluation.contexts), evaluation.vetted()
        for context in evaluation.contexts[reported:]:
            asked.context(context)
    asked.parse_errors(evaluation)
    found = findings_of(asked.hits, evaluation, options, asked.silences)
    kept = [f for f in found if not ignored(f, document, ignores)]
    kept = [f for f in kept if not asked.of_a_test(f)]
    if evaluation.problems:
        kept = [f.without_fix("a cell does not parse") for f in kept]
    else:  # what was not evaluated has no findings yet
        kept += _unused(ignores, rules, options)
    kept.sort(key=lambda finding: (finding.span, finding.rule.code))
    checked = [_with_fix(document, f, options) if options.fixes else Checked(f) for f in kept]
    evaluation = replace(evaluation, contexts=tuple(c for c in evaluation.contexts if not c.foreign))
    return Report(document, tuple(checked), tuple(asked.failures), evaluation, tuple(asked.misses))


def _turned(document: Document, evaluation: Evaluation, options: Options) -> Iterator[Context]:
    """What is ignored where channels stand on the other side, if the program asks on which: both arms are mended."""
    ignores = any(fact.kind == "ignored-argument" for context in evaluation.contexts for fact in context.facts)
    if ignores and "image_data_format" in document.words:
        for context in _otherwise(document, options).contexts:
            facts = (replace(f, kind=TURNED[f.kind]) for f in context.facts if f.kind in TURNED)
            yield Context(context.root, (), tuple(facts), Trace(), context.assumptions, foreign=True)


def _otherwise(document: Document, options: Options) -> Evaluation:
    """The document, where channels stand on the other side."""
    other = OTHER_FORMAT[options.data_format]
    return evaluated(document, load=options.load, keras=options.keras, data_format=other)


def _in_both_formats(asked: _Asked, own: Evaluation) -> None:
    """Leaves what holds wherever channels stand, if a file of the user may say that they stand first: in code of Keras
    1, in the beginning of which they did, that neither says where nor shows it; and in code for a Keras apart from
    TensorFlow that is refused where they stand last, and there alone. Where it is refused first alone, they do not.
    """
    document, options = asked.document, asked.options
    images = [m.graph.inputs[0].shape for c in own.contexts for m in c.models if m.graph.inputs]
    images = [shape for shape in images if isinstance(shape, tuple) and len(shape) > 3]
    shown = images and all(shape[-1] in COLOURS and shape[1] not in COLOURS for shape in images)
    met = (t.shape for c in own.contexts for n in c.trace.nodes for t in n.inputs)  # of series they stood last anyway
    shown = shown or not any(isinstance(shape, tuple) and len(shape) > 3 for shape in met)
    shown = shown or own.evidence > 1 or any(FORMAT.search(word) for word in document.words)
    mine = _refused(own)
    doubted = bool(mine) and own.evidence < 3 and standalone(document)
    if own.target or options.real or not asked.hits or (shown and not doubted):
        return
    other = _otherwise(document, options)
    theirs = _refused(other)
    if theirs > mine or (shown and not mine > theirs):
        return
    there = _Asked(document, asked.rules, options, ())
    for context in other.contexts:
        there.context(context)
    both = {(hit.rule.code, hit.span, hit.said.message) for hit in there.hits}
    for hit in [h for h in asked.hits if (h.rule.code, h.span, h.said.message) not in both]:
        asked.hits.remove(hit)
        asked.missed(hit.rule, EITHER, hit.asked)


def _refused(evaluation: Evaluation) -> set[Span]:
    """The places that Keras refuses."""
    return {fact.span for context in evaluation.contexts for fact in context.facts if fact.kind == "refused"}


class _Asked:
    """The answers of all rules in all contexts of one document."""

    def __init__(self, document: Document, rules: Sequence[Rule], options: Options, others: Sequence[Rule]) -> None:
        self.document, self.rules, self.options = document, rules, options
        self.others = frozenset(rule.name for rule in others)  # their code is for another Keras
        self.hits: list[Hit] = []
        self.misses: list[NearMiss] = []
        self.failures: list[str] = []
        self.frozen: frozenset[Layer] = frozenset()  # of the context that is asked about
        self.foreign = False  # whether it is that of another file: it only tells what is not known here
        self.silences = Silences()
        self.first: dict[str, list[Rule]] = {}  # by the class of the first layer
        for rule in rules:
            for kind in rule.on.kinds[0] if isinstance(rule.on, Place) else ():
                self.first.setdefault(kind, []).append(rule)
        self.whole = [(r, r.on.compiled) for r in rules if isinstance(r.on, Whole)]
        self.recorded = [r for r in rules if isinstance(r.on, Recorded)]

    def context(self, context: Context) -> None:
        """Ask every rule about every place, model and fact of one context."""
        owners = owners_of(context.models)
        self.frozen = frozenset().union(idle_layers(context.trace.nodes), *(m.graph.frozen for m in context.models))
        for node in (n for n in context.trace.nodes if n.refused is None and n not in context.unbuilt):
            for rule in self.first.get(node.kind, ()):
                assert isinstance(rule.on, Place)
                for nodes in places(rule.on, node, context.trace):
                    self._ask(rule, nodes, nodes, context, owners.get(node), nodes[0].layer.made_at)
        nodes_of = {m: frozenset(m.graph.nodes) for m in context.models}
        # A part of another model of the run: an encoder, the features of a layer.
        parts = {m for m, own in nodes_of.items() if any(own < others for others in nodes_of.values())}
        for model in context.models if not context.generic else ():
            compiled = model.graph.compile
            for rule, only_compiled in self.whole:
                if compiled is not None or not (only_compiled or model in parts):
                    span = model.made_at if compiled is None else compiled.span
                    subjects = model.graph.objectives if only_compiled else (model.graph,)
                    for subject in subjects:
                        self._ask(rule, (subject,), (), context, model, span)
                    if not subjects:
                        self.missed(rule, "the program does not train this model", span)
        for fact in (f for f in context.facts if not context.generic or f.kind in ABOUT_LAYERS):
            for rule in self.recorded:
                assert isinstance(rule.on, Recorded)
                if fact.kind in rule.on.kinds:
                    owner = owners.get(fact.nodes[0]) if fact.nodes else None
                    self._ask(rule, (fact,), fact.nodes, context, owner, fact.span)

    def parse_errors(self, evaluation: Evaluation) -> None:
        """What does not parse is a finding like others."""
        for problem in evaluation.problems:
            fact = Fact("parse-error", problem.span, data={"message": problem.reason})
            self._ask(OWN[0], (fact,), (), NOWHERE, None, problem.span)

    def _ask(
        self,
        rule: Rule,
        subject: Sequence[object],
        nodes: tuple[Node, ...],
        context: Context,
        model: Model | None,
        span: object,
    ) -> None:
        whole, path = isinstance(rule.on, Whole), self.document.path
        if not isinstance(span, Span) or (span.path != path and not whole):
            return  # made by another file, which is checked by itself
        if rule.name in self.others:
            if not context.generic:
                self.missed(rule, OTHER.format(rule.since, rule.code), span)
            return
        try:
            options = self.options.rules.get(rule.name, {})
            result = attempt(rule, subject, nodes, context.trace, options, self.frozen)
        except Exception as error:
            said = f"{rule.code} {rule.name}: {type(error).__name__}: {error} ({line_of(rule, error)})"
            self.failures.append(said)
            return
        if isinstance(result, Answered):
            if self.foreign and (rule.code, span) in self.silences.own:
                return
            place = span if isinstance(rule.on, Recorded) else _changed(result) or span
            changes = isinstance(result.answer, (Rewrite, Alternative))
            if (place if whole and changes else span).path != path:
                return  # so is the layer that would change, whichever file compiles it
            fact = subject[0]
            ends = (id(context), fact.program) if isinstance(fact, Fact) and fact.kind == "refused" else None
            self.hits.append(Hit(rule, result, context, model, place if place.path == path else span, span, ends))
        elif context.generic:
            self.silences.generic.setdefault((rule.code, span), result)
        else:
            self.missed(rule, result, span)

    def of_a_test(self, finding: Finding) -> bool:
        """Whether a test builds it; whoever asks is told."""
        within, rule = of_a_test(finding, tests(self.document), self.options.selected), finding.rule
        if within:
            self.missed(rule, f"a test builds it; --select {rule.code} asks for it there, too", finding.span)
        return within

    def missed(self, rule: Rule, reason: str, span: object) -> None:
        """A rule that is silent here, for whoever asks why."""
        if isinstance(span, Span):
            self.silences.add((rule.code, span), reason, foreign=self.foreign)
        if self.options.why and isinstance(span, Span) and span.path == self.document.path:
            line, _ = self.document.lines(span.cell).position(span.start)
            self.misses.append(NearMiss(rule.code, rule.name, line, reason))


def _changed(said: Answered) -> Span | None:
    """Where the first layer is made that would change, if that is known."""
    first = said.nodes[0] if said.nodes else None
    if isinstance(said.answer, (Rewrite, Alternative)):
        first = first_changed(said.answer)
    place = first.layer.made_at if first is not None else None
    return place if isinstance(place, Span) else None


def _unused(ignores: Suppressions, rules: Sequence[Rule], options: Options) -> Iterator[Finding]:
    """KER001 for each ignore that met no finding, as far as the rules it names were asked, or are none."""
    if OWN[1] not in rules:
        return
    asked = [word for rule in rules for word in rule.words]
    for span, comment in ignores.unused(asked, blanket=not options.partly, existing=options.existing):
        fact = Fact("unused-ignore", span, data={"comment": comment})
        result = attempt(OWN[1], (fact,), (), NOWHERE.trace, {})
        assert isinstance(result, Answered)
        yield from findings_of([Hit(OWN[1], result, NOWHERE, None, span, span)], Evaluation(), Options(), Silences())


def _with_fix(document: Document, finding: Finding, options: Options) -> Checked:
    if finding.applicability is None:
        return Checked(finding)
    from kerlint.edits import with_fix  # loads libcst: only for a run that has something to report

    return with_fix(document, finding, options)
