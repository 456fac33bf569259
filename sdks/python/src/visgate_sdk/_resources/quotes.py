"""``client.quotes``: what a generation would cost and how long it would take."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .._async_driver import AsyncDriver
from .._calls import fetch, without_none
from .._effects import Call
from .._json import json_bytes
from .._sync_driver import SyncDriver
from .._typing import Unpack
from ..options import RequestOptions, checked
from ..types import Quote
from .images import ImageInputs


class QuoteOptions(RequestOptions, ImageInputs, total=False):
    """The options of the generation, beside its model and its prompt."""

    image_url: Optional[str]
    """The image to animate, as an https URL or a data: URI of at most 5 MB."""
    duration_seconds: Optional[float]
    """The length of a video; 5 unless given. Rounded up to the next duration that the model allows."""


class Quotes:
    """Quotes of generations."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def create(self, model: str, prompt: str, **options: Unpack[QuoteOptions]) -> Quote:
        """Says what the generation would cost. Nothing is submitted, set aside or spent.

        ``model``: catalogue id of a video or an image model. Raises the same ValidationError as the generation would.
        """
        return self._driver.run(fetch(self._driver.config, Quote, _create(model, prompt, options)))


class AsyncQuotes:
    """As Quotes, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def create(self, model: str, prompt: str, **options: Unpack[QuoteOptions]) -> Quote:
        """Says what the generation would cost. Nothing is submitted, set aside or spent.

        ``model``: catalogue id of a video or an image model. Raises the same ValidationError as the generation would.
        """
        return await self._driver.run(fetch(self._driver.config, Quote, _create(model, prompt, options)))


def _create(model: str, prompt: str, options: Mapping[str, Any]) -> Call:
    body = without_none(model=model, prompt=prompt, **checked(QuoteOptions, options))
    return Call("POST", "/quotes", body=json_bytes(body), with_provider_keys=True)
