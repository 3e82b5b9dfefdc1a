"""Proofs in the background: some time after the last key, and nothing ever waits for them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from kerlint.cache import Cache, directory
from kerlint.config import Config
from kerlint.fixing import prove_all
from kerlint.graph.answer import Rewrite
from kerlint.host.find import Search
from kerlint.lsp.analysis import Analysis
from kerlint.prove.client import Prover

QUIET = 1.5  # seconds without a change before a proof is worth its while
IDLE = 120.0  # seconds after which a worker that has nothing to do gives its memory back


class Proofs:
    """One worker for the server. What it proves is kept on disk, where the command line finds it, too."""

    def __init__(self, folders: Callable[[], Sequence[str]]) -> None:
        self._folders = folders
        self._thread = ThreadPoolExecutor(1, "kerlint-proofs")
        self._provers: dict[str | None, Prover] = {}  # by the interpreter that the user's configuration names
        self._idle: asyncio.TimerHandle | None = None

    async def of(self, analysis: Analysis) -> Analysis | None:
        """The analysis with its proofs, after a while; None if there is nothing to prove."""
        config = analysis.settings.config
        wanted = any(c.fix and isinstance(c.finding.answer, Rewrite) for c in analysis.report.checked)
        if not config.prove or not wanted:
            return None
        await asyncio.sleep(QUIET)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, lambda: self._proved(analysis, config))
        finally:
            if self._idle is not None:
                self._idle.cancel()
            self._idle = loop.call_later(IDLE, self._close)

    def end(self) -> None:
        """No more proofs; the worker goes."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._close()

    def _proved(self, analysis: Analysis, config: Config) -> Analysis:
        named = config.untrusted().python  # what the project names does not run in an editor, either
        if named not in self._provers:
            roots = (*self._folders(), os.path.dirname(analysis.document.path))
            search = Search(named, roots=tuple(Path(root) for root in roots if root))
            stored = Cache(directory(config.untrusted().cache_dir), "proofs")
            self._provers[named] = Prover(search, cache=stored)
        return replace(analysis, report=prove_all(analysis.report, self._provers[named].prove))

    def _close(self) -> None:
        for prover in self._provers.values():
            prover.close()
