"""Invalid options, ids and values: an error that names them, before anything is sent."""

from __future__ import annotations

import typing
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import pytest
from conftest import MODEL, Stack
from fault_proxy import FaultProxy

from visgate_sdk import AsyncClient, Client, ValidationError, VisgateError


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "http://user:password@gateway.test"},
        {"base_url": "http://gateway.test/?a=b"},
        {"base_url": "http://gateway.test/?"},
        {"base_url": "http://gateway.test/#"},
        {"base_url": " http://gateway.test"},
        {"base_url": "http://gateway.test:99999"},
        {"timeout": None},
        {"timeout": float("nan")},
        {"timeout": 1e10},
        {"api_key": 7},
    ],
)
def test_an_invalid_client_option(options: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Client(**options)
    assert caught.value.field in options
    assert "password" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("key", ["", " ", "ü", "a\nb", "a ", "x" * 256, uuid.uuid4()])
def test_an_invalid_idempotency_key(proxied: Client, proxy: FaultProxy, key: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        proxied.videos.generate(MODEL, "a prompt", idempotency_key=key)
    assert caught.value.field == "idempotency_key" and proxy.seen == []


async def coroutine_function(status: Any) -> None:
    """The blocking client would not await it."""


WAITS: Any = [
    *[{"timeout": value} for value in (-1, float("nan"), float("inf"), "soon")],
    *[{"poll_interval": value} for value in (-1, float("nan"), "x")],
    *[{"deadline_seconds": value} for value in ("600s", -1)],
    *[{"on_progress": value} for value in ("not a function", coroutine_function)],
]


@pytest.mark.parametrize("options", WAITS)
def test_an_invalid_wait_option_is_refused_before_the_submit(proxied: Client, proxy: FaultProxy, options: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        proxied.videos.generate(MODEL, "a prompt", idempotency_key="mine", **options)
    assert caught.value.field in options and proxy.seen == []
    assert caught.value.idempotency_key == "mine"


@pytest.mark.parametrize("field", ["params", "metadata"])
@pytest.mark.parametrize("value", [object(), b"bytes", float("nan"), "\ud800"])
def test_a_value_that_json_cannot_hold_names_its_field(
    proxied: Client, proxy: FaultProxy, field: str, value: Any
) -> None:
    options: Any = {field: {"seed": value}}
    with pytest.raises(ValidationError, match="JSON") as caught:
        proxied.videos.generate(MODEL, "a prompt", idempotency_key="mine", **options)
    assert (caught.value.field, caught.value.idempotency_key, proxy.seen) == (field, "mine", [])


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_every_method_has_type_hints_at_run_time(kind: Any) -> None:
    parts = [kind, *map(type, vars(kind(base_url="http://gateway.test")).values())]
    methods = [one for part in parts for name, one in vars(part).items() if callable(one) and name[0] != "_"]
    assert len(methods) > 30 and all(typing.get_type_hints(method) for method in methods)


CALLS: Any = [
    lambda client, id: client.requests.get(id),
    lambda client, id: client.requests.delete(id),
    lambda client, id: client.requests.wait(id),
    lambda client, id: list(client.requests.events(id)),
    lambda client, id: client.requests.receipt(id),
    lambda client, id: client.requests.settle(id, "released"),
    lambda client, id: client.webhook_endpoints.delete(id),
    lambda client, id: client.api_keys.delete(id),
    lambda client, id: client.models.get(id),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("request_id", ["", ".", "..", "\ud800"])
def test_an_id_that_would_lead_to_another_path(
    proxied: Client, proxy: FaultProxy, call: Callable[[Client, str], Any], request_id: str
) -> None:
    with pytest.raises(ValidationError):
        call(proxied, request_id)
    assert proxy.seen == []


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("date", lambda client: client.usage.get(date="\ud800")),
        ("subject", lambda client: client.usage.budgets.delete("\ud800", "day")),
        ("model", lambda client: client.requests.list(model="\ud800")),
    ],
)
def test_a_query_that_is_not_valid_unicode_names_its_field(
    proxied: Client, proxy: FaultProxy, field: str, call: Callable[[Client], Any]
) -> None:
    with pytest.raises(ValidationError) as caught:
        call(proxied)
    assert (caught.value.field, proxy.seen) == (field, [])


def test_an_id_is_encoded_as_one_segment(proxied: Client, proxy: FaultProxy) -> None:
    with pytest.raises(VisgateError) as caught:
        proxied.requests.cancel("../a%2F b?c#ü")
    assert caught.value.error_code == "REQUEST_NOT_FOUND"
    assert proxy.seen[0].path == "/api/v1/requests/..%2Fa%252F%20b%3Fc%23%C3%BC/cancel"


MISSPELLED: Any = [
    lambda client: client.requests.wait("some-id", timout=1),
    lambda client: client.requests.list(staus="failed"),
    lambda client: client.models.list(serach="veo"),
    lambda client: client.usage.get(perod="day"),
    lambda client: client.quotes.create(MODEL, "a quote", durations=4),
]


@pytest.mark.parametrize("call", MISSPELLED)
def test_a_misspelled_option_is_a_type_error(proxied: Client, proxy: FaultProxy, call: Callable[[Client], Any]) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        call(proxied)
    assert proxy.seen == []


def test_list_and_redeliver_accept_datetimes(client: Client, fresh: Stack) -> None:
    request = client.videos.generate(MODEL, "a time", cache="off", wait=False)
    with pytest.raises(TypeError, match="timout"):
        request.wait(timout=1)  # type: ignore[call-arg]
    assert request.wait(poll_interval=None).id == request.request_id
    created_at = client.requests.get(request.request_id).created_at
    elsewhere = created_at.astimezone(timezone(timedelta(hours=5)))
    before = elsewhere - timedelta(milliseconds=1)
    assert request.request_id in [one.request_id for one in client.requests.list(created_after=before).requests]
    assert client.requests.list(created_after=elsewhere).requests == []
    assert client.webhooks.redeliver(datetime.now()).redelivering == 0


def test_provider_keys_are_sent_only_with_generations_balances_and_quotes(proxy: FaultProxy, fresh: Stack) -> None:
    with Client(api_key=fresh.api_key, base_url=proxy.url, fal_key="mine") as client:
        client.videos.generate(MODEL, "mine alone", duration_seconds=4, cache="off")
        client.providers.balances()
        assert client.quotes.create(MODEL, "mine alone").mode == "byok"
        client.me()
        client.models.get(MODEL)
    sent_to = {seen.path.split("/")[3] for seen in proxy.seen if seen.headers.get("x-fal-key") == "mine"}
    assert sent_to == {"videos", "providers", "quotes"}
