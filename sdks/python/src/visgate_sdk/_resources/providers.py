"""``client.providers``: the accounts at the providers: balances, whether a key is accepted, and stored keys."""

from __future__ import annotations

from typing import List

from .._async_driver import AsyncDriver
from .._calls import fetch, fetch_list
from .._config import Config
from .._effects import Call, Flow
from .._json import json_bytes
from .._sync_driver import SyncDriver
from ..types import Balance, KeyValidation, ProviderHealth
from .provider_keys import AsyncProviderKeys, ProviderKeys


class Providers:
    """Accounts at the providers."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver
        self.keys = ProviderKeys(driver)

    def list(self) -> List[ProviderHealth]:
        """How each provider is doing, on the accounts that your generations use."""
        return self._driver.run(_list(self._driver.config))

    def balances(self) -> List[Balance]:
        """One balance per provider: of the account that a generation of this client would be billed to.

        This is your own where the client has a key for it, else that of the organization's stored key, else the
        gateway's.
        """
        return self._driver.run(_balances(self._driver.config))

    def validate(self, provider: str, api_key: str) -> KeyValidation:
        """Asks the provider whether it accepts the key. The gateway does not store the key."""
        return self._driver.run(fetch(self._driver.config, KeyValidation, _validate(provider, api_key)))


class AsyncProviders:
    """As Providers, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver
        self.keys = AsyncProviderKeys(driver)

    async def list(self) -> List[ProviderHealth]:
        """How each provider is doing, on the accounts that your generations use."""
        return await self._driver.run(_list(self._driver.config))

    async def balances(self) -> List[Balance]:
        """One balance per provider: of the account that a generation of this client would be billed to.

        This is your own where the client has a key for it, else that of the organization's stored key, else the
        gateway's.
        """
        return await self._driver.run(_balances(self._driver.config))

    async def validate(self, provider: str, api_key: str) -> KeyValidation:
        """Asks the provider whether it accepts the key. The gateway does not store the key."""
        return await self._driver.run(fetch(self._driver.config, KeyValidation, _validate(provider, api_key)))


def _list(config: Config) -> Flow[List[ProviderHealth]]:
    return fetch_list(config, ProviderHealth, Call("GET", "/providers"), "providers")


def _balances(config: Config) -> Flow[List[Balance]]:
    return fetch_list(config, Balance, Call("GET", "/providers/balances", with_provider_keys=True), "balances")


def _validate(provider: str, api_key: str) -> Call:
    return Call("POST", "/providers/validate", body=json_bytes({"provider": provider, "api_key": api_key}))
