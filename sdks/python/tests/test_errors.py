"""Every kind of failure raises its error class with all documented attributes."""

from __future__ import annotations

import builtins
import json
import re
from typing import Any, Callable, Dict

import pytest
from conftest import MODEL, Stack
from fault_proxy import Fault, FaultProxy

import visgate_sdk
from visgate_sdk import (
    AuthenticationError,
    Client,
    ConnectionError,
    ProviderError,
    RateLimitError,
    TimeoutError,
    ValidationError,
    VisgateError,
)

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def failure(call: Callable[[], Any]) -> VisgateError:
    with pytest.raises(VisgateError) as caught:
        call()
    return caught.value


def veo(client: Client, prompt: str, **options: Any) -> Any:
    return client.videos.generate(model=MODEL, prompt=prompt, duration_seconds=4, cache="off", **options)


@pytest.mark.parametrize("api_key", ["vg-wrong", ""])
def test_a_wrong_or_missing_key_is_an_authentication_error(proxy: FaultProxy, api_key: str) -> None:
    with Client(api_key=api_key, base_url=proxy.url) as client:
        error = failure(lambda: veo(client, "no key"))
        assert "vg-wrong" not in repr(client) + repr(error) + str(error)
    assert type(error) is AuthenticationError
    assert (error.error_code, error.status_code, error.retryable) == ("AUTHENTICATION_ERROR", 401, False)
    assert error.http_request_id is not None and UUID.fullmatch(error.http_request_id)
    assert error.request_id is None
    assert len(proxy.posts()) == 1


def test_an_unknown_model_is_not_found(client: Client) -> None:
    error = failure(lambda: client.videos.generate("fal-ai/none", "a prompt"))
    assert type(error) is VisgateError
    assert (error.error_code, error.status_code) == ("MODEL_NOT_FOUND", 404)
    assert error.idempotency_key is not None and UUID.fullmatch(error.idempotency_key)


def test_an_invalid_field_is_a_validation_error_with_its_allowed_values(client: Client, fresh: Stack) -> None:
    error = failure(lambda: client.videos.generate(MODEL, "a prompt", duration_seconds=99))
    assert isinstance(error, ValidationError)
    assert (error.error_code, error.status_code, error.retryable) == ("VALIDATION_ERROR", 422, False)
    assert (error.field, error.allowed) == ("duration_seconds", [4, 6, 8])
    assert error.details == {"field": "duration_seconds", "allowed": [4, 6, 8]}
    assert error.message and error.message == str(error)
    assert fresh.stats()["submits"] == 0


def test_an_unknown_option_is_a_type_error(client: Client, fresh: Stack) -> None:
    with pytest.raises(TypeError, match="aspect_ratio"):
        client.videos.generate(MODEL, "a prompt", aspect_ratio="9:16")  # type: ignore[call-overload]
    assert fresh.stats()["submits"] == 0


def test_an_unknown_request_is_not_found(client: Client) -> None:
    error = failure(lambda: client.requests.wait("00000000-0000-7000-8000-000000000000"))
    assert type(error) is VisgateError
    assert (error.error_code, error.status_code, error.retryable) == ("REQUEST_NOT_FOUND", 404, False)


def test_delete_before_the_end_and_cancel_after_it_are_conflicts(client: Client) -> None:
    request = veo(client, "an end", wait=False)
    early = failure(lambda: client.requests.delete(request.request_id))
    assert (early.error_code, early.status_code) == ("NOT_TERMINAL", 409)
    request.wait()
    late = failure(request.cancel)
    assert (late.error_code, late.status_code) == ("ALREADY_TERMINAL", 409)


def test_one_idempotency_key_for_two_contents_is_a_conflict(client: Client) -> None:
    request = veo(client, "one content", idempotency_key="a key for two", wait=False)
    error = failure(lambda: veo(client, "other content", idempotency_key="a key for two"))
    assert (error.error_code, error.status_code, error.idempotency_key) == (
        "IDEMPOTENCY_CONFLICT",
        409,
        "a key for two",
    )
    assert veo(client, "one content", idempotency_key="a key for two").id == request.request_id


def test_a_wait_fails_when_another_client_cancels(client: Client, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    request = veo(client, "to be cancelled", wait=False)
    client.requests.cancel(request.request_id)
    error = failure(request.wait)
    assert type(error) is VisgateError
    assert (error.error_code, error.status_code, error.request_id) == ("CANCELLED", 424, request.request_id)
    assert request.status == "failed"


def test_a_failing_provider_is_a_provider_error_without_a_retry(
    proxied: Client, proxy: FaultProxy, fresh: Stack
) -> None:
    fresh.disaster("fail")
    error = failure(lambda: veo(proxied, "a failure"))
    assert isinstance(error, ProviderError)
    assert (error.error_code, error.status_code, error.provider) == ("PROVIDER_ERROR", 502, "fal")
    assert error.details["request_id"] == error.request_id
    assert proxied.requests.get(error.request_id or "").error_message == error.message
    assert len(proxy.posts()) == 1


def test_refused_content_is_a_validation_error(client: Client) -> None:
    error = failure(lambda: veo(client, "content policy test"))
    assert isinstance(error, ValidationError)
    assert (error.error_code, error.status_code) == ("CONTENT_POLICY_VIOLATION", 422)


def test_a_passed_deadline_is_a_provider_timeout(client: Client, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    error = failure(lambda: veo(client, "a late one", deadline_seconds=1))
    assert isinstance(error, ProviderError)
    assert (error.error_code, error.status_code) == ("PROVIDER_TIMEOUT", 424)


def limited(retry_after: str, times: int) -> Fault:
    body = json.dumps({"error": "RATE_LIMIT_ERROR", "message": "too many calls", "details": {}}).encode()
    return Fault("POST", "/videos", "answer", 429, {"retry-after": retry_after}, body, times)


def test_repeated_429_is_a_rate_limit_error_with_retry_after(proxy: FaultProxy, fresh: Stack) -> None:
    proxy.spoil(limited("1", 2))
    with Client(api_key=fresh.api_key, base_url=proxy.url, max_retries=1) as client:
        error = failure(lambda: veo(client, "limits"))
    assert isinstance(error, RateLimitError)
    assert (error.error_code, error.status_code, error.retry_after, error.retryable) == (
        "RATE_LIMIT_ERROR",
        429,
        1,
        True,
    )
    assert len(proxy.posts()) == 2


def test_one_429_is_retried_after_retry_after(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(limited("1", 1))
    assert veo(proxied, "limits", wait=False).status == "pending"
    assert len(proxy.posts()) == 2


def test_a_retry_after_of_an_hour_ends_the_call(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(limited("3600", 1))
    assert failure(lambda: veo(proxied, "limits")).retry_after == 3600


def test_a_proxys_error_page_does_not_get_into_the_error(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("GET", "/auth", "answer", 502, {}, b"<h1>secret-host is down</h1>", 3))
    error = failure(proxied.me)
    assert (error.error_code, error.status_code, error.retryable) == ("UNEXPECTED_ANSWER", 502, True)
    assert "secret-host" not in str(error)


@pytest.mark.parametrize("body", [b"<h1>Sign in</h1>", b'{"hello": "world"}', b"[]", b"null", b'"text"'])
def test_an_answer_that_is_not_the_apis_is_unexpected(proxied: Client, proxy: FaultProxy, body: bytes) -> None:
    calls: Dict[str, Callable[[], Any]] = {
        "/auth": proxied.me,
        "/requests": proxied.requests.list,
        "/webhooks": proxied.webhooks.secret,
    }
    for path, call in calls.items():
        proxy.spoil(Fault("GET", path, "answer", 200, {}, body))
        error = failure(call)
        assert (error.error_code, error.status_code, error.retryable) == ("UNEXPECTED_ANSWER", 200, False)
    proxy.spoil(Fault("POST", "/videos", "answer", 200, {}, body))
    assert failure(lambda: veo(proxied, "an unexpected answer")).error_code == "UNEXPECTED_ANSWER"


def test_an_answer_that_cannot_be_decoded_is_retried(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("GET", "/auth", "answer", 200, {"content-encoding": "gzip"}, b"not gzip"))
    assert proxied.me().role == "api-key"
    assert len(proxy.seen) == 2


def test_cut_connections_are_a_connection_error_after_max_retries_under_one_key(
    proxy: FaultProxy, fresh: Stack
) -> None:
    proxy.spoil(Fault("POST", "/videos", "cut_before", times=1000))
    with Client(api_key=fresh.api_key, base_url=proxy.url, max_retries=1, timeout=1) as client:
        error = failure(lambda: veo(client, "cut"))
    assert isinstance(error, ConnectionError) and isinstance(error, builtins.ConnectionError)
    assert (error.error_code, error.status_code, error.retryable) == ("CONNECTION_ERROR", None, True)
    assert (error.http_request_id, error.request_id, error.details) == (None, None, {})
    assert {seen.headers["idempotency-key"] for seen in proxy.posts()} == {error.idempotency_key}
    assert len(proxy.posts()) >= 2


def test_creating_an_endpoint_is_not_retried_after_a_lost_answer(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("POST", "/webhook-endpoints", "cut_answer"))
    assert isinstance(failure(lambda: proxied.webhook_endpoints.create("http://127.0.0.1:9/hook")), ConnectionError)
    [endpoint] = proxied.webhook_endpoints.list()
    proxied.webhook_endpoints.delete(endpoint.id)


def test_creating_an_api_key_is_not_retried_after_a_lost_answer(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("POST", "/api-keys", "cut_answer"))
    assert failure(lambda: proxied.api_keys.create("made once")).error_code == "CONNECTION_ERROR"
    [key] = [key for key in proxied.api_keys.list() if key.name == "made once"]
    proxied.api_keys.delete(key.id)


def test_settling_is_not_retried_after_a_lost_answer(proxied: Client, proxy: FaultProxy) -> None:
    request_id = veo(proxied, "settled once").id
    proxy.spoil(Fault("POST", "/requests", "cut_answer"))
    assert failure(lambda: proxied.requests.settle(request_id, "released")).error_code == "CONNECTION_ERROR"
    assert len([seen for seen in proxy.posts() if seen.path.endswith("/settle")]) == 1


def test_a_budget_and_an_export_survive_lost_answers(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("PUT", "/budgets", "cut_answer"), Fault("GET", "/usage/export", "cut_answer"))
    assert proxied.usage.budgets.set("organization", "day", 1000).limit_usd == 1000
    assert proxied.usage.budgets.delete("organization", "day").deleted
    assert proxied.usage.export().startswith("day,mode,")


@pytest.mark.parametrize("headers", [{}, {"content-type": "text/html"}])
def test_an_export_that_is_not_csv_is_unexpected(proxied: Client, proxy: FaultProxy, headers: Any) -> None:
    proxy.spoil(Fault("GET", "/usage/export", "answer", 200, headers, b"<html>"))
    assert failure(proxied.usage.export).error_code == "UNEXPECTED_ANSWER"


def test_redelivering_is_not_retried_after_a_lost_answer(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("POST", "/requests/", "cut_answer"))
    assert isinstance(failure(lambda: proxied.requests.redeliver("some-id", "a-delivery")), ConnectionError)
    assert len(proxy.posts()) == 1


def test_repeating_a_timed_out_call_with_its_key_makes_one_submit(proxy: FaultProxy, fresh: Stack) -> None:
    proxy.spoil(Fault("POST", "/videos", "hold_answer", times=2))
    with Client(api_key=fresh.api_key, base_url=proxy.url, timeout=0.4, max_retries=1) as hasty:
        error = failure(lambda: veo(hasty, "a held answer"))
    assert isinstance(error, TimeoutError) and isinstance(error, builtins.TimeoutError)
    assert (error.error_code, error.status_code, error.retryable) == ("CLIENT_TIMEOUT", None, True)
    with Client(api_key=fresh.api_key, base_url=proxy.url) as client:
        assert veo(client, "a held answer", idempotency_key=error.idempotency_key).video_url.startswith("http")
    assert fresh.stats()["submits"] == 1


def test_a_lost_answer_is_retried_with_the_same_key_and_makes_one_submit(
    proxied: Client, proxy: FaultProxy, fresh: Stack
) -> None:
    proxy.spoil(Fault("POST", "/videos", "cut_answer"))
    assert veo(proxied, "a lost answer").video_url.startswith("http")
    assert len({seen.headers["idempotency-key"] for seen in proxy.posts()}) == 1
    assert (len(proxy.posts()), fresh.stats()["submits"]) == (2, 1)


def test_a_wait_times_out_and_the_request_continues(client: Client, fresh: Stack) -> None:
    fresh.control("PUT", "settings", {"render_seconds": 1})
    error = failure(lambda: veo(client, "takes its time", timeout=0.3))
    assert isinstance(error, TimeoutError)
    assert error.request_id is not None and error.idempotency_key is not None
    assert client.requests.get(error.request_id, wait=True).status == "completed"


def test_a_wait_that_times_out_with_cancel_on_abort_cancels_the_request(client: Client, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    error = failure(lambda: veo(client, "not wanted any more", timeout=1, cancel_on_abort=True))
    assert client.requests.wait(error.request_id or "", timeout=20).error_code == "CANCELLED"
    assert fresh.stats()["cancels"] == 1


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("base_url", {"base_url": "gateway.test"}),
        ("base_url", {"base_url": "ftp://gateway.test"}),
        ("base_url", {"base_url": "http://"}),
        ("base_url", {"base_url": "http://[::"}),
        ("base_url", {"base_url": "http://gateway.test/?a=b"}),
        ("base_url", {"base_url": "http://user:secret@gateway.test"}),
        ("timeout", {"timeout": 0}),
        ("timeout", {"timeout": float("inf")}),
        ("timeout", {"timeout": float("nan")}),
        ("max_retries", {"max_retries": -1}),
        ("api_key", {"api_key": "vg-with-a-line-end\n"}),
        ("fal_key", {"fal_key": "ü"}),
    ],
)
def test_the_error_names_the_invalid_client_option(name: str, options: Any) -> None:
    error = failure(lambda: Client(**options))
    assert "line-end\n" not in str(error)
    assert isinstance(error, ValidationError) and error.field == name


def test_every_error_class_is_a_visgate_error() -> None:
    names = [name for name in visgate_sdk.__all__ if name.endswith("Error")]
    assert all(issubclass(getattr(visgate_sdk, name), VisgateError) for name in names)


def test_an_answer_over_16_mb_is_unexpected(proxied: Client, proxy: FaultProxy) -> None:
    identity = {"organization": {"id": "1", "name": "n"}, "role": "api-key", "pad": "x" * 17 * 2**20}
    proxy.spoil(Fault("GET", "/auth/me", "answer", 200, {}, json.dumps(identity).encode()))
    assert failure(proxied.me).error_code == "UNEXPECTED_ANSWER"


@pytest.mark.parametrize("answer", [{"id": None}, {"request_id": {}}, {"id": ""}, {"id": ".."}, {}, []])
def test_an_acknowledgement_without_a_usable_id_is_unexpected_and_retryable(
    proxied: Client, proxy: FaultProxy, answer: Any
) -> None:
    proxy.spoil(Fault("POST", "/videos", "answer", 202, {}, json.dumps(answer).encode()))
    error = failure(lambda: veo(proxied, "no usable id"))
    assert (error.error_code, error.idempotency_key is not None, len(proxy.seen)) == ("UNEXPECTED_ANSWER", True, 1)
    assert error.retryable


def test_a_completed_video_without_output_is_unexpected(proxied: Client, proxy: FaultProxy) -> None:
    request = veo(proxied, "no output", wait=False)
    names = ("id", "media_type", "model", "provider", "mode")
    own = {"request_id": request.request_id, "status": "completed", "created_at": "2026-01-01T00:00:00.000Z"}
    status = {**dict.fromkeys(names, "x"), **own}
    proxy.spoil(Fault("GET", "/requests/", "answer", 200, {}, json.dumps(status).encode()))
    error = failure(request.wait)
    assert (error.error_code, error.request_id) == ("UNEXPECTED_ANSWER", request.request_id)


@pytest.mark.parametrize("answer", [{"key": None}, {}])
def test_an_answer_without_a_secret_is_unexpected(proxied: Client, proxy: FaultProxy, answer: Any) -> None:
    proxy.spoil(Fault("GET", "/webhooks/default/secret", "answer", 200, {}, json.dumps(answer).encode()))
    assert failure(proxied.webhooks.secret).error_code == "UNEXPECTED_ANSWER"


FAULTS = [("/videos", "cut_before"), ("/videos", "hold_answer"), ("/requests/", "cut_stream")]


@pytest.mark.parametrize(("path", "kind"), FAULTS)
def test_no_cause_of_an_error_contains_a_key(
    client: Client, proxy: FaultProxy, fresh: Stack, path: str, kind: str
) -> None:
    request_id = veo(client, "keys", wait=False).request_id
    with Client(api_key=fresh.api_key, base_url=proxy.url, timeout=0.3, max_retries=0) as failing:
        proxy.spoil(Fault("POST", path, kind), Fault("GET", path, kind, bytes=1, times=9))
        error: Any
        if path == "/videos":
            error = failure(lambda: veo(failing, "keys"))
        else:
            error = failure(lambda: list(failing.requests.events(request_id)))
    while error is not None:
        assert not hasattr(getattr(error, "_request", None), "headers"), error
        error = error.__cause__ or error.__context__


def test_delete_succeeds_when_the_lost_try_has_deleted(proxied: Client, proxy: FaultProxy) -> None:
    request_id = veo(proxied, "deleted once").id
    proxy.spoil(Fault("DELETE", "/", "cut_answer"))
    assert proxied.requests.delete(request_id).deleted
    assert failure(lambda: proxied.requests.delete(request_id)).error_code == "REQUEST_NOT_FOUND"
    endpoint_id = proxied.webhook_endpoints.create("http://127.0.0.1:9/hook").id
    proxy.spoil(Fault("DELETE", "/", "cut_answer"))
    assert proxied.webhook_endpoints.delete(endpoint_id).deleted
    assert failure(lambda: proxied.webhook_endpoints.delete(endpoint_id)).error_code == "NOT_FOUND"
    key_id = proxied.api_keys.create("deleted once").id
    proxy.spoil(Fault("DELETE", "/", "cut_answer"))
    assert proxied.api_keys.delete(key_id).deleted
    assert failure(lambda: proxied.api_keys.delete(key_id)).error_code == "NOT_FOUND"
    proxied.usage.budgets.set("organization", "day", 1000)
    proxy.spoil(Fault("DELETE", "/", "cut_answer"))
    assert proxied.usage.budgets.delete("organization", "day").deleted
    assert failure(lambda: proxied.usage.budgets.delete("organization", "day")).error_code == "NOT_FOUND"
