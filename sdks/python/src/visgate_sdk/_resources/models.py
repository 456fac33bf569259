"""``client.models``: the catalogue. It needs no key."""

from __future__ import annotations

from typing import Any, Mapping, Optional, TypedDict

from .._async_driver import AsyncDriver
from .._calls import fetch, path_of, without_none
from .._effects import Call
from .._sync_driver import SyncDriver
from .._typing import Unpack
from ..options import checked
from ..types import Model, ModelList


class ModelQuery(TypedDict, total=False):
    """Filters of ``models.list``; all models unless given. ``sort``: name, cost, newest or popular."""

    provider: Optional[str]
    media_type: Optional[str]
    capability: Optional[str]
    search: Optional[str]
    sort: Optional[str]
    limit: Optional[int]
    featured: Optional[bool]


class Models:
    """The catalogue of models."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def list(self, **query: Unpack[ModelQuery]) -> ModelList:
        """The models that match the query."""
        return self._driver.run(fetch(self._driver.config, ModelList, _list(query)))

    def get(self, model_id: str) -> Model:
        """One model by its id. Raises ``MODEL_NOT_FOUND``."""
        return self._driver.run(fetch(self._driver.config, Model, _get(model_id)))


class AsyncModels:
    """As Models, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list(self, **query: Unpack[ModelQuery]) -> ModelList:
        """The models that match the query."""
        return await self._driver.run(fetch(self._driver.config, ModelList, _list(query)))

    async def get(self, model_id: str) -> Model:
        """One model by its id. Raises ``MODEL_NOT_FOUND``."""
        return await self._driver.run(fetch(self._driver.config, Model, _get(model_id)))


def _list(query: Mapping[str, Any]) -> Call:
    return Call("GET", "/models", query=without_none(**checked(ModelQuery, query)))


def _get(model_id: str) -> Call:
    return Call("GET", path_of("models", *model_id.split("/")))
