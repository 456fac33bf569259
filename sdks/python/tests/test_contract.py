"""The dataclasses match the OpenAPI document of the running API: names, types and what may be null."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import date, datetime
from typing import Any, Dict, List, Set, Tuple, Union, get_args, get_origin, get_type_hints

import httpx
import pytest
from conftest import Stack

from visgate_sdk import AsyncClient, Client, types
from visgate_sdk._providers import KEY_HEADERS
from visgate_sdk._resources.deliveries import Page as DeliveriesPage
from visgate_sdk._resources.request_pages import Page

Schema = Dict[str, Any]

ANSWERS = [
    (types.RequestStatus, "get", "/requests/{id}", 200),
    (types.VideoResult, "post", "/videos/generate", 200),
    (types.UploadedFile, "post", "/files", 201),
    (types.ImageResult, "post", "/images/generate", 200),
    (types.QuickImageResult, "post", "/generate", 200),
    (Page, "get", "/requests", 200),
    (types.BulkResult, "post", "/requests/bulk", 200),
    (DeliveriesPage, "get", "/deliveries", 200),
    (types.CancelAnswer, "post", "/requests/{id}/cancel", 202),
    (types.DeleteAnswer, "delete", "/requests/{id}", 200),
    (types.WebhookEndpoint, "post", "/webhook-endpoints", 201),
    (types.WebhookEndpointDeleted, "delete", "/webhook-endpoints/{id}", 200),
    (types.Model, "get", "/models/{id}", 200),
    (types.ModelList, "get", "/models", 200),
    (types.KeyValidation, "post", "/providers/validate", 200),
    (types.Health, "get", "/health", 200),
    (types.Diagnostics, "get", "/diagnostics", 200),
    (types.Identity, "get", "/auth/me", 200),
    (types.Redelivering, "post", "/deliveries/redeliver", 202),
    (types.UsageSummary, "get", "/usage", 200),
    (types.Dashboard, "get", "/dashboard", 200),
    (types.BillingInfo, "get", "/billing/info", 200),
    (types.Budget, "put", "/budgets", 200),
    (types.BudgetDeleted, "delete", "/budgets", 200),
    (types.Quote, "post", "/quotes", 200),
    (types.Receipt, "get", "/requests/{id}/receipt", 200),
    (types.RequestStatus, "post", "/requests/{id}/settle", 200),
    (types.ApiKey, "post", "/api-keys", 201),
    (types.ApiKeyDeleted, "delete", "/api-keys/{id}", 200),
]
LISTS = [
    (types.Delivery, "/requests/{id}/deliveries", "deliveries"),
    (types.ProviderHealth, "/providers", "providers"),
    (types.Balance, "/providers/balances", "balances"),
    (types.ProviderKey, "/providers/keys", "keys"),
    (types.UsageLog, "/usage/logs", "logs"),
    (types.Budget, "/budgets", "budgets"),
    (types.Alert, "/alerts", "alerts"),
]
# Fields that a method of its own returns.
SEPARATE = {types.RequestStatus: {"timeline"}}


@pytest.fixture(scope="session")
def paths(stack: Stack) -> Schema:
    document: Schema = httpx.get(f"{stack.base_url}/api/v1/openapi.json").json()
    found: Schema = without_references(document, document)["paths"]
    return found


def without_references(node: Any, document: Schema) -> Any:
    """The schemas themselves, wherever the document refers to them by name."""
    if isinstance(node, list):
        return [without_references(one, document) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target: Any = document
        for name in node["$ref"].split("/")[1:]:
            target = target[name]
        return without_references(target, document)
    found = {key: without_references(value, document) for key, value in node.items()}
    # A reference with a description beside it.
    return {**found.pop("allOf")[0], **found} if "allOf" in found else found


def schema_of(paths: Schema, method: str, path: str, status: int) -> Schema:
    answers = paths[f"/api/v1{path}"][method]["responses"]
    schema: Schema = answers[str(status)]["content"]["application/json"]["schema"]
    return schema


def differences(hint: Any, schema: Schema, where: str) -> List[str]:
    """The differences between a type hint and a JSON schema."""
    hint, may_be_none = without_none(hint)
    schema, may_be_null = without_null(schema)
    found = [f"{where}: may be null"] if may_be_null and not may_be_none else []
    if dataclasses.is_dataclass(hint):
        return found + differences_of_fields(hint, schema, where)
    if get_origin(hint) is list:
        return found + differences(get_args(hint)[0], schema["items"], f"{where}[]")
    is_right = schema.get("type") in JSON_TYPES[get_origin(hint) or hint]
    if hint is str and schema.get("format") in ("date-time", "date"):
        is_right = False
    return found if is_right else [*found, f"{where}: {hint} for {schema}"]


JSON_TYPES: Dict[Any, Tuple[Any, ...]] = {
    str: ("string",),
    datetime: ("string",),
    date: ("string",),
    int: ("integer",),
    float: ("number", "integer"),
    bool: ("boolean",),
    dict: ("object",),
}


def differences_of_fields(kind: Any, schema: Schema, where: str) -> List[str]:
    hints = {field.name: get_type_hints(kind)[field.name] for field in dataclasses.fields(kind)}
    properties = {name: one for name, one in schema["properties"].items() if name not in SEPARATE.get(kind, ())}
    found = [f"{where}.{name}" for name in set(hints) ^ set(properties)]
    for name in set(hints) & set(properties):
        found += differences(hints[name], properties[name], f"{where}.{name}")
    needed = {field.name for field in dataclasses.fields(kind) if not has_default(field)}
    return found + [f"{where}.{name}: may be missing" for name in needed - set(schema["required"])]


def has_default(field: Any) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def without_none(hint: Any) -> Tuple[Any, bool]:
    if get_origin(hint) is not Union:
        return hint, False
    [one] = [one for one in get_args(hint) if one is not type(None)]
    return one, True


def without_null(schema: Schema) -> Tuple[Schema, bool]:
    """The schema without null, and whether it allowed null: by ``anyOf``, or by a list of types."""
    if isinstance(schema.get("type"), list):
        [one] = [one for one in schema["type"] if one != "null"]
        return {**schema, "type": one}, True
    kinds = schema.get("anyOf") or schema.get("oneOf")
    if kinds is None:
        return schema, False
    others = [kind for kind in kinds if kind.get("type") != "null"]
    return others[0], len(others) < len(kinds)


@pytest.mark.parametrize(("kind", "method", "path", "status"), ANSWERS)
def test_an_answer_has_the_fields_of_its_schema(paths: Schema, kind: Any, method: str, path: str, status: int) -> None:
    assert differences(kind, schema_of(paths, method, path, status), kind.__name__) == []


@pytest.mark.parametrize(("kind", "path", "name"), LISTS)
def test_items_of_a_list_have_the_fields_of_their_schema(paths: Schema, kind: Any, path: str, name: str) -> None:
    items = schema_of(paths, "get", path, 200)["properties"][name]["items"]
    assert differences(kind, items, kind.__name__) == []


def test_timeline_entry_has_the_fields_of_all_entries(paths: Schema) -> None:
    entries = schema_of(paths, "get", "/requests/{id}", 200)["properties"]["timeline"]["items"]["oneOf"]
    hints = get_type_hints(types.TimelineEntry)
    assert set(hints) == {name for entry in entries for name in entry["properties"]}
    for entry in entries:
        for name, schema in entry["properties"].items():
            assert differences(hints[name], schema, f"{entry['properties']['name']}.{name}") == []


def test_events_have_the_fields_of_their_schemas(paths: Schema) -> None:
    page = schema_of(paths, "get", "/events", 200)["properties"]
    assert set(page) == set(get_type_hints(types.FeedPage))
    of_request, of_budget, *of_alert = page["events"]["items"]["oneOf"]
    hints = get_type_hints(types.FeedEvent)
    in_data = get_args(hints["data"])
    kinds = [(of_request, types.RequestStatus), (of_budget, types.BudgetThreshold)]
    for schema, kind in [*kinds, *((schema, types.Alert) for schema in of_alert)]:
        assert set(schema["properties"]) == set(hints)
        assert kind in in_data
        data, may_be_null = without_null(schema["properties"]["data"])
        # Only answers to calls say what a request was made from.
        absent = ["RequestStatus.input"] if kind is types.RequestStatus else []
        assert differences_of_fields(kind, data, kind.__name__) == absent
        assert may_be_null == (kind is types.RequestStatus)


def test_every_dataclass_is_compared() -> None:
    """By itself, or as a field of another."""
    compared: Set[Any] = {
        types.TimelineEntry,
        types.WebhookEvent,
        types.FeedPage,
        types.FeedEvent,
        types.BudgetThreshold,
    }
    left: List[Any] = [kind for kind, *_ in [*ANSWERS, *LISTS]]
    while left:
        kind = left.pop()
        compared.add(kind)
        hints = [without_none(hint)[0] for hint in get_type_hints(kind).values()]
        inside = [get_args(hint)[0] if get_origin(hint) is list else hint for hint in hints]
        left += [one for one in inside if dataclasses.is_dataclass(one) and one not in compared]
    classes = {kind for _, kind in inspect.getmembers(types, inspect.isclass) if dataclasses.is_dataclass(kind)}
    assert classes <= compared


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_a_client_takes_a_key_for_each_provider_that_allows_it(client: Any) -> None:
    options = inspect.signature(client).parameters
    assert {name for name in options if name.endswith("_key") and name != "api_key"} == set(KEY_HEADERS)
