"""Complete models of real code beside what Keras makes of the same code: totals, trainable counts, output shapes.

    python bench/real.py DIR [DIR ...] [--seed 0] [--count 100] [--each 4] [--rebuild 250] [--python PYTHON]

Each directory is one repository. Of all places that construct a model, and where the source gives a complete one, a
seeded sample is drawn: files in a drawn order, of each at most ``--each`` places. Their programs (a file as a whole, or
a call of its builder with arguments that ``bench/calls.py`` draws) are run by ``kerlint introspect``'s worker, shut in,
without training and data, until ``--count`` places have been compared; those that cannot be run are listed with the
reason. ``--rebuild`` builds so many of the sample anew in Keras from kerlint's graphs: a check of what layers mean, not
of what the source says.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("linter", "rules")]

from calls import Place, calls, places  # noqa: E402
from corpus import candidates, made_at  # noqa: E402
from rebuilt import rebuilt  # noqa: E402
from sites import sites  # noqa: E402

from kerlint.cli.comparing import pairs  # noqa: E402
from kerlint.cli.flags import Flags  # noqa: E402
from kerlint.cli.sources import Sources  # noqa: E402
from kerlint.evaluate.run import evaluate  # noqa: E402
from kerlint.graph.facts import MODULE  # noqa: E402
from kerlint.graph.graph import Model  # noqa: E402
from kerlint.host.find import Interpreter, Search  # noqa: E402
from kerlint.host.worker import Limits  # noqa: E402
from kerlint.introspect.client import Introspection, NotIntrospected, Outcome, Wish  # noqa: E402
from kerlint.introspect.target import parse  # noqa: E402
from kerlint.report.comparison import Sizes, differences  # noqa: E402
from kerlint.text.document import Document  # noqa: E402

OF_KERAS = re.compile(r"(?i)keras|ImportError|AttributeError|not recognized|argument|deprecated|exit status")
LIMITS = Limits(memory=6 * 2**30)


@dataclass(frozen=True)
class Answer:
    """What came of one place: the target that was run, and each difference, or why it was not run."""

    place: Place
    target: str = ""
    models: int = 0
    differences: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def state(self) -> str:
        """ "equal", "different" or "not run"."""
        return "not run" if self.why_not else "different" if self.differences else "equal"


class Runs:
    """Programs that were run, each once."""

    def __init__(self, interpreter: Interpreter, seconds: float) -> None:
        self.interpreter, self.seconds = interpreter, seconds
        self.known: dict[tuple[str, int], Outcome | str] = {}

    def outcome(self, target: str, generation: int) -> Outcome | str:
        """What the worker described, or why there is nothing."""
        key = (target, generation)
        if key not in self.known:
            wish = Wish(generation, seconds=self.seconds, limits=LIMITS)
            with Introspection(self.interpreter, parse(target), wish) as one:
                try:
                    self.known[key] = one.outcome()
                except NotIntrospected as error:
                    self.known[key] = str(error)
        return self.known[key]

    def answer(self, place: Place) -> Answer:
        """The first of the place's targets that makes the model, compared."""
        whys = []
        document, symbolic, _ = _static(place)
        for expression in calls(place, document, symbolic):
            target = f"{place.path}:{expression}" if expression else place.path
            for generation in place.generations:
                outcome = self.outcome(target, generation)
                if isinstance(outcome, str):
                    whys.append(outcome)
                    if OF_KERAS.search(outcome):
                        continue
                    break  # another Keras would not help
                _, alone, roots = _static(place, generation)  # as the Keras that is run is said to be
                of_root = [m for m in alone if _is_root(roots[m], expression)]
                answer = _compared(place, target, outcome, of_root)
                if answer.models:
                    return answer
                whys.append(outcome.data["raised"] or "the run makes no model there")
        return Answer(
            place,
            why_not=" | ".join(dict.fromkeys(whys))
            if whys
            else "no arguments found with which the builder can be called",
        )


def _compared(place: Place, target: str, outcome: Outcome, symbolic: list[Model]) -> Answer:
    """Each real model of the place beside the source with this very call, and beside the source by itself."""
    sources = Sources(Flags([]), [place.path])
    found: list[str] = []
    number = 0
    try:
        for model, data, twins, _ in pairs(sources, outcome):
            if model.made_at != place.span or model.line != place.line:
                continue
            if (
                outcome.data["raised"] and not data["outputs"]
            ):  # it was waiting for what was refused: no shapes to compare
                return Answer(place, why_not=f"the run ends before the model is built: {outcome.data['raised']}")
            number += 1
            complete = [twin.model for twin in twins if twin.complete]
            called = [differences(one, outcome.data, data, model.graph, Sizes()) for one in complete]
            alone = [differences(one, outcome.data, data, model.graph, Sizes()) for one in symbolic]
            if not called and not alone:
                return Answer(place, why_not="the source is complete with other arguments only")
            said = [*min(called, key=len, default=[]), *min(alone, key=len, default=[])]
            found += [f"{model.name}: {one}" for one in dict.fromkeys(said)]
    except Exception as error:  # a crash is a difference: the others go on
        found.append(f"{type(error).__name__}: {error}")
        number = number or 1
    return Answer(place, target, number, tuple(found))


def _is_root(root: str, expression: str) -> bool:
    """Whether a run of the target starts where the evaluation did: with other arguments it is another model."""
    return root == MODULE if not expression else expression.startswith((f"{root}(", f"{root.partition('.')[0]}("))


def _static(place: Place, keras: int | None = None) -> tuple[Document, list[Model], dict[Model, str]]:
    """The complete models that the source alone gives there, and where evaluation of each starts."""
    document = Document.parse(Path(place.path).read_bytes(), place.path)
    assert isinstance(document, Document)
    from kerlint.imports import Imports

    evaluation = evaluate(document, load=Imports(), keras=keras)
    found = [m for m in made_at(sites(document), evaluation)[place.span] if m.graph.complete]
    return document, found, {m: c.root for c in evaluation.contexts for m in c.models}


def complete(roots: list[Path]) -> list[Place]:
    """Every place that gives a complete model."""
    with multiprocessing.Pool() as pool:
        return [place for some in pool.imap(places, candidates(roots), chunksize=8) for place in some]


def drawn(found: list[Place], random_: random.Random, each: int) -> list[Place]:
    """Files in a drawn order, of each a few drawn places: a program is run once for all of them."""
    files: dict[str, list[Place]] = {}
    for place in found:
        files.setdefault(place.path, []).append(place)
    paths = random_.sample(sorted(files), len(files))
    return [place for path in paths for place in random_.sample(files[path], min(each, len(files[path])))]


def main() -> None:
    """Draw, run, compare, print; 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--each", type=int, default=4)
    parser.add_argument("--rebuild", type=int, default=0)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    interpreter, why = Search(options.python).find()
    if interpreter is None:
        sys.exit(why)
    found = complete(options.roots)
    print(f"{len(found)} places give a complete model", flush=True)
    found = drawn(found, random.Random(options.seed), options.each)
    built = [(p, rebuilt(_static(p)[1][0])) for p in found[: options.rebuild]]
    answers: list[Answer] = []
    runs = Runs(interpreter, options.seconds)
    for place in found:
        if sum(a.state != "not run" for a in answers) >= options.count:
            break
        answers.append(runs.answer(place))
        _tell(answers[-1])
    _print(answers, built)
    if options.json:
        options.json.write_text("".join(json.dumps(_plain(a), sort_keys=True) + "\n" for a in answers))
    sys.exit(any(a.differences for a in answers) or any(said for _, said in built if isinstance(said, list)))


def _tell(answer: Answer) -> None:
    place = answer.place
    print(f"{answer.state}: {place.repository} {place.shown}: {answer.why_not or answer.target[-60:]}", flush=True)
    for said in answer.differences:
        print(f"    {said}", flush=True)


def _plain(answer: Answer) -> dict[str, Any]:
    place = answer.place
    row = {"repository": place.repository, "place": place.shown, "state": answer.state, "why_not": answer.why_not}
    return row | {"differences": answer.differences, "models": answer.models}


def _print(answers: list[Answer], built: list[tuple[Place, list[str] | str]]) -> None:
    states = Counter(a.state for a in answers)
    print(f"\ndrawn {len(answers)}: " + ", ".join(f"{n} {s}" for s, n in sorted(states.items())))
    print(f"real models compared: {sum(a.models for a in answers)}", end=" ")
    print(f"of {len({a.place.repository for a in answers if a.models})} repositories")
    reasons = Counter(re.sub(r"'[^']*'|\([^)]*\)|\d+", "·", a.why_not) for a in answers if a.why_not)
    print("\nnot run:")
    for reason, number in reasons.most_common():
        print(f"  {number:4}  {reason[:150]}")
    if built:
        equal = sum(said == [] for _, said in built)
        print(f"\nrebuilt in Keras from kerlint's graphs: {equal} of {len(built)} equal")
        for place, said in built:
            if said:
                print(f"  {place.repository} {place.shown}: {said if isinstance(said, str) else '; '.join(said)}")


if __name__ == "__main__":
    main()
