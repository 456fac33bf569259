"""``client.api_keys``: the API keys of your organization."""

from __future__ import annotations

from datetime import datetime
from typing import Any, List, Mapping, Optional, Sequence, TypedDict, Union

from .._async_driver import AsyncDriver
from .._calls import call_json, fetch, path_of, succeeds_with, without_none
from .._config import Config
from .._effects import Call, Flow
from .._json import json_bytes, parse, time_text
from .._sync_driver import SyncDriver
from .._typing import Unpack
from ..options import checked
from ..types import ApiKey, ApiKeyDeleted

_PATH = path_of("api-keys")


class ApiKeyOptions(TypedDict, total=False):
    """What the key may do; the same as the key that creates it, unless given."""

    scopes: Optional[Sequence[str]]
    """``generate`` (submit and cancel), ``read`` (requests, events, usage), ``manage`` (keys, budgets, endpoints)."""
    models: Optional[Sequence[str]]
    """The only models that it may generate with."""
    requests_per_minute: Optional[int]
    """The generations that it may submit in a minute."""
    expires_at: Union[datetime, str, None]
    """When it stops working, as a datetime or ISO 8601."""


class ApiKeys:
    """API keys of the organization."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def create(self, name: str, **options: Unpack[ApiKeyOptions]) -> ApiKey:
        """Creates a key. This answer is the only one that shows the ``key`` itself.

        The key cannot have more scopes or models, a higher rate limit or a later expiry than the key that creates it,
        and has the same unless given. Not retried after a lost answer, which could create a second key.

        ``name``: a name for people, at most 100 characters.
        """
        return self._driver.run(fetch(self._driver.config, ApiKey, _create(name, options)))

    def list(self) -> List[ApiKey]:
        """All keys of the organization, without the keys themselves, oldest first."""
        return self._driver.run(_list(self._driver.config))

    def delete(self, api_key_id: str) -> ApiKeyDeleted:
        """Revokes the key: it stops working within a second. Raises ``NOT_FOUND``."""
        return self._driver.run(_delete(self._driver.config, api_key_id))


class AsyncApiKeys:
    """As ApiKeys, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def create(self, name: str, **options: Unpack[ApiKeyOptions]) -> ApiKey:
        """Creates a key. This answer is the only one that shows the ``key`` itself.

        The key cannot have more scopes or models, a higher rate limit or a later expiry than the key that creates it,
        and has the same unless given. Not retried after a lost answer, which could create a second key.

        ``name``: a name for people, at most 100 characters.
        """
        return await self._driver.run(fetch(self._driver.config, ApiKey, _create(name, options)))

    async def list(self) -> List[ApiKey]:
        """All keys of the organization, without the keys themselves, oldest first."""
        return await self._driver.run(_list(self._driver.config))

    async def delete(self, api_key_id: str) -> ApiKeyDeleted:
        """Revokes the key: it stops working within a second. Raises ``NOT_FOUND``."""
        return await self._driver.run(_delete(self._driver.config, api_key_id))


def _create(name: str, options: Mapping[str, Any]) -> Call:
    fields = dict(checked(ApiKeyOptions, options))
    expires_at = fields.pop("expires_at", None)
    if expires_at is not None:
        fields["expires_at"] = time_text(expires_at)
    return Call("POST", _PATH, body=json_bytes(without_none(name=name, **fields)), idempotent=False)


def _list(config: Config) -> Flow[List[ApiKey]]:
    return call_json(config, Call("GET", _PATH), _keys_in)


def _keys_in(body: Any) -> List[ApiKey]:
    if not isinstance(body, list):
        raise TypeError("the answer must be a list")
    return [parse(ApiKey, item) for item in body]


def _delete(config: Config, api_key_id: str) -> Flow[ApiKeyDeleted]:
    deleted = succeeds_with("NOT_FOUND", ApiKeyDeleted(api_key_id, True))
    return fetch(config, ApiKeyDeleted, Call("DELETE", path_of("api-keys", api_key_id)), after_lost_try=deleted)
