"""What httpx does for us on asyncio, in tasks of its own, so that whoever is cancelled is so at once.

httpx may lose a cancellation that comes while it connects, and one that comes while it cleans up costs it a connection.
So a caller's cancellations do not reach it: it gets one of its own, and has time to clean up.
"""

from __future__ import annotations

import asyncio
from typing import Any, Coroutine, Set, TypeVar

from ._effects import Stream

T = TypeVar("T")
_CLEANING_UP_S = 1.0


class Exchanges:
    """Those of one client."""

    def __init__(self) -> None:
        self._left: Set[asyncio.Future[Any]] = set()

    async def in_time(self, act: Coroutine[Any, Any, T], seconds: float) -> T:
        """What came of it; raises asyncio.TimeoutError when it takes longer."""
        task = asyncio.ensure_future(act)
        try:
            await asyncio.wait([task], timeout=seconds)
            if not task.done():
                raise asyncio.TimeoutError
            return task.result()
        except BaseException:
            task.cancel()
            self._leave(task)
            raise

    async def close(self) -> None:
        """Lets those that were given up clean up."""
        left = [task for task in self._left if not task.done()]
        if left:
            await asyncio.wait(left, timeout=_CLEANING_UP_S)

    def _leave(self, task: asyncio.Future[Any]) -> None:
        self._left.add(task)
        task.add_done_callback(self._let_go)

    def _let_go(self, task: asyncio.Future[Any]) -> None:
        self._left.discard(task)
        # An answer that came at the last moment has nobody to close it.
        if not task.cancelled() and task.exception() is None and isinstance(task.result(), Stream):
            self._leave(asyncio.ensure_future(task.result().handle.close()))
