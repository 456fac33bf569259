"""``client.webhook_endpoints`` and ``client.webhooks``: who is told of what happens to requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any, List, Mapping, Optional, Sequence, Union

from .._async_driver import AsyncDriver
from .._config import Config
from .._effects import Call, Flow
from .._flows import call_json, fetch, fetch_list, given, path_of, taken_for_done
from .._json import json_bytes
from .._parse import time_text
from .._sync_driver import SyncDriver
from ..types import Redelivering, WebhookEndpoint, WebhookEndpointDeleted

_ENDPOINTS = "webhook-endpoints"


class WebhookEndpoints:
    """Receivers of the events of all requests."""

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
        """Its ``secret`` is shown here and never again. Not tried again after a lost answer: it would be a second one."""
        body = given(url=url, events=events, description=description, enabled=enabled)
        return self._driver.run(fetch(self._driver.config, WebhookEndpoint, _post_once(body, _ENDPOINTS)))

    def list(self) -> List[WebhookEndpoint]:
        """All of them."""
        return self._driver.run(_list(self._driver.config))

    def get(self, endpoint_id: str) -> WebhookEndpoint:
        """One of them."""
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
        """Changes what is given."""
        body = given(url=url, events=events, description=description, enabled=enabled)
        return self._driver.run(fetch(self._driver.config, WebhookEndpoint, _one("PATCH", endpoint_id, body)))

    def delete(self, endpoint_id: str) -> WebhookEndpointDeleted:
        """Removes it."""
        return self._driver.run(_delete(self._driver.config, endpoint_id))

    def rotate_secret(self, endpoint_id: str, *, overlap_seconds: Optional[int] = None) -> WebhookEndpoint:
        """A new secret; webhooks are signed with the old one too for ``overlap_seconds``, a day unless given."""
        call = _post_once(given(overlap_seconds=overlap_seconds), _ENDPOINTS, endpoint_id, "rotate-secret")
        return self._driver.run(fetch(self._driver.config, WebhookEndpoint, call))

    def redeliver(self, endpoint_id: str, since: Union[datetime, str]) -> Redelivering:
        """Sends anew what was given up on, of events since a time (a datetime, or ISO 8601)."""
        call = _post_once({"since": time_text(since)}, _ENDPOINTS, endpoint_id, "redeliver")
        return self._driver.run(fetch(self._driver.config, Redelivering, call))


class AsyncWebhookEndpoints:
    """As WebhookEndpoints, awaited."""

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
        """Its ``secret`` is shown here and never again. Not tried again after a lost answer: it would be a second one."""
        body = given(url=url, events=events, description=description, enabled=enabled)
        return await self._driver.run(fetch(self._driver.config, WebhookEndpoint, _post_once(body, _ENDPOINTS)))

    async def list(self) -> List[WebhookEndpoint]:
        """All of them."""
        return await self._driver.run(_list(self._driver.config))

    async def get(self, endpoint_id: str) -> WebhookEndpoint:
        """One of them."""
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
        """Changes what is given."""
        body = given(url=url, events=events, description=description, enabled=enabled)
        return await self._driver.run(fetch(self._driver.config, WebhookEndpoint, _one("PATCH", endpoint_id, body)))

    async def delete(self, endpoint_id: str) -> WebhookEndpointDeleted:
        """Removes it."""
        return await self._driver.run(_delete(self._driver.config, endpoint_id))

    async def rotate_secret(self, endpoint_id: str, *, overlap_seconds: Optional[int] = None) -> WebhookEndpoint:
        """A new secret; webhooks are signed with the old one too for ``overlap_seconds``, a day unless given."""
        call = _post_once(given(overlap_seconds=overlap_seconds), _ENDPOINTS, endpoint_id, "rotate-secret")
        return await self._driver.run(fetch(self._driver.config, WebhookEndpoint, call))

    async def redeliver(self, endpoint_id: str, since: Union[datetime, str]) -> Redelivering:
        """Sends anew what was given up on, of events since a time (a datetime, or ISO 8601)."""
        call = _post_once({"since": time_text(since)}, _ENDPOINTS, endpoint_id, "redeliver")
        return await self._driver.run(fetch(self._driver.config, Redelivering, call))


class Webhooks:
    """Webhooks of the organization as a whole."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def secret(self) -> str:
        """``whsec_…``: what webhooks to a request's own ``webhook_url`` are signed with."""
        return self._driver.run(_secret(self._driver.config))

    def redeliver(self, since: Union[datetime, str]) -> Redelivering:
        """Sends anew all that was given up on, of events since a time (a datetime, or ISO 8601)."""
        call = _post_once({"since": time_text(since)}, "deliveries", "redeliver")
        return self._driver.run(fetch(self._driver.config, Redelivering, call))


class AsyncWebhooks:
    """As Webhooks, awaited."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def secret(self) -> str:
        """``whsec_…``: what webhooks to a request's own ``webhook_url`` are signed with."""
        return await self._driver.run(_secret(self._driver.config))

    async def redeliver(self, since: Union[datetime, str]) -> Redelivering:
        """Sends anew all that was given up on, of events since a time (a datetime, or ISO 8601)."""
        call = _post_once({"since": time_text(since)}, "deliveries", "redeliver")
        return await self._driver.run(fetch(self._driver.config, Redelivering, call))


def _post_once(body: Mapping[str, Any], *path: str) -> Call:
    return Call("POST", path_of(*path), body=json_bytes(body), idempotent=False)


def _one(method: str, endpoint_id: str, body: Optional[Mapping[str, Any]] = None) -> Call:
    return Call(method, path_of(_ENDPOINTS, endpoint_id), body=None if body is None else json_bytes(body))


def _delete(config: Config, endpoint_id: str) -> Flow[WebhookEndpointDeleted]:
    gone = taken_for_done("NOT_FOUND", WebhookEndpointDeleted(endpoint_id, True))
    return fetch(config, WebhookEndpointDeleted, _one("DELETE", endpoint_id), after_lost_try=gone)


def _list(config: Config) -> Flow[List[WebhookEndpoint]]:
    return fetch_list(config, WebhookEndpoint, Call("GET", path_of(_ENDPOINTS)), "endpoints")


def _secret(config: Config) -> Flow[str]:
    return call_json(config, Call("GET", "/webhooks/default/secret"), _key_in)


def _key_in(body: Any) -> str:
    if not isinstance(body["key"], str):
        raise TypeError("a key is text")
    return body["key"]
