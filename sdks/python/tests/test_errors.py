"""Everything that can be wrong: the typed error with every documented attribute."""

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
def test_a_wrong_key_and_no_key(proxy: FaultProxy, api_key: str) -> None:
    with Client(api_key=api_key, base_url=proxy.url) as client:
        error = failure(lambda: veo(client, "no key"))
        assert "vg-wrong" not in repr(client) + repr(error) + str(error)
    assert type(error) is AuthenticationError
    assert (error.error_code, error.status_code, error.retryable) == ("AUTHENTICATION_ERROR", 401, False)
    assert error.http_request_id is not None and UUID.fullmatch(error.http_request_id)
    assert error.request_id is None
    assert len(proxy.posts()) == 1


def test_an_unknown_model(client: Client) -> None:
    error = failure(lambda: client.videos.generate("fal-ai/none", "a prompt"))
    assert type(error) is VisgateError
    assert (error.error_code, error.status_code) == ("MODEL_NOT_FOUND", 404)
    assert error.idempotency_key is not None and UUID.fullmatch(error.idempotency_key)


def test_a_field_and_what_it_takes(client: Client, fresh: Stack) -> None:
    error = failure(lambda: client.videos.generate(MODEL, "a prompt", duration_seconds=99))
    assert isinstance(error, ValidationError)
    assert (error.error_code, error.status_code, error.retryable) == ("VALIDATION_ERROR", 422, False)
    assert (error.field, error.allowed) == ("duration_seconds", [4, 6, 8])
    assert error.details == {"field": "duration_seconds", "allowed": [4, 6, 8]}
    assert error.message and error.message == str(error)
    assert fresh.stats()["submits"] == 0


def test_an_option_that_there_is_not(client: Client, fresh: Stack) -> None:
    with pytest.raises(TypeError, match="aspect_ratio"):
        client.videos.generate(MODEL, "a prompt", aspect_ratio="9:16")  # type: ignore[call-overload]
    assert fresh.stats()["submits"] == 0


def test_an_unknown_request(client: Client) -> None:
    error = failure(lambda: client.requests.wait("00000000-0000-7000-8000-000000000000"))
    assert type(error) is VisgateError
    assert (error.error_code, error.status_code, error.retryable) == ("REQUEST_NOT_FOUND", 404, False)


def test_too_early_and_too_late(client: Client) -> None:
    request = veo(client, "an end", wait=False)
    early = failure(lambda: client.requests.delete(request.request_id))
    assert (early.error_code, early.status_code) == ("NOT_TERMINAL", 409)
    request.wait()
    late = failure(request.cancel)
    assert (late.error_code, late.status_code) == ("ALREADY_TERMINAL", 409)


def test_one_key_for_two_contents(client: Client) -> None:
    request = veo(client, "one content", idempotency_key="a key for two", wait=False)
    error = failure(lambda: veo(client, "other content", idempotency_key="a key for two"))
    assert (error.error_code, error.status_code, error.idempotency_key) == (
        "IDEMPOTENCY_CONFLICT",
        409,
        "a key for two",
    )
    assert veo(client, "one content", idempotency_key="a key for two").id == request.request_id


def test_cancelled_by_somebody_else(client: Client, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    request = veo(client, "to be cancelled", wait=False)
    client.requests.cancel(request.request_id)
    error = failure(request.wait)
    assert type(error) is VisgateError
    assert (error.error_code, error.status_code, error.request_id) == ("CANCELLED", 424, request.request_id)
    assert request.status == "failed"


def test_a_provider_that_fails(proxied: Client, proxy: FaultProxy, fresh: Stack) -> None:
    fresh.disaster("fail")
    error = failure(lambda: veo(proxied, "a failure"))
    assert isinstance(error, ProviderError)
    assert (error.error_code, error.status_code, error.provider) == ("PROVIDER_ERROR", 502, "fal")
    assert error.details["request_id"] == error.request_id
    assert proxied.requests.get(error.request_id or "").error_message == error.message
    assert len(proxy.posts()) == 1


def test_content_that_is_refused(client: Client) -> None:
    error = failure(lambda: veo(client, "content policy test"))
    assert isinstance(error, ValidationError)
    assert (error.error_code, error.status_code) == ("CONTENT_POLICY_VIOLATION", 422)


def test_a_deadline_that_passes(client: Client, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    error = failure(lambda: veo(client, "a late one", deadline_seconds=1))
    assert isinstance(error, ProviderError)
    assert (error.error_code, error.status_code) == ("PROVIDER_TIMEOUT", 424)


def limited(retry_after: str, times: int) -> Fault:
    body = json.dumps({"error": "RATE_LIMIT_ERROR", "message": "too many calls", "details": {}}).encode()
    return Fault("POST", "/videos", "answer", 429, {"retry-after": retry_after}, body, times)


def test_too_many_calls(proxy: FaultProxy, fresh: Stack) -> None:
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


def test_one_call_too_many_is_waited_for(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(limited("1", 1))
    assert veo(proxied, "limits", wait=False).status == "pending"
    assert len(proxy.posts()) == 2


def test_an_hour_is_not_waited_for(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(limited("3600", 1))
    assert failure(lambda: veo(proxied, "limits")).retry_after == 3600


def test_a_page_of_something_in_between(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("GET", "/auth", "answer", 502, {}, b"<h1>secret-host is down</h1>", 3))
    error = failure(proxied.me)
    assert (error.error_code, error.status_code, error.retryable) == ("UNEXPECTED_ANSWER", 502, True)
    assert "secret-host" not in str(error)


@pytest.mark.parametrize("body", [b"<h1>Sign in</h1>", b'{"hello": "world"}', b"[]", b"null", b'"text"'])
def test_an_answer_of_something_else(proxied: Client, proxy: FaultProxy, body: bytes) -> None:
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
    assert failure(lambda: veo(proxied, "something else")).error_code == "UNEXPECTED_ANSWER"


def test_an_answer_that_cannot_be_decoded(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("GET", "/auth", "answer", 200, {"content-encoding": "gzip"}, b"not gzip"))
    assert proxied.me().role == "api-key"
    assert len(proxy.seen) == 2


def test_cut_connections(proxy: FaultProxy, fresh: Stack) -> None:
    proxy.spoil(Fault("POST", "/videos", "cut_before", times=1000))
    with Client(api_key=fresh.api_key, base_url=proxy.url, max_retries=1, timeout=1) as client:
        error = failure(lambda: veo(client, "cut"))
    assert isinstance(error, ConnectionError) and isinstance(error, builtins.ConnectionError)
    assert (error.error_code, error.status_code, error.retryable) == ("CONNECTION_ERROR", None, True)
    assert (error.http_request_id, error.request_id, error.details) == (None, None, {})
    assert {seen.headers["idempotency-key"] for seen in proxy.posts()} == {error.idempotency_key}
    assert len(proxy.posts()) >= 2


def test_what_no_key_tells_apart_is_sent_once(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("POST", "/webhook-endpoints", "cut_answer"))
    assert isinstance(failure(lambda: proxied.webhook_endpoints.create("http://127.0.0.1:9/hook")), ConnectionError)
    [endpoint] = proxied.webhook_endpoints.list()
    proxied.webhook_endpoints.delete(endpoint.id)


def test_a_webhook_is_sent_anew_once(proxied: Client, proxy: FaultProxy) -> None:
    proxy.spoil(Fault("POST", "/requests/", "cut_answer"))
    assert isinstance(failure(lambda: proxied.requests.redeliver("some-id", "a-delivery")), ConnectionError)
    assert len(proxy.posts()) == 1


def test_giving_up_and_trying_again_makes_no_second_generation(proxy: FaultProxy, fresh: Stack) -> None:
    proxy.spoil(Fault("POST", "/videos", "hold_answer", times=2))
    with Client(api_key=fresh.api_key, base_url=proxy.url, timeout=0.4, max_retries=1) as hasty:
        error = failure(lambda: veo(hasty, "a held answer"))
    assert isinstance(error, TimeoutError) and isinstance(error, builtins.TimeoutError)
    assert (error.error_code, error.status_code, error.retryable) == ("CLIENT_TIMEOUT", None, True)
    with Client(api_key=fresh.api_key, base_url=proxy.url) as client:
        assert veo(client, "a held answer", idempotency_key=error.idempotency_key).video_url.startswith("http")
    assert fresh.stats()["submits"] == 1


def test_a_lost_answer_makes_no_second_generation(proxied: Client, proxy: FaultProxy, fresh: Stack) -> None:
    proxy.spoil(Fault("POST", "/videos", "cut_answer"))
    assert veo(proxied, "a lost answer").video_url.startswith("http")
    assert len({seen.headers["idempotency-key"] for seen in proxy.posts()}) == 1
    assert (len(proxy.posts()), fresh.stats()["submits"]) == (2, 1)


def test_time_that_is_over(client: Client, fresh: Stack) -> None:
    fresh.control("PUT", "settings", {"render_seconds": 1})
    error = failure(lambda: veo(client, "takes its time", timeout=0.3))
    assert isinstance(error, TimeoutError)
    assert error.request_id is not None and error.idempotency_key is not None
    assert client.requests.get(error.request_id, wait=True).status == "completed"


def test_time_that_is_over_can_cancel(client: Client, fresh: Stack) -> None:
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
def test_options_that_are_wrong(name: str, options: Any) -> None:
    error = failure(lambda: Client(**options))
    assert "line-end\n" not in str(error)
    assert isinstance(error, ValidationError) and error.field == name


def test_all_errors_are_one_kind() -> None:
    names = [name for name in visgate_sdk.__all__ if name.endswith("Error")]
    assert all(issubclass(getattr(visgate_sdk, name), VisgateError) for name in names)


def test_an_answer_without_an_end(proxied: Client, proxy: FaultProxy) -> None:
    identity = {"organization": {"id": "1", "name": "n"}, "role": "api-key", "pad": "x" * 17 * 2**20}
    proxy.spoil(Fault("GET", "/auth/me", "answer", 200, {}, json.dumps(identity).encode()))
    assert failure(proxied.me).error_code == "UNEXPECTED_ANSWER"


@pytest.mark.parametrize("answer", [{"id": None}, {"request_id": {}}, {"id": ""}, {"id": ".."}, {}, []])
def test_an_acceptance_without_an_id(proxied: Client, proxy: FaultProxy, answer: Any) -> None:
    proxy.spoil(Fault("POST", "/videos", "answer", 202, {}, json.dumps(answer).encode()))
    error = failure(lambda: veo(proxied, "whose id"))
    assert (error.error_code, error.idempotency_key is not None, len(proxy.seen)) == ("UNEXPECTED_ANSWER", True, 1)
    assert error.retryable


def test_a_video_without_its_output(proxied: Client, proxy: FaultProxy) -> None:
    request = veo(proxied, "no output", wait=False)
    names = ("id", "media_type", "model", "provider", "mode")
    own = {"request_id": request.request_id, "status": "completed", "created_at": "2026-01-01T00:00:00.000Z"}
    status = {**dict.fromkeys(names, "x"), **own}
    proxy.spoil(Fault("GET", "/requests/", "answer", 200, {}, json.dumps(status).encode()))
    error = failure(request.wait)
    assert (error.error_code, error.request_id) == ("UNEXPECTED_ANSWER", request.request_id)


@pytest.mark.parametrize("answer", [{"key": None}, {}])
def test_a_secret_that_is_none(proxied: Client, proxy: FaultProxy, answer: Any) -> None:
    proxy.spoil(Fault("GET", "/webhooks/default/secret", "answer", 200, {}, json.dumps(answer).encode()))
    assert failure(proxied.webhooks.secret).error_code == "UNEXPECTED_ANSWER"


SPOILT = [("/videos", "cut_before"), ("/videos", "hold_answer"), ("/requests/", "cut_stream")]


@pytest.mark.parametrize(("path", "kind"), SPOILT)
def test_no_cause_shows_a_key(client: Client, proxy: FaultProxy, fresh: Stack, path: str, kind: str) -> None:
    request_id = veo(client, "keys", wait=False).request_id
    with Client(api_key=fresh.api_key, base_url=proxy.url, timeout=0.3, max_retries=0) as spoilt:
        proxy.spoil(Fault("POST", path, kind), Fault("GET", path, kind, bytes=1, times=9))
        error: Any
        if path == "/videos":
            error = failure(lambda: veo(spoilt, "keys"))
        else:
            error = failure(lambda: list(spoilt.requests.events(request_id)))
    while error is not None:
        assert not hasattr(getattr(error, "_request", None), "headers"), error
        error = error.__cause__ or error.__context__


def test_deleted_by_the_try_whose_answer_was_lost(proxied: Client, proxy: FaultProxy) -> None:
    request_id = veo(proxied, "deleted once").id
    proxy.spoil(Fault("DELETE", "/", "cut_answer"))
    assert proxied.requests.delete(request_id).deleted
    assert failure(lambda: proxied.requests.delete(request_id)).error_code == "REQUEST_NOT_FOUND"
    endpoint_id = proxied.webhook_endpoints.create("http://127.0.0.1:9/hook").id
    proxy.spoil(Fault("DELETE", "/", "cut_answer"))
    assert proxied.webhook_endpoints.delete(endpoint_id).deleted
    assert failure(lambda: proxied.webhook_endpoints.delete(endpoint_id)).error_code == "NOT_FOUND"
