"""``client.events``: the feed of the organization's events, numbered without gaps."""

from __future__ import annotations

import time
from typing import AsyncGenerator, Generator, Optional, Sequence

from .._async_driver import AsyncDriver
from .._calls import fetch, without_none
from .._config import Config
from .._effects import Call, Emit, Flow
from .._retry import WaitRetries
from .._sync_driver import SyncDriver
from .._waiting import POLL_INTERVAL_S, long_poll_seconds, rest_of_interval
from ..errors import VisgateError
from ..types import FeedEvent, FeedPage


class Events:
    """The feed of events."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def list(
        self,
        *,
        after: Optional[int] = None,
        limit: Optional[int] = None,
        wait: Optional[float] = None,
        types: Optional[Sequence[str]] = None,
    ) -> FeedPage:
        """One page of the feed, at most ``limit`` events after the sequence ``after``.

        With ``wait`` (seconds, at most 60), the gateway answers when there is an event. ``types``: all unless given.
        """
        return self._driver.run(fetch(self._driver.config, FeedPage, _page(after, limit, wait, types)))

    def follow(
        self, *, after: Optional[int] = None, types: Optional[Sequence[str]] = None
    ) -> Generator[FeedEvent, None, None]:
        """Event after event, without end; from the oldest event that is kept unless ``after`` is given.

        To continue later, store the ``sequence`` of the last event and pass it as ``after``.
        """
        return self._driver.iterate(_follow(self._driver.config, after, types))


class AsyncEvents:
    """As Events, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list(
        self,
        *,
        after: Optional[int] = None,
        limit: Optional[int] = None,
        wait: Optional[float] = None,
        types: Optional[Sequence[str]] = None,
    ) -> FeedPage:
        """One page of the feed, at most ``limit`` events after the sequence ``after``.

        With ``wait`` (seconds, at most 60), the gateway answers when there is an event. ``types``: all unless given.
        """
        return await self._driver.run(fetch(self._driver.config, FeedPage, _page(after, limit, wait, types)))

    def follow(
        self, *, after: Optional[int] = None, types: Optional[Sequence[str]] = None
    ) -> AsyncGenerator[FeedEvent, None]:
        """Event after event, without end; from the oldest event that is kept unless ``after`` is given.

        To continue later, store the ``sequence`` of the last event and pass it as ``after``.
        """
        return self._driver.iterate(_follow(self._driver.config, after, types))


def _page(
    after: Optional[int],
    limit: Optional[int],
    wait: Optional[float],
    types: Optional[Sequence[str]],
    max_retries: Optional[int] = None,
) -> Call:
    query = without_none(after=after, limit=limit, wait=wait, types=None if types is None else ",".join(types))
    return Call("GET", "/events", query=query, max_retries=max_retries)


def _follow(config: Config, after: Optional[int], types: Optional[Sequence[str]]) -> Flow[None]:
    retries = WaitRetries(config.timeout)
    position = after
    while True:
        asked_at = time.monotonic()
        try:
            call = _page(position, None, long_poll_seconds(config), types, max_retries=0)
            page = yield from fetch(config, FeedPage, call)
        except VisgateError as error:
            yield from retries.sleep_after(error, None)
            continue
        retries.reset()
        for event in page.events:
            yield Emit(event)
        if page.next_after == position:
            yield from rest_of_interval(asked_at, POLL_INTERVAL_S, None)
        position = page.next_after
