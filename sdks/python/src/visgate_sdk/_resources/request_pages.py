"""Pages of ``client.requests.list``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import AsyncIterator, Awaitable, Callable, Iterator, List, Optional

from ..types import RequestStatus
from .pages import every, every_async


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
        return every(self, lambda page: page.requests, self._next)


@dataclass(frozen=True)
class AsyncRequestPage:
    """As RequestPage, for ``async for``."""

    requests: List[RequestStatus]
    next_cursor: Optional[str]
    _next: Callable[[str], Awaitable[AsyncRequestPage]]

    def __aiter__(self) -> AsyncIterator[RequestStatus]:
        return every_async(self, lambda page: page.requests, self._next)
