"""``client.requests``: what became of what was submitted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import (
    Any,
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Generator,
    Iterator,
    List,
    Mapping,
    Optional,
    TypedDict,
    Union,
)

from .._async_driver import AsyncDriver
from .._config import Config
from .._effects import Call, Flow
from .._endings import cancel, cancel_quietly, delete
from .._flows import fetch, fetch_list, given, path_of
from .._sync_driver import SyncDriver
from .._typing import Unpack
from .._waiting import POLL_INTERVAL_S, stream_events, wait_for_end
from ..errors import TimeoutError
from ..options import WaitOptions, checked, waiting_of
from ..types import CancelAnswer, DeleteAnswer, Delivery, Redelivering, RequestStatus, TimelineEntry

_GET_TIMEOUT_S = 300.0


class RequestQuery(TypedDict, total=False):
    """Which requests to list. Times are datetimes, or ISO 8601."""

    status: Optional[str]
    model: Optional[str]
    provider: Optional[str]
    media_type: Optional[str]
    callback_id: Optional[str]
    created_after: Union[datetime, str, None]
    created_before: Union[datetime, str, None]
    limit: Optional[int]
    """Of one page, at most 100; 20 unless given."""
    cursor: Optional[str]


@dataclass(frozen=True)
class _Page:
    requests: List[RequestStatus]
    next_cursor: Optional[str] = None


@dataclass(frozen=True)
class RequestPage:
    """One page, newest first; iterated over, it is all requests from here on, page after page."""

    requests: List[RequestStatus]
    next_cursor: Optional[str]
    _next: Callable[[str], RequestPage]

    def __iter__(self) -> Iterator[RequestStatus]:
        page = self
        while True:
            yield from page.requests
            if page.next_cursor is None:
                return
            page = self._next(page.next_cursor)


@dataclass(frozen=True)
class AsyncRequestPage:
    """As RequestPage, for ``async for``."""

    requests: List[RequestStatus]
    next_cursor: Optional[str]
    _next: Callable[[str], Any]

    async def __aiter__(self) -> AsyncIterator[RequestStatus]:
        page = self
        while True:
            for request in page.requests:
                yield request
            if page.next_cursor is None:
                return
            page = await self._next(page.next_cursor)


class Requests:
    """What became of requests."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def get(
        self,
        request_id: str,
        wait: bool = False,
        timeout: float = _GET_TIMEOUT_S,
        poll_interval: float = POLL_INTERVAL_S,
    ) -> RequestStatus:
        """The status now; with ``wait`` when it has ended, or TimeoutError after ``timeout`` seconds."""
        if wait:
            return self.wait(request_id, timeout=timeout, poll_interval=poll_interval)
        return self._driver.run(fetch(self._driver.config, RequestStatus, _get(request_id)))

    def wait(self, request_id: str, **options: Unpack[WaitOptions]) -> RequestStatus:
        """The status when it is ``completed`` or ``failed``; a failed request is not an error here."""
        waiting, cancel_on_abort = waiting_of(checked(WaitOptions, options), blocking=True)
        try:
            ending = wait_for_end(self._driver.config, request_id, waiting)
            return self._driver.run(ending, waiting.on_progress)
        except (KeyboardInterrupt, TimeoutError) as reason:
            if cancel_on_abort and (waiting.is_over() or isinstance(reason, KeyboardInterrupt)):
                self._driver.run(cancel_quietly(self._driver.config, request_id))
            raise

    def list(self, **query: Unpack[RequestQuery]) -> RequestPage:
        """A page; iterate over it for all."""
        page = self._driver.run(fetch(self._driver.config, _Page, _list(query)))

        def following(cursor: str) -> RequestPage:
            more: RequestQuery = {**query, "cursor": cursor}
            return self.list(**more)

        return RequestPage(page.requests, page.next_cursor, following)

    def cancel(self, request_id: str) -> CancelAnswer:
        """The answer says what happens to the money.

        When an answer was lost on the way, and the request did end by a cancel, that is one. Raises ``ALREADY_TERMINAL``.
        """
        return self._driver.run(cancel(self._driver.config, request_id))

    def delete(self, request_id: str) -> DeleteAnswer:
        """Erases a request that has ended, its outputs included. Raises ``NOT_TERMINAL``, ``REQUEST_NOT_FOUND``."""
        return self._driver.run(delete(self._driver.config, request_id))

    def events(self, request_id: str) -> Generator[RequestStatus, None, object]:
        """Every change as it happens, from the status now to the last one; cut connections are mended."""
        return self._driver.iterate(stream_events(self._driver.config, request_id))

    def timeline(self, request_id: str) -> List[TimelineEntry]:
        """All that has happened to it, oldest first."""
        return self._driver.run(_timeline(self._driver.config, request_id))

    def deliveries(self, request_id: str) -> List[Delivery]:
        """Its webhooks, and how each attempt went."""
        return self._driver.run(_deliveries(self._driver.config, request_id))

    def redeliver(self, request_id: str, delivery_id: str) -> Redelivering:
        """Sends a webhook anew, under the same ``webhook-id``."""
        return self._driver.run(fetch(self._driver.config, Redelivering, _redeliver(request_id, delivery_id)))


class AsyncRequests:
    """As Requests, awaited."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def get(
        self,
        request_id: str,
        wait: bool = False,
        timeout: float = _GET_TIMEOUT_S,
        poll_interval: float = POLL_INTERVAL_S,
    ) -> RequestStatus:
        """The status now; with ``wait`` when it has ended, or TimeoutError after ``timeout`` seconds."""
        if wait:
            return await self.wait(request_id, timeout=timeout, poll_interval=poll_interval)
        return await self._driver.run(fetch(self._driver.config, RequestStatus, _get(request_id)))

    async def wait(self, request_id: str, **options: Unpack[WaitOptions]) -> RequestStatus:
        """The status when it is ``completed`` or ``failed``; a failed request is not an error here."""
        waiting, cancel_on_abort = waiting_of(checked(WaitOptions, options))
        try:
            ending = wait_for_end(self._driver.config, request_id, waiting)
            return await self._driver.run(ending, waiting.on_progress)
        except (asyncio.CancelledError, TimeoutError) as reason:
            if cancel_on_abort and (waiting.is_over() or isinstance(reason, asyncio.CancelledError)):
                await asyncio.shield(self._driver.run(cancel_quietly(self._driver.config, request_id)))
            raise

    async def list(self, **query: Unpack[RequestQuery]) -> AsyncRequestPage:
        """A page; iterate over it with ``async for`` for all."""
        page = await self._driver.run(fetch(self._driver.config, _Page, _list(query)))

        async def following(cursor: str) -> AsyncRequestPage:
            more: RequestQuery = {**query, "cursor": cursor}
            return await self.list(**more)

        return AsyncRequestPage(page.requests, page.next_cursor, following)

    async def cancel(self, request_id: str) -> CancelAnswer:
        """The answer says what happens to the money.

        When an answer was lost on the way, and the request did end by a cancel, that is one. Raises ``ALREADY_TERMINAL``.
        """
        return await self._driver.run(cancel(self._driver.config, request_id))

    async def delete(self, request_id: str) -> DeleteAnswer:
        """Erases a request that has ended, its outputs included. Raises ``NOT_TERMINAL``, ``REQUEST_NOT_FOUND``."""
        return await self._driver.run(delete(self._driver.config, request_id))

    def events(self, request_id: str) -> AsyncGenerator[RequestStatus, None]:
        """Every change as it happens, from the status now to the last one; cut connections are mended."""
        return self._driver.iterate(stream_events(self._driver.config, request_id))

    async def timeline(self, request_id: str) -> List[TimelineEntry]:
        """All that has happened to it, oldest first."""
        return await self._driver.run(_timeline(self._driver.config, request_id))

    async def deliveries(self, request_id: str) -> List[Delivery]:
        """Its webhooks, and how each attempt went."""
        return await self._driver.run(_deliveries(self._driver.config, request_id))

    async def redeliver(self, request_id: str, delivery_id: str) -> Redelivering:
        """Sends a webhook anew, under the same ``webhook-id``."""
        return await self._driver.run(fetch(self._driver.config, Redelivering, _redeliver(request_id, delivery_id)))


def _get(request_id: str) -> Call:
    return Call("GET", path_of("requests", request_id))


def _list(query: Mapping[str, Any]) -> Call:
    return Call("GET", "/requests", query=given(**checked(RequestQuery, query)))


def _redeliver(request_id: str, delivery_id: str) -> Call:
    path = path_of("requests", request_id, "deliveries", delivery_id, "redeliver")
    return Call("POST", path, idempotent=False)


def _timeline(config: Config, request_id: str) -> Flow[List[TimelineEntry]]:
    call = Call("GET", path_of("requests", request_id), query={"include": "timeline"})
    return fetch_list(config, TimelineEntry, call, "timeline")


def _deliveries(config: Config, request_id: str) -> Flow[List[Delivery]]:
    return fetch_list(config, Delivery, Call("GET", path_of("requests", request_id, "deliveries")), "deliveries")
