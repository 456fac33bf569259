"""``client.models``: the catalogue. Needs no key."""

from __future__ import annotations

from typing import Any, Mapping, Optional, TypedDict

from .._async_driver import AsyncDriver
from .._effects import Call
from .._flows import fetch, given, path_of
from .._sync_driver import SyncDriver
from .._typing import Unpack
from ..options import checked
from ..types import Model, ModelList


class ModelQuery(TypedDict, total=False):
    """Which models to list. ``sort``: name, cost, newest or popular."""

    provider: Optional[str]
    media_type: Optional[str]
    capability: Optional[str]
    search: Optional[str]
    sort: Optional[str]
    limit: Optional[int]
    featured: Optional[bool]


class Models:
    """The catalogue."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def list(self, **query: Unpack[ModelQuery]) -> ModelList:
        """Those that fit."""
        return self._driver.run(fetch(self._driver.config, ModelList, _list(query)))

    def get(self, model_id: str) -> Model:
        """Raises ``MODEL_NOT_FOUND``."""
        return self._driver.run(fetch(self._driver.config, Model, _get(model_id)))


class AsyncModels:
    """As Models, awaited."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list(self, **query: Unpack[ModelQuery]) -> ModelList:
        """Those that fit."""
        return await self._driver.run(fetch(self._driver.config, ModelList, _list(query)))

    async def get(self, model_id: str) -> Model:
        """Raises ``MODEL_NOT_FOUND``."""
        return await self._driver.run(fetch(self._driver.config, Model, _get(model_id)))


def _list(query: Mapping[str, Any]) -> Call:
    return Call("GET", "/models", query=given(**checked(ModelQuery, query)))


def _get(model_id: str) -> Call:
    return Call("GET", path_of("models", *model_id.split("/")))
