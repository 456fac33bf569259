"""``client.providers.keys``: the provider keys that the gateway keeps for your organization."""

from __future__ import annotations

from typing import List, Optional

from .._async_driver import AsyncDriver
from .._calls import fetch_list, path_of
from .._config import Config
from .._effects import Call, Flow
from .._json import json_bytes
from .._sync_driver import SyncDriver
from ..errors import VisgateError
from ..types import ProviderKey

_PATH = path_of("providers", "keys")


class ProviderKeys:
    """The organization's own provider keys."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def list(self) -> List[ProviderKey]:
        """The stored keys, by provider, without the keys themselves."""
        return self._driver.run(list_keys(self._driver.config))

    def set(self, provider: str, api_key: str) -> List[ProviderKey]:
        """Stores the key, in place of an earlier one: generations of the organization are billed to its account.

        Returns all stored keys. Raises ValidationError when the provider refuses the key, or takes no keys of callers.
        """
        return self._driver.run(set_key(self._driver.config, provider, api_key))

    def delete(self, provider: str) -> List[ProviderKey]:
        """Removes the key, and returns the keys that are left. Raises ``NOT_FOUND``.

        Generations that were submitted with the key still use it.
        """
        return self._driver.run(delete_key(self._driver.config, provider))


class AsyncProviderKeys:
    """As ProviderKeys, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list(self) -> List[ProviderKey]:
        """The stored keys, by provider, without the keys themselves."""
        return await self._driver.run(list_keys(self._driver.config))

    async def set(self, provider: str, api_key: str) -> List[ProviderKey]:
        """Stores the key, in place of an earlier one: generations of the organization are billed to its account.

        Returns all stored keys. Raises ValidationError when the provider refuses the key, or takes no keys of callers.
        """
        return await self._driver.run(set_key(self._driver.config, provider, api_key))

    async def delete(self, provider: str) -> List[ProviderKey]:
        """Removes the key, and returns the keys that are left. Raises ``NOT_FOUND``.

        Generations that were submitted with the key still use it.
        """
        return await self._driver.run(delete_key(self._driver.config, provider))


def list_keys(config: Config) -> Flow[List[ProviderKey]]:
    return fetch_list(config, ProviderKey, Call("GET", _PATH), "keys")


def set_key(config: Config, provider: str, api_key: str) -> Flow[List[ProviderKey]]:
    body = json_bytes({"provider": provider, "api_key": api_key})
    return fetch_list(config, ProviderKey, Call("PUT", _PATH, body=body), "keys")


def delete_key(config: Config, provider: str) -> Flow[List[ProviderKey]]:
    """After a lost answer, "not found" means that the earlier try has deleted the key."""

    def after_lost_try(error: VisgateError) -> Flow[Optional[List[ProviderKey]]]:
        return (yield from list_keys(config)) if error.error_code == "NOT_FOUND" else None

    call = Call("DELETE", path_of("providers", "keys", provider))
    return fetch_list(config, ProviderKey, call, "keys", after_lost_try=after_lost_try)
