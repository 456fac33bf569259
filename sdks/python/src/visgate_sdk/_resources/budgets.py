"""``client.usage.budgets``: how much may be spent in a day or a month."""

from __future__ import annotations

from typing import List, Literal

from .._async_driver import AsyncDriver
from .._calls import fetch, fetch_list, succeeds_with
from .._config import Config
from .._effects import Call, Flow
from .._json import json_bytes
from .._sync_driver import SyncDriver
from ..types import Budget, BudgetDeleted

_PATH = "/budgets"

BudgetPeriod = Literal["day", "month"]


class Budgets:
    """Budgets of the organization, of its API keys, and of providers."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def list(self) -> List[Budget]:
        """All budgets, with what is left of them. The operator's budget of the organization is listed too."""
        return self._driver.run(_list(self._driver.config))

    def set(self, subject: str, period: BudgetPeriod, limit_usd: float) -> Budget:
        """Sets a budget, in place of an earlier one for the same subject and period.

        ``subject``: ``organization``, ``key:<id of an API key>`` or ``provider:<name>``.
        """
        return self._driver.run(fetch(self._driver.config, Budget, _set(subject, period, limit_usd)))

    def delete(self, subject: str, period: BudgetPeriod) -> BudgetDeleted:
        """Removes a budget. Raises ``NOT_FOUND``."""
        return self._driver.run(_delete(self._driver.config, subject, period))


class AsyncBudgets:
    """As Budgets, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list(self) -> List[Budget]:
        """All budgets, with what is left of them. The operator's budget of the organization is listed too."""
        return await self._driver.run(_list(self._driver.config))

    async def set(self, subject: str, period: BudgetPeriod, limit_usd: float) -> Budget:
        """Sets a budget, in place of an earlier one for the same subject and period.

        ``subject``: ``organization``, ``key:<id of an API key>`` or ``provider:<name>``.
        """
        return await self._driver.run(fetch(self._driver.config, Budget, _set(subject, period, limit_usd)))

    async def delete(self, subject: str, period: BudgetPeriod) -> BudgetDeleted:
        """Removes a budget. Raises ``NOT_FOUND``."""
        return await self._driver.run(_delete(self._driver.config, subject, period))


def _list(config: Config) -> Flow[List[Budget]]:
    return fetch_list(config, Budget, Call("GET", _PATH), "budgets")


def _set(subject: str, period: str, limit_usd: float) -> Call:
    body = json_bytes({"subject": subject, "period": period, "limit_usd": limit_usd})
    return Call("PUT", _PATH, body=body)


def _delete(config: Config, subject: str, period: str) -> Flow[BudgetDeleted]:
    call = Call("DELETE", _PATH, query={"subject": subject, "period": period})
    deleted = succeeds_with("NOT_FOUND", BudgetDeleted(subject, period, True))
    return fetch(config, BudgetDeleted, call, after_lost_try=deleted)
