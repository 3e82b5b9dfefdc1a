"""Every fix of files proved twice: what holds, what does not run and why, how long it takes.

    PYTHONPATH=linter:rules python bench/proofs.py FILE_OR_DIR ... [--python PYTHON] [--json FILE] [--seconds 60]

All rules are asked, also those that are off, and all their fixes are proved, safe or not. The second run has the
cache of the first: it must prove as much, start no worker, and no framework may be in this process. ``--python`` is
the interpreter that proves; its Keras backend is chosen as Keras does it, by KERAS_BACKEND. Exit status: 1 if a proof
is refuted, or the second run is another one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import MARKS

from kerlint.edits import distinct
from kerlint.engine import check
from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph
from kerlint.host.find import Search
from kerlint.imports import Imports
from kerlint.merge import Options
from kerlint.prove.cache import Cache
from kerlint.prove.client import Prover
from kerlint.prove.proof import Proof
from kerlint.rule.load import load
from kerlint.text.document import Document

FRAMEWORKS = ("keras", "tf_keras", "tensorflow", "torch", "jax", "numpy")


@dataclass(frozen=True)
class Claim:
    """The rewrites of one finding's fix, one for each kind of context."""

    place: str
    code: str
    level: str
    rewrites: tuple[tuple[Rewrite, Graph], ...]


def files(roots: Sequence[Path]) -> Iterator[Path]:
    """Every file that names Keras."""
    for root in roots:
        found = sorted(root.rglob("*")) if root.is_dir() else [root]
        for path in found:
            if path.suffix in (".py", ".ipynb") and path.is_file() and any(m in path.read_bytes() for m in MARKS):
                yield path


def claims(path: Path) -> Iterator[Claim]:
    """What the fixes of one file promise."""
    rules = load().rules
    document = Document.parse(path.read_bytes(), str(path))
    if not isinstance(document, Document):
        return
    said = check(document, rules, Options(load=Imports(), selected=frozenset(rule.name for rule in rules)))
    for failure in said.failures:
        print(f"failure: {failure}")
    for checked in said.checked:
        finding = checked.finding
        answers = [(a, graph) for a, graph in distinct(finding, sizes=True) if isinstance(a, Rewrite)]
        if checked.fix is None or not answers or finding.rule.equivalence is None:
            continue
        line, _ = document.lines(finding.span.cell).position(finding.span.start)
        yield Claim(f"{path}:{line}", finding.rule.code, finding.rule.equivalence.value, tuple(answers))


Results = list[tuple[Claim, Proof]]


def proved(found: Sequence[Claim], prover: Prover, *, said: bool) -> tuple[Results, list[Proof]]:
    """Each claim with its proof, of several contexts the first that does not hold; and all proofs, each once."""
    results, every = [], dict[int, Proof]()  # those of equal questions are one object
    for number, claim in enumerate(found, 1):
        proofs = [prover.prove(rewrite, claim.level, graph) for rewrite, graph in claim.rewrites]
        every |= {id(proof): proof for proof in proofs}
        results.append((claim, next((p for p in proofs if not p.proved), proofs[0])))
        if said and number % 20 == 0:
            print(f"{number} of {len(found)}", file=sys.stderr, flush=True)
    return results, list(every.values())


def table(results: Results, proofs: Sequence[Proof]) -> None:
    """Statuses, reasons and seconds."""
    ran = [proof for proof in proofs if proof.keras]
    scaled = sum("smaller scale" in (proof.reason or "") for proof in ran)
    print(f"fixes: {len(results)}; different proofs that ran: {len(ran)}, {scaled} of them at a smaller scale")
    print("\n| rule | fixes | proved | refuted | unprovable | not-run |\n| --- | --- | --- | --- | --- | --- |")
    for code in [*sorted({claim.code for claim, _ in results}), "all"]:
        own = Counter(proof.status for claim, proof in results if code in (claim.code, "all"))
        counts = [own[status] for status in ("proved", "refuted", "unprovable", "not-run")]
        print("|", " | ".join(map(str, [code, own.total(), *counts])), "|")
    why = Counter(
        f"{p.status}: {re.sub(r'[0-9][0-9,.]*', 'N', p.reason or '')}" for _, p in results if p.status != "proved"
    )
    for reason, number in why.most_common():
        print(f"  {number:4}  {reason}")
    times = sorted(proof.seconds for proof in ran)
    if times:
        middle, late = times[len(times) // 2], times[int(len(times) * 0.95)]
        print(f"\nseconds a proof: median {middle:.2f}, p95 {late:.2f}, slowest {times[-1]:.1f}")
        print(f"largest error: {max((proof.max_error or 0.0 for proof in ran if proof.proved), default=0.0):.1g}")
        print("versions:", *sorted({f"Keras {p.keras} on {p.backend} {p.backend_version}" for p in ran}), sep="\n  ")


def _plain(results: Results) -> list[dict[str, Any]]:
    return [{"place": claim.place, "code": claim.code, **proof.plain()} for claim, proof in results]


def main() -> int:
    """Prove, print, prove again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that proves")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="for one proof")
    options = parser.parse_args()
    found = [claim for path in files(options.roots) for claim in claims(path)]
    print(f"{len(found)} fixes to prove", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="kerlint-") as folder:
        runs = []
        for run in ("first", "second"):
            cache = Cache(os.path.join(folder, "cache"), "proofs")
            start = time.perf_counter()
            with Prover(Search(options.python), cache=cache, timeout=options.seconds) as prover:
                runs.append(proved(found, prover, said=run == "first"))
                seconds, cached = time.perf_counter() - start, sum(proof.cached for proof in runs[-1][1])
                told = f"{prover.starts} workers started, {cached} of {len(runs[-1][1])} proofs from the cache"
                print(f"{run} run: {seconds:.1f} s, {told}")
    print("in this process:", [name for name in FRAMEWORKS if name in sys.modules], "of", *FRAMEWORKS, "\n")
    (results, proofs), (again, _) = runs
    table(results, proofs)
    for claim, proof in results:
        if proof.status != "proved":
            print(f"{claim.place}: {claim.code} {proof.status}: {proof.reason}")
    if options.json:
        options.json.write_text(json.dumps(_plain(results), indent=1))
    same = [p.status for _, p in results] == [p.status for _, p in again]
    return int(not same or any(proof.status == "refuted" for _, proof in results))


if __name__ == "__main__":
    sys.exit(main())
