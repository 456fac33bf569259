"""The clients: all resources of the gateway over one pool of connections, blocking or for asyncio."""

from __future__ import annotations

from types import TracebackType
from typing import List, Optional, Type

import httpx

from ._async_driver import AsyncDriver
from ._calls import fetch, fetch_list
from ._config import resolve
from ._effects import Call
from ._resources.api_keys import ApiKeys, AsyncApiKeys
from ._resources.deliveries import AsyncDeliveries, Deliveries
from ._resources.events import AsyncEvents, Events
from ._resources.files import AsyncFiles, Files
from ._resources.images import DEFAULT_QUICK_MODEL, AsyncImages, Images, QuickImageOptions
from ._resources.models import AsyncModels, Models
from ._resources.providers import AsyncProviders, Providers
from ._resources.quotes import AsyncQuotes, Quotes
from ._resources.requests import AsyncRequests, Requests
from ._resources.usage import AsyncUsage, Usage
from ._resources.videos import AsyncVideos, Videos
from ._resources.webhooks import AsyncWebhookEndpoints, AsyncWebhooks, WebhookEndpoints, Webhooks
from ._sync_driver import SyncDriver
from ._typing import Unpack
from .types import Alert, Diagnostics, Health, Identity, QuickImageResult

_HEALTH = Call("GET", "/health", accept_status=503)
_DIAGNOSTICS = Call("GET", "/diagnostics")
_ALERTS = Call("GET", "/alerts")
_ME = Call("GET", "/auth/me")
_TIMEOUT_S = 120.0
_MAX_RETRIES = 2


class Client:
    """A client of a Visgate gateway; also a context manager.

    Args:
        api_key: the gateway's key, ``vg-…``; unless given, the environment variable VISGATE_API_KEY.
        base_url: the gateway's URL, with or without ``/api/v1``; unless given, the environment variable
            VISGATE_BASE_URL, then http://127.0.0.1:8787.
        timeout: seconds that one HTTP request may take. A generation may take longer: see GenerateOptions.
        max_retries: how often a call is tried again after 408, 429, 5xx or no answer.
        fal_key: your own fal key: generations are billed to you by fal. The same for ``replicate_key``, ``runway_key``.
        transport: an httpx transport, for proxies and the like. Its connections are shared with forked processes.

    Raises:
        ValidationError: an option is not valid; ``field`` names it.
    """

    def __init__(
        self,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        *,
        timeout: float = _TIMEOUT_S,
        max_retries: int = _MAX_RETRIES,
        fal_key: Optional[str] = None,
        replicate_key: Optional[str] = None,
        runway_key: Optional[str] = None,
        transport: Optional[httpx.BaseTransport] = None,
    ) -> None:
        config = resolve(
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            own_keys={"fal_key": fal_key, "replicate_key": replicate_key, "runway_key": runway_key},
        )
        self._driver = SyncDriver(config, transport)
        self.videos = Videos(self._driver)
        self.images = Images(self._driver)
        self.requests = Requests(self._driver)
        self.deliveries = Deliveries(self._driver)
        self.events = Events(self._driver)
        self.models = Models(self._driver)
        self.providers = Providers(self._driver)
        self.files = Files(self._driver)
        self.quotes = Quotes(self._driver)
        self.usage = Usage(self._driver)
        self.api_keys = ApiKeys(self._driver)
        self.webhook_endpoints = WebhookEndpoints(self._driver)
        self.webhooks = Webhooks(self._driver)

    def generate(
        self, prompt: str, model: str = DEFAULT_QUICK_MODEL, **options: Unpack[QuickImageOptions]
    ) -> QuickImageResult:
        """Generates one image; only the prompt is required. Raises the same errors as ``videos.generate``."""
        return self.images.quick(prompt, model, **options)

    def health(self) -> Health:
        """Whether the gateway can accept requests; needs no key. A degraded gateway is an answer here, not an error."""
        return self._driver.run(fetch(self._driver.config, Health, _HEALTH))

    def diagnostics(self) -> Diagnostics:
        """The configuration of the gateway and the health of its parts, which ``visgate doctor`` checks."""
        return self._driver.run(fetch(self._driver.config, Diagnostics, _DIAGNOSTICS))

    def alerts(self) -> List[Alert]:
        """What is wrong for the organization now, and what was in the last 24 hours; the newest first."""
        return self._driver.run(fetch_list(self._driver.config, Alert, _ALERTS, "alerts"))

    def me(self) -> Identity:
        """The organization that the key belongs to."""
        return self._driver.run(fetch(self._driver.config, Identity, _ME))

    def close(self) -> None:
        """Closes the connections. Accepted requests continue at the gateway.

        Calls of other threads, and later calls, fail with ``ABORTED``.
        """
        self._driver.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client(base_url={self._driver.config.base!r})"


class AsyncClient:
    """A client of a Visgate gateway for asyncio; also an async context manager.

    It has the options of Client; ``transport`` is an httpx transport for asyncio.
    """

    def __init__(
        self,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        *,
        timeout: float = _TIMEOUT_S,
        max_retries: int = _MAX_RETRIES,
        fal_key: Optional[str] = None,
        replicate_key: Optional[str] = None,
        runway_key: Optional[str] = None,
        transport: Optional[httpx.AsyncBaseTransport] = None,
    ) -> None:
        config = resolve(
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            own_keys={"fal_key": fal_key, "replicate_key": replicate_key, "runway_key": runway_key},
        )
        self._driver = AsyncDriver(config, transport)
        self.videos = AsyncVideos(self._driver)
        self.images = AsyncImages(self._driver)
        self.requests = AsyncRequests(self._driver)
        self.deliveries = AsyncDeliveries(self._driver)
        self.events = AsyncEvents(self._driver)
        self.models = AsyncModels(self._driver)
        self.providers = AsyncProviders(self._driver)
        self.files = AsyncFiles(self._driver)
        self.quotes = AsyncQuotes(self._driver)
        self.usage = AsyncUsage(self._driver)
        self.api_keys = AsyncApiKeys(self._driver)
        self.webhook_endpoints = AsyncWebhookEndpoints(self._driver)
        self.webhooks = AsyncWebhooks(self._driver)

    async def generate(
        self, prompt: str, model: str = DEFAULT_QUICK_MODEL, **options: Unpack[QuickImageOptions]
    ) -> QuickImageResult:
        """Generates one image; only the prompt is required. Raises the same errors as ``videos.generate``."""
        return await self.images.quick(prompt, model, **options)

    async def health(self) -> Health:
        """Whether the gateway can accept requests; needs no key. A degraded gateway is an answer here, not an error."""
        return await self._driver.run(fetch(self._driver.config, Health, _HEALTH))

    async def diagnostics(self) -> Diagnostics:
        """As Client.diagnostics."""
        return await self._driver.run(fetch(self._driver.config, Diagnostics, _DIAGNOSTICS))

    async def alerts(self) -> List[Alert]:
        """As Client.alerts."""
        return await self._driver.run(fetch_list(self._driver.config, Alert, _ALERTS, "alerts"))

    async def me(self) -> Identity:
        """The organization that the key belongs to."""
        return await self._driver.run(fetch(self._driver.config, Identity, _ME))

    async def close(self) -> None:
        """Closes the connections of this event loop. Accepted requests continue at the gateway.

        Calls of other tasks, and later calls, fail with ``ABORTED``.
        """
        await self._driver.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient(base_url={self._driver.config.base!r})"
