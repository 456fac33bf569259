"""The dataclasses are what the running API says in its OpenAPI document that it answers."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Set

import httpx
import pytest
from conftest import Stack

from visgate_sdk import types

ANSWERS = [
    (types.RequestStatus, "get", "/requests/{id}", 200, {"timeline"}),
    (types.VideoResult, "post", "/videos/generate", 200, set()),
    (types.ImageResult, "post", "/images/generate", 200, set()),
    (types.QuickImageResult, "post", "/generate", 200, set()),
    (types.CancelAnswer, "post", "/requests/{id}/cancel", 202, set()),
    (types.DeleteAnswer, "delete", "/requests/{id}", 200, set()),
    (types.FeedPage, "get", "/events", 200, set()),
    (types.WebhookEndpoint, "post", "/webhook-endpoints", 201, set()),
    (types.Model, "get", "/models/{id}", 200, set()),
    (types.ModelList, "get", "/models", 200, set()),
    (types.KeyValidation, "post", "/providers/validate", 200, set()),
    (types.Health, "get", "/health", 200, set()),
    (types.Identity, "get", "/auth/me", 200, set()),
    (types.Redelivering, "post", "/deliveries/redeliver", 202, set()),
]
LISTS = [
    (types.FeedEvent, "/events", "events"),
    (types.Delivery, "/requests/{id}/deliveries", "deliveries"),
    (types.Balance, "/providers/balances", "balances"),
]


@pytest.fixture(scope="session")
def paths(stack: Stack) -> Dict[str, Any]:
    document: Dict[str, Any] = httpx.get(f"{stack.base_url}/api/v1/openapi.json").json()
    found: Dict[str, Any] = document["paths"]
    return found


def schema_of(paths: Dict[str, Any], method: str, path: str, status: int) -> Dict[str, Any]:
    answers = paths[f"/api/v1{path}"][method]["responses"]
    schema: Dict[str, Any] = answers[str(status)]["content"]["application/json"]["schema"]
    return schema


def names_of(kind: Any) -> Set[str]:
    return {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize(("kind", "method", "path", "status", "beside"), ANSWERS)
def test_answers(paths: Dict[str, Any], kind: Any, method: str, path: str, status: int, beside: Set[str]) -> None:
    assert names_of(kind) | beside == set(schema_of(paths, method, path, status)["properties"])


@pytest.mark.parametrize(("kind", "path", "name"), LISTS)
def test_lists(paths: Dict[str, Any], kind: Any, path: str, name: str) -> None:
    items = schema_of(paths, "get", path, 200)["properties"][name]["items"]
    assert names_of(kind) == set(items["properties"])


def test_time_lines(paths: Dict[str, Any]) -> None:
    entries = schema_of(paths, "get", "/requests/{id}", 200)["properties"]["timeline"]["items"]["oneOf"]
    assert names_of(types.TimelineEntry) == {name for entry in entries for name in entry["properties"]}
