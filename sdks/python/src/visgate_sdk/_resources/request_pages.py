"""Pages of ``client.requests.list``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, AsyncIterator, Callable, Iterator, List, Optional

from ..types import RequestStatus


@dataclass(frozen=True)
class Page:
    """As the API answers."""

    requests: List[RequestStatus]
    next_cursor: Optional[str] = None


@dataclass(frozen=True)
class RequestPage:
    """One page, newest first. Iterating over it yields the requests of this page and of all later pages."""

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
