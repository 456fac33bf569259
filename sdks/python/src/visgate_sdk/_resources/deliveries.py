"""``client.deliveries``: the webhooks of all requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import (
    Any,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    TypedDict,
    Union,
)

from .._async_driver import AsyncDriver
from .._calls import fetch, without_none
from .._effects import Call
from .._sync_driver import SyncDriver
from .._typing import Unpack
from ..options import checked
from ..types import ListedDelivery
from .pages import every, every_async


class DeliveryQuery(TypedDict, total=False):
    """Filters of ``deliveries.list``; all deliveries unless given. Times are datetimes, or ISO 8601."""

    state: Union[str, Sequence[str], None]
    """``pending``, ``delivered`` or ``abandoned``, or several of them."""
    endpoint_id: Optional[str]
    type: Optional[str]
    created_after: Union[datetime, str, None]
    created_before: Union[datetime, str, None]
    limit: Optional[int]
    """Deliveries per page, at most 100; 20 unless given."""
    cursor: Optional[str]


@dataclass(frozen=True)
class Page:
    """As the API answers."""

    deliveries: List[ListedDelivery]
    next_cursor: Optional[str] = None


@dataclass(frozen=True)
class DeliveryPage:
    """One page, newest first. Iterating over it yields the deliveries of this page and of all later pages."""

    deliveries: List[ListedDelivery]
    next_cursor: Optional[str]
    _next: Callable[[str], DeliveryPage]

    def __iter__(self) -> Iterator[ListedDelivery]:
        return every(self, lambda page: page.deliveries, self._next)


@dataclass(frozen=True)
class AsyncDeliveryPage:
    """As DeliveryPage, for ``async for``."""

    deliveries: List[ListedDelivery]
    next_cursor: Optional[str]
    _next: Callable[[str], Awaitable[AsyncDeliveryPage]]

    def __aiter__(self) -> AsyncIterator[ListedDelivery]:
        return every_async(self, lambda page: page.deliveries, self._next)


class Deliveries:
    """The webhooks of all requests."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def list(self, **query: Unpack[DeliveryQuery]) -> DeliveryPage:
        """One page of deliveries; iterate over it to get all."""
        page = self._driver.run(fetch(self._driver.config, Page, _list(query)))

        def next_page(cursor: str) -> DeliveryPage:
            more: DeliveryQuery = {**query, "cursor": cursor}
            return self.list(**more)

        return DeliveryPage(page.deliveries, page.next_cursor, next_page)


class AsyncDeliveries:
    """As Deliveries, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list(self, **query: Unpack[DeliveryQuery]) -> AsyncDeliveryPage:
        """One page of deliveries; iterate over it with ``async for`` to get all."""
        page = await self._driver.run(fetch(self._driver.config, Page, _list(query)))

        async def next_page(cursor: str) -> AsyncDeliveryPage:
            more: DeliveryQuery = {**query, "cursor": cursor}
            return await self.list(**more)

        return AsyncDeliveryPage(page.deliveries, page.next_cursor, next_page)


def _list(query: Mapping[str, Any]) -> Call:
    given = checked(DeliveryQuery, query)
    return Call("GET", "/deliveries", query=without_none(**{**given, "state": comma_separated(given.get("state"))}))


def comma_separated(names: Union[str, Sequence[str], None]) -> Optional[str]:
    """One name as it is, several separated by commas."""
    return names if names is None or isinstance(names, str) else ",".join(names)
