"""When documents are checked, after a pause in typing, beside the conversation; proofs, for which nothing waits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from kerlint.config import Config
from kerlint.fixing import prove_all
from kerlint.graph.answer import Rewrite
from kerlint.host.find import Search
from kerlint.lsp.analysis import Analysis, Seen, analyse
from kerlint.lsp.settings import Settings
from kerlint.lsp.texts import Opened
from kerlint.prove.cache import Cache, directory
from kerlint.prove.client import Prover

T = TypeVar("T")

PAUSE = 0.2  # seconds without a key before a text is checked


class Checks:
    """Analyses by uri of the document. Methods belong to the event loop; the work is done in one thread."""

    def __init__(
        self,
        settings: Callable[[str], Settings],
        done: Callable[[Opened, Analysis], None],
        failed: Callable[[str, Exception], None],
        prove: Callable[[Analysis], Awaitable[Analysis | None]],
    ) -> None:
        self._settings, self._done, self._failed, self._prove = settings, done, failed, prove
        self._thread = ThreadPoolExecutor(1, "kerlint")
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._proving: dict[str, asyncio.Task[None]] = {}  # apart: no request waits for these
        self._last: dict[str, Analysis] = {}
        self._good: dict[str, Analysis] = {}  # the last of a text that could be read

    def ask(self, opened: Opened | None, pause: float = 0.0) -> None:
        """Check a document, if it is open, after a pause; what was asked of it before is forgotten."""
        if opened is not None:
            self._cancel(opened.uri)
            self._tasks[opened.uri] = asyncio.get_running_loop().create_task(self._check(opened, pause))

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._cancel(uri)
        self._last.pop(uri, None)
        self._good.pop(uri, None)

    async def last(self, opened: Opened) -> Analysis | None:
        """The analysis of the document as it is when nothing is under way any more."""
        while (task := self._tasks.get(opened.uri)) is not None and not task.done():
            await asyncio.wait([task])  # which cancels nothing when the editor gives up its request
        return self._last.get(opened.uri)

    async def seen(self, opened: Opened) -> Seen | None:
        """The last analysis of a text that could be read, for the text as it is."""
        await self.last(opened)
        good = self._good.get(opened.uri)
        return None if good is None else Seen(good, opened.snapshot())

    async def work(self, function: Callable[[], T]) -> T:
        """Something that takes a while, in the thread of the checks."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def end(self) -> None:
        """No more checks."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _check(self, opened: Opened, pause: float) -> None:
        await asyncio.sleep(pause)
        try:
            snapshot = opened.snapshot()
            analysis = await self.work(lambda: analyse(snapshot, self._settings(snapshot.document.path)))
            if opened.stamp != snapshot.stamp:
                return  # what changed it asked for another check
            self._last[opened.uri] = analysis
            if analysis.parsed or opened.uri not in self._good:
                self._good[opened.uri] = analysis
            self._done(opened, analysis)
            self._proving[opened.uri] = asyncio.get_running_loop().create_task(self._proofs(opened, analysis))
        except Exception as error:
            self._failed(opened.uri, error)

    async def _proofs(self, opened: Opened, analysis: Analysis) -> None:
        try:
            proved = await self._prove(analysis)
            if proved is not None and self._last.get(opened.uri) is analysis:
                self._last[opened.uri] = proved
                self._done(opened, proved)
        except Exception as error:
            self._failed(opened.uri, error)

    def _cancel(self, uri: str) -> None:
        for tasks in (self._tasks, self._proving):
            task = tasks.pop(uri, None)
            if task is not None:
                task.cancel()


# --- proofs in the background: some time after the last key


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
