"""Walks from page to page, for every list that the API answers in pages."""

from __future__ import annotations

from typing import AsyncIterator, Awaitable, Callable, Iterator, List, Optional, Protocol, TypeVar


class HasNextCursor(Protocol):
    """A page of a list."""

    @property
    def next_cursor(self) -> Optional[str]:
        """Leads to the next page; the last page has none."""


T = TypeVar("T")
P = TypeVar("P", bound=HasNextCursor)


def every(page: P, items_of: Callable[[P], List[T]], load: Callable[[str], P]) -> Iterator[T]:
    """The items of this page and of all later pages. ``load`` gets the page of a cursor."""
    while True:
        yield from items_of(page)
        if page.next_cursor is None:
            return
        page = load(page.next_cursor)


async def every_async(
    page: P, items_of: Callable[[P], List[T]], load: Callable[[str], Awaitable[P]]
) -> AsyncIterator[T]:
    """As ``every``, for asyncio."""
    while True:
        for item in items_of(page):
            yield item
        if page.next_cursor is None:
            return
        page = await load(page.next_cursor)
