"""Runs httpx in tasks of its own, so that a cancelled caller stops at once.

httpx may lose a cancellation that arrives while it connects, and may leak a connection when one arrives while it cleans
up. So the caller's cancellations do not reach it: its task is cancelled once, and has time to clean up.
"""

from __future__ import annotations

import asyncio
from typing import Any, Coroutine, Set, TypeVar

from ._effects import Stream

T = TypeVar("T")
_CLEANUP_S = 1.0


class HttpTasks:
    """The tasks of one client in one event loop."""

    def __init__(self) -> None:
        self._abandoned: Set[asyncio.Future[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """The result of ``work``. Raises asyncio.TimeoutError when it takes longer than ``seconds``."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait([task], timeout=seconds)
            if not task.done():
                raise asyncio.TimeoutError
            return task.result()
        except BaseException:
            task.cancel()
            self._abandon(task)
            raise

    async def close(self) -> None:
        """Gives abandoned tasks time to clean up."""
        running = [task for task in self._abandoned if not task.done()]
        if running:
            await asyncio.wait(running, timeout=_CLEANUP_S)

    def _abandon(self, task: asyncio.Future[Any]) -> None:
        self._abandoned.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Future[Any]) -> None:
        self._abandoned.discard(task)
        # A stream that was opened at the last moment has no reader that would close it.
        if not task.cancelled() and task.exception() is None and isinstance(task.result(), Stream):
            self._abandon(asyncio.ensure_future(task.result().handle.close()))
