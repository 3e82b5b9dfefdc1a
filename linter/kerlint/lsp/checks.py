"""When documents are checked: after a pause in typing, one after the other, beside the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from kerlint.lsp.analysis import Analysis, Seen, analyse
from kerlint.lsp.settings import Settings
from kerlint.lsp.texts import Opened

T = TypeVar("T")

PAUSE = 0.2  # seconds without a key before a text is checked


class Checks:
    """Analyses by uri of the document. Methods belong to the event loop; the work is done in one thread."""

    def __init__(
        self,
        settings: Callable[[str], Settings],
        done: Callable[[Opened, Analysis], None],
        failed: Callable[[str, Exception], None],
        prove: Callable[[Analysis], Awaitable[Analysis | None]] | None = None,
    ) -> None:
        self._settings, self._done, self._failed, self._prove = settings, done, failed, prove
        self._thread = ThreadPoolExecutor(1, "kerlint")
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._proving: dict[str, asyncio.Task[None]] = {}  # apart: no request waits for these
        self._last: dict[str, Analysis] = {}
        self._good: dict[str, Analysis] = {}  # the last of a text that could be read

    def ask(self, opened: Opened, pause: float = 0.0) -> None:
        """Check a document, after a pause; what was asked of it before is forgotten."""
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
            if self._prove is not None:
                proving = self._proofs(opened, analysis, self._prove)
                self._proving[opened.uri] = asyncio.get_running_loop().create_task(proving)
        except Exception as error:
            self._failed(opened.uri, error)

    async def _proofs(
        self, opened: Opened, analysis: Analysis, prove: Callable[[Analysis], Awaitable[Analysis | None]]
    ) -> None:
        try:
            proved = await prove(analysis)
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
