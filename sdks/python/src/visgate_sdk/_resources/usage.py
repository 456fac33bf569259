"""``client.usage``: what was used and spent, and the budgets."""

from __future__ import annotations

import datetime
from typing import Any, List, Literal, Mapping, Optional, TypedDict, Union

from .._async_driver import AsyncDriver
from .._calls import call_text, fetch, fetch_list, without_none
from .._config import Config
from .._effects import Call, Flow
from .._sync_driver import SyncDriver
from .._typing import Unpack
from ..options import checked
from ..types import BillingInfo, Dashboard, UsageLog, UsageSummary
from .budgets import AsyncBudgets, Budgets

# An export has a line for each day, model, key and tag, so that of a year can be long.
_MAX_EXPORT_BYTES = 256 * 2**20


class UsageQuery(TypedDict, total=False):
    """A period: the current one, or the one that contains ``date``. Days are those of the organization's time zone."""

    period: Optional[Literal["day", "week", "month", "year"]]
    """``month`` unless given. A week begins on Monday."""
    date: Union[datetime.date, str, None]
    """A day in the period, as a date or ISO 8601; today unless given."""


class Usage:
    """Usage and spend of the organization."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver
        self.budgets = Budgets(driver)

    def get(self, **query: Unpack[UsageQuery]) -> UsageSummary:
        """Counts and costs of a period."""
        return self._driver.run(fetch(self._driver.config, UsageSummary, _call("/usage", query)))

    def logs(self, *, limit: Optional[int] = None, offset: Optional[int] = None) -> List[UsageLog]:
        """Requests with what they cost, newest first: 50 of them, unless ``limit`` (at most 500) says otherwise.

        ``offset``: how many of the newest to leave out.
        """
        return self._driver.run(_logs(self._driver.config, limit, offset))

    def dashboard(self, **query: Unpack[UsageQuery]) -> Dashboard:
        """Key figures of a period, and its days."""
        return self._driver.run(fetch(self._driver.config, Dashboard, _call("/dashboard", query)))

    def export(self, **query: Unpack[UsageQuery]) -> str:
        """One line per day, mode, model, API key and usage tag, as CSV."""
        return self._driver.run(_export(self._driver.config, query))

    def billing(self) -> BillingInfo:
        """The month's budget and spend."""
        return self._driver.run(fetch(self._driver.config, BillingInfo, _BILLING))


class AsyncUsage:
    """As Usage, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver
        self.budgets = AsyncBudgets(driver)

    async def get(self, **query: Unpack[UsageQuery]) -> UsageSummary:
        """Counts and costs of a period."""
        return await self._driver.run(fetch(self._driver.config, UsageSummary, _call("/usage", query)))

    async def logs(self, *, limit: Optional[int] = None, offset: Optional[int] = None) -> List[UsageLog]:
        """Requests with what they cost, newest first: 50 of them, unless ``limit`` (at most 500) says otherwise.

        ``offset``: how many of the newest to leave out.
        """
        return await self._driver.run(_logs(self._driver.config, limit, offset))

    async def dashboard(self, **query: Unpack[UsageQuery]) -> Dashboard:
        """Key figures of a period, and its days."""
        return await self._driver.run(fetch(self._driver.config, Dashboard, _call("/dashboard", query)))

    async def export(self, **query: Unpack[UsageQuery]) -> str:
        """One line per day, mode, model, API key and usage tag, as CSV."""
        return await self._driver.run(_export(self._driver.config, query))

    async def billing(self) -> BillingInfo:
        """The month's budget and spend."""
        return await self._driver.run(fetch(self._driver.config, BillingInfo, _BILLING))


_BILLING = Call("GET", "/billing/info")


def _call(path: str, query: Mapping[str, Any], max_answer_bytes: int = Call.max_answer_bytes) -> Call:
    return Call("GET", path, query=without_none(**checked(UsageQuery, query)), max_answer_bytes=max_answer_bytes)


def _logs(config: Config, limit: Optional[int], offset: Optional[int]) -> Flow[List[UsageLog]]:
    call = Call("GET", "/usage/logs", query=without_none(limit=limit, offset=offset))
    return fetch_list(config, UsageLog, call, "logs")


def _export(config: Config, query: Mapping[str, Any]) -> Flow[str]:
    return call_text(config, _call("/usage/export", query, _MAX_EXPORT_BYTES), "text/csv")
