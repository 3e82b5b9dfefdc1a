"""Proofs for a run: each question once, from the cache if it knows, else from one worker. No Keras here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph
from kerlint.graph.layer import Silent
from kerlint.graph.weight import Untyped
from kerlint.host.find import Interpreter, Search
from kerlint.host.worker import Failed, Held, Late, Limits, Program, Worker
from kerlint.prove.cache import Cache
from kerlint.prove.proof import NOT_RUN, REFUTED, UNPROVABLE, Proof, Request, Unprovable, from_plain, not_run
from kerlint.prove.request import request_of, too_large
from kerlint.prove.whole import wholes

PROOFS = Program("prove/worker", Limits(memory=12 * 2**30))  # 80 million entries, ten copies, in float64
SECONDS = 60.0  # for a proof
# JAX compiles each operation that runs once or twice: as quickly as it can, then.
BESIDE = {"jax": (("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"),)}
SMALLER = "proved at a smaller scale"
STARTING = 2.0  # times as many for the first of a worker, which imports Keras


class Prover(Held):
    """Use as a context manager: what it starts, it ends; a later proof starts another.

    ``search`` says which Python proves. ``timeout`` is in seconds, for one proof. ``starts`` counts workers.
    """

    def __init__(self, search: Search | None = None, *, cache: Cache | None = None, timeout: float = SECONDS) -> None:
        self._search = search or Search()
        self._cache, self._timeout = cache, timeout
        self._lock = threading.Lock()
        self._known: dict[str, Proof] = {}  # of this run, those without an answer too
        self.starts = 0

    @cached_property
    def _found(self) -> tuple[Interpreter | None, str | None]:
        return self._search.find()

    @property
    def why_not(self) -> str | None:
        """Why there is no interpreter; None if there is one."""
        return self._found[1]

    def prove(self, rewrite: Rewrite, equivalence: str, graph: Graph | None = None) -> Proof:
        """Whether the rewrite holds at its level. Never raises for what a rewrite or Keras does.

        One that holds at a smaller scale only has to hold there in its model as well, if ``graph`` gives that.
        """
        level = getattr(equivalence, "value", equivalence)
        try:
            request = request_of(rewrite, level)
        except Unprovable as error:
            return Proof(UNPROVABLE, reason=str(error))
        with self._lock:
            proof = self._answer(request, lambda: request_of(rewrite, level, scaled=True))
            scaled = proof.proved and graph is not None and SMALLER in (proof.reason or "")
            return self._around(proof, rewrite, graph, level) if scaled and graph is not None else proof

    def _around(self, proof: Proof, rewrite: Rewrite, graph: Graph, level: str) -> Proof:
        """The proof, if the scaled model agrees with it; what it says of a model that cannot be compared."""
        try:
            for whole in wholes(graph, [rewrite]):
                found = self._answer(request_of(whole, level, scaled=True))
                if found.status == REFUTED:
                    return not_run(f"{proof.reason}; but in its model, at that scale, {found.reason}")
                if not found.proved:
                    return replace(proof, reason=f"{proof.reason} (not the model around it: {found.reason})")
        except (Unprovable, Silent, Untyped) as error:
            return replace(proof, reason=f"{proof.reason} (not the model around it: {error})")
        return replace(proof, reason=f"{proof.reason}, and with the model around it")

    def _answer(self, request: Request, smaller: Callable[[], Request] | None = None) -> Proof:
        interpreter, why = self._found
        if interpreter is None:
            return not_run(why or "no Keras found", no_keras=True)
        lacking = interpreter.lacks(request.generations)
        if lacking is not None:
            return not_run(lacking, no_keras=True)
        key = request.key(*interpreter.circumstances, PROOFS.hash)
        within = f"{key}-within-{self._timeout:g}"  # what takes too long is known for this limit only
        proof = self._known.get(key) or self._stored(key) or self._stored(within)
        if proof is None:
            whole = self._asked(request, interpreter)
            scaled = whole.status == NOT_RUN and smaller is not None
            proof = self._scaled(smaller, interpreter, whole) if scaled and smaller is not None else whole
            if whole.late or not scaled or too_large(request):  # a worker that ended may not do so next time
                self._store(within if whole.late else key, proof)
        self._known[key] = proof
        return proof

    def _scaled(self, smaller: Callable[[], Request], interpreter: Interpreter, proof: Proof) -> Proof:
        """What did not run at its own size, at a smaller one: that it holds there is said, nothing else."""
        try:
            request = smaller()
        except Unprovable:
            return proof
        sizes = request.data["sizes"]
        found = self._asked(request, interpreter) if sizes else proof
        told = ", ".join(f"{small} for {int(large):,}" for large, small in sizes.items())
        return replace(found, reason=f"{proof.reason}; {SMALLER}, {told}") if found.proved else proof

    def _asked(self, request: Request, interpreter: Interpreter) -> Proof:
        if why := too_large(request):
            return not_run(why)
        try:
            if self._worker is None:
                self.starts += 1
                chosen = (("KERAS_BACKEND", interpreter.backend), *BESIDE.get(interpreter.backend, ()))
                self._worker = Worker(interpreter.path, replace(PROOFS, variables=chosen))
            first = self._worker.answered == 0
            answer = self._worker.ask(request.data, STARTING * self._timeout if first else self._timeout)
            keras = interpreter.keras_for(request.generations)
            backend, version = interpreter.runs_on(request.generations)
            return from_plain(answer, keras=keras, backend=backend, backend_version=version, cached=False)
        except Failed as error:
            self.close()
            return replace(not_run(str(error)), late=isinstance(error, Late))
        except (ValueError, TypeError, KeyError) as error:
            self.close()
            return not_run(f"the worker's answer is no proof: {error}")

    def _stored(self, key: str) -> Proof | None:
        """A proof of an earlier run. What is no proof is as good as nothing."""
        found = self._cache.get(key) if self._cache else None
        try:
            return None if found is None else from_plain(found, cached=True)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def _store(self, key: str, proof: Proof) -> None:
        """What did not run may run next time, unless time was all that it lacked: that is remembered, and said."""
        if proof.late:
            proof = replace(proof, reason=f"{proof.reason} (in an earlier run: --no-cache tries again)")
        if self._cache and (proof.status != NOT_RUN or proof.late):
            self._cache.put(key, proof.plain())
