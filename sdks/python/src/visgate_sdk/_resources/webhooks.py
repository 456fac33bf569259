"""``client.webhook_endpoints`` and ``client.webhooks``: receivers of events, their secrets, and redelivery."""

from __future__ import annotations

from datetime import datetime
from typing import Any, List, Mapping, Optional, Sequence, Union

from .._async_driver import AsyncDriver
from .._calls import call_json, fetch, fetch_list, path_of, succeeds_with, without_none
from .._config import Config
from .._effects import Call, Flow
from .._json import json_bytes, time_text
from .._sync_driver import SyncDriver
from ..types import Redelivering, WebhookEndpoint, WebhookEndpointDeleted

_ENDPOINTS = "webhook-endpoints"


class WebhookEndpoints:
    """Receivers of the events of the organization."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def create(
        self,
        url: str,
        *,
        events: Optional[Sequence[str]] = None,
        description: Optional[str] = None,
        enabled: Optional[bool] = None,
    ) -> WebhookEndpoint:
        """Registers an endpoint. This answer is the only one that shows its ``secret``.

        Not retried after a lost answer, which could create a second endpoint.
        """
        body = without_none(url=url, events=events, description=description, enabled=enabled)
        return self._driver.run(fetch(self._driver.config, WebhookEndpoint, _post_once(body, _ENDPOINTS)))

    def list(self) -> List[WebhookEndpoint]:
        """All endpoints."""
        return self._driver.run(_list(self._driver.config))

    def get(self, endpoint_id: str) -> WebhookEndpoint:
        """One endpoint. Raises ``NOT_FOUND``."""
        return self._driver.run(fetch(self._driver.config, WebhookEndpoint, _one("GET", endpoint_id)))

    def update(
        self,
        endpoint_id: str,
        *,
        url: Optional[str] = None,
        events: Optional[Sequence[str]] = None,
        description: Optional[str] = None,
        enabled: Optional[bool] = None,
    ) -> WebhookEndpoint:
        """Changes the given fields only."""
        body = without_none(url=url, events=events, description=description, enabled=enabled)
        return self._driver.run(fetch(self._driver.config, WebhookEndpoint, _one("PATCH", endpoint_id, body)))

    def delete(self, endpoint_id: str) -> WebhookEndpointDeleted:
        """Removes the endpoint."""
        return self._driver.run(_delete(self._driver.config, endpoint_id))

    def rotate_secret(self, endpoint_id: str, *, overlap_seconds: Optional[int] = None) -> WebhookEndpoint:
        """Creates a new secret; not retried after a lost answer.

        For ``overlap_seconds`` (86,400 unless given), webhooks are signed with the old secret as well.
        """
        call = _post_once(without_none(overlap_seconds=overlap_seconds), _ENDPOINTS, endpoint_id, "rotate-secret")
        return self._driver.run(fetch(self._driver.config, WebhookEndpoint, call))

    def redeliver(self, endpoint_id: str, since: Union[datetime, str]) -> Redelivering:
        """Sends the endpoint's abandoned webhooks again, for events since a time (a datetime, or ISO 8601)."""
        call = _post_once({"since": time_text(since)}, _ENDPOINTS, endpoint_id, "redeliver")
        return self._driver.run(fetch(self._driver.config, Redelivering, call))


class AsyncWebhookEndpoints:
    """As WebhookEndpoints, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def create(
        self,
        url: str,
        *,
        events: Optional[Sequence[str]] = None,
        description: Optional[str] = None,
        enabled: Optional[bool] = None,
    ) -> WebhookEndpoint:
        """Registers an endpoint. This answer is the only one that shows its ``secret``.

        Not retried after a lost answer, which could create a second endpoint.
        """
        body = without_none(url=url, events=events, description=description, enabled=enabled)
        return await self._driver.run(fetch(self._driver.config, WebhookEndpoint, _post_once(body, _ENDPOINTS)))

    async def list(self) -> List[WebhookEndpoint]:
        """All endpoints."""
        return await self._driver.run(_list(self._driver.config))

    async def get(self, endpoint_id: str) -> WebhookEndpoint:
        """One endpoint. Raises ``NOT_FOUND``."""
        return await self._driver.run(fetch(self._driver.config, WebhookEndpoint, _one("GET", endpoint_id)))

    async def update(
        self,
        endpoint_id: str,
        *,
        url: Optional[str] = None,
        events: Optional[Sequence[str]] = None,
        description: Optional[str] = None,
        enabled: Optional[bool] = None,
    ) -> WebhookEndpoint:
        """Changes the given fields only."""
        body = without_none(url=url, events=events, description=description, enabled=enabled)
        return await self._driver.run(fetch(self._driver.config, WebhookEndpoint, _one("PATCH", endpoint_id, body)))

    async def delete(self, endpoint_id: str) -> WebhookEndpointDeleted:
        """Removes the endpoint."""
        return await self._driver.run(_delete(self._driver.config, endpoint_id))

    async def rotate_secret(self, endpoint_id: str, *, overlap_seconds: Optional[int] = None) -> WebhookEndpoint:
        """Creates a new secret; not retried after a lost answer.

        For ``overlap_seconds`` (86,400 unless given), webhooks are signed with the old secret as well.
        """
        call = _post_once(without_none(overlap_seconds=overlap_seconds), _ENDPOINTS, endpoint_id, "rotate-secret")
        return await self._driver.run(fetch(self._driver.config, WebhookEndpoint, call))

    async def redeliver(self, endpoint_id: str, since: Union[datetime, str]) -> Redelivering:
        """Sends the endpoint's abandoned webhooks again, for events since a time (a datetime, or ISO 8601)."""
        call = _post_once({"since": time_text(since)}, _ENDPOINTS, endpoint_id, "redeliver")
        return await self._driver.run(fetch(self._driver.config, Redelivering, call))


class Webhooks:
    """All webhooks of the organization."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def secret(self) -> str:
        """The secret (``whsec_…``) that signs webhooks to the ``webhook_url`` of a request."""
        return self._driver.run(_secret(self._driver.config))

    def redeliver(self, since: Union[datetime, str]) -> Redelivering:
        """Sends all abandoned webhooks again, for events since a time (a datetime, or ISO 8601)."""
        call = _post_once({"since": time_text(since)}, "deliveries", "redeliver")
        return self._driver.run(fetch(self._driver.config, Redelivering, call))


class AsyncWebhooks:
    """As Webhooks, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def secret(self) -> str:
        """The secret (``whsec_…``) that signs webhooks to the ``webhook_url`` of a request."""
        return await self._driver.run(_secret(self._driver.config))

    async def redeliver(self, since: Union[datetime, str]) -> Redelivering:
        """Sends all abandoned webhooks again, for events since a time (a datetime, or ISO 8601)."""
        call = _post_once({"since": time_text(since)}, "deliveries", "redeliver")
        return await self._driver.run(fetch(self._driver.config, Redelivering, call))


def _post_once(body: Mapping[str, Any], *path: str) -> Call:
    """Not retried when it may have been processed: it would act again, and no key tells the gateway so."""
    return Call("POST", path_of(*path), body=json_bytes(body), idempotent=False)


def _one(method: str, endpoint_id: str, body: Optional[Mapping[str, Any]] = None) -> Call:
    return Call(method, path_of(_ENDPOINTS, endpoint_id), body=None if body is None else json_bytes(body))


def _delete(config: Config, endpoint_id: str) -> Flow[WebhookEndpointDeleted]:
    deleted = succeeds_with("NOT_FOUND", WebhookEndpointDeleted(endpoint_id, True))
    return fetch(config, WebhookEndpointDeleted, _one("DELETE", endpoint_id), after_lost_try=deleted)


def _list(config: Config) -> Flow[List[WebhookEndpoint]]:
    return fetch_list(config, WebhookEndpoint, Call("GET", path_of(_ENDPOINTS)), "endpoints")


def _secret(config: Config) -> Flow[str]:
    return call_json(config, Call("GET", "/webhooks/default/secret"), _key_in)


def _key_in(body: Any) -> str:
    if not isinstance(body["key"], str):
        raise TypeError("the key must be text")
    return body["key"]
