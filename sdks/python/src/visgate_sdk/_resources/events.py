"""``client.events``: all that happens to the organization's requests, under consecutive numbers, without a gap."""

from __future__ import annotations

import time
from typing import AsyncGenerator, Generator, Optional, Sequence

from .._async_driver import AsyncDriver
from .._config import Config
from .._effects import Call, Emit, Flow
from .._flows import fetch, given
from .._sync_driver import SyncDriver
from .._waiting import POLL_INTERVAL_S, Patience, hold_seconds, rest_of_interval
from ..errors import VisgateError
from ..types import FeedEvent, FeedPage


class Events:
    """The feed."""

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
        """One page; with ``wait`` (seconds, up to 60) held until there is something."""
        return self._driver.run(fetch(self._driver.config, FeedPage, _page(after, limit, wait, types)))

    def follow(
        self, *, after: Optional[int] = None, types: Optional[Sequence[str]] = None
    ) -> Generator[FeedEvent, None, None]:
        """Event after event, without end: keep ``sequence``, and hand it in as ``after`` to go on another time."""
        return self._driver.iterate(_follow(self._driver.config, after, types))


class AsyncEvents:
    """As Events, awaited."""

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
        """One page; with ``wait`` (seconds, up to 60) held until there is something."""
        return await self._driver.run(fetch(self._driver.config, FeedPage, _page(after, limit, wait, types)))

    def follow(
        self, *, after: Optional[int] = None, types: Optional[Sequence[str]] = None
    ) -> AsyncGenerator[FeedEvent, None]:
        """Event after event, without end: keep ``sequence``, and hand it in as ``after`` to go on another time."""
        return self._driver.iterate(_follow(self._driver.config, after, types))


def _page(
    after: Optional[int],
    limit: Optional[int],
    wait: Optional[float],
    types: Optional[Sequence[str]],
    max_retries: Optional[int] = None,
) -> Call:
    query = given(after=after, limit=limit, wait=wait, types=None if types is None else ",".join(types))
    return Call("GET", "/events", query=query, max_retries=max_retries)


def _follow(config: Config, after: Optional[int], types: Optional[Sequence[str]]) -> Flow[None]:
    patience = Patience(config)
    position = after
    while True:
        asked_at = time.monotonic()
        try:
            call = _page(position, None, hold_seconds(config), types, max_retries=0)
            page = yield from fetch(config, FeedPage, call)
        except VisgateError as error:
            yield from patience.failed(error, None)
            continue
        patience.heard()
        for event in page.events:
            yield Emit(event)
        if page.next_after == position:
            yield from rest_of_interval(asked_at, POLL_INTERVAL_S, None)
        position = page.next_after
