"""Unit tests: parts that need no stack."""

from __future__ import annotations

import base64
import codecs
import json
import pickle
import time
from datetime import date, datetime, timezone
from typing import Any, List, Optional

import pytest
from standardwebhooks import Webhook

from visgate_sdk import Client, WebhookVerificationError, verify_webhook
from visgate_sdk._config import Config, resolve
from visgate_sdk._json import parse
from visgate_sdk._retry import backoff_seconds, is_retryable, parse_retry_after
from visgate_sdk._sse import Message, SseParser
from visgate_sdk._waiting import long_poll_seconds
from visgate_sdk.errors import ConnectionError, TimeoutError, VisgateError, api_error
from visgate_sdk.types import Alert, BudgetThreshold, Identity, RequestStatus


def answered(status: int, **details: Any) -> VisgateError:
    return api_error("m", error_code="CODE", status_code=status, details=details)


NO_ANSWER = ConnectionError("m", error_code="CONNECTION_ERROR")
LATE = TimeoutError("m", error_code="CLIENT_TIMEOUT")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_is_retryable(status: int) -> None:
    assert is_retryable(answered(status))
    assert not is_retryable(answered(status, request_id="r"))
    unavailable = api_error("m", error_code="UNAVAILABLE", status_code=503, details={"request_id": "r"})
    assert is_retryable(unavailable)
    assert is_retryable(answered(status), idempotent=False) == (status in (429, 503))


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 415, 422, 424])
def test_is_not_retryable(status: int) -> None:
    assert not is_retryable(answered(status))


def test_no_answer_is_retryable_for_idempotent_calls_only() -> None:
    assert [is_retryable(error) for error in (NO_ANSWER, LATE)] == [True, True]
    assert [is_retryable(error, idempotent=False) for error in (NO_ANSWER, LATE)] == [False, False]


def test_backoff_doubles_up_to_5_s_and_keeps_a_longer_retry_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)
    assert [backoff_seconds(answered(503), attempt) for attempt in (0, 1, 3, 9)] == [1, 2, 5, 5]
    asking = [VisgateError("m", error_code="C", status_code=503, retry_after=seconds) for seconds in (7, 60, 61)]
    assert [backoff_seconds(error, 0) for error in asking] == [7, 60, None]
    monkeypatch.setattr("random.random", lambda: 0.0)
    assert backoff_seconds(answered(503), 1) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3),
        ("Thu, 01 Jan 2026 00:00:05 GMT", 5),
        ("Wed, 31 Dec 2025 00:00:05 GMT", 0),
        ("soon", None),
        ("9" * 5000, None),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", None),
        ("Wed, 21 Oct 2026 07:28:00 +9999999999999", None),
        (None, None),
    ],
)
def test_parse_retry_after(header: Optional[str], seconds: Optional[int]) -> None:
    assert parse_retry_after(header, datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()) == seconds


STREAM = (
    'retry: 2000\n\nid: 1\nevent: status\ndata: {"ä":1}\n\n: keep-alive\n\nevent: status\ndata: x\ndata:  y\nid: 2\n\n'
)


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_sse_messages_may_be_split_anywhere(size: int, line_end: str) -> None:
    data = codecs.BOM_UTF8 + STREAM.replace("\n", line_end).encode()
    parser = SseParser()
    messages: List[Message] = []
    for start in range(0, len(data), size):
        messages.extend(parser.feed(data[start : start + size]))
    assert messages == [Message("status", '{"ä":1}', "1"), Message("status", "x\n y", "2")]


def test_an_sse_message_may_end_with_mixed_line_ends() -> None:
    assert SseParser().feed(codecs.BOM_UTF8 + b"data: x\n\r\n") == [Message("message", "x", None)]


@pytest.mark.parametrize("line", [b"data: " + b"x" * 10_000, b"data: " + b"x" * 10_000 + b"\n"])
def test_an_endless_sse_message_is_refused(line: bytes) -> None:
    parser = SseParser()
    with pytest.raises(ValueError, match="too long"):
        for _ in range(200):
            parser.feed(line)


def test_sse_bytes_that_arrive_singly_take_linear_time() -> None:
    def spent(count: int) -> float:
        parser = SseParser()
        began = time.process_time()
        for _ in range(count):
            parser.feed(b"x")
        return time.process_time() - began

    # Four times the bytes take about four times as long, not sixteen times.
    assert spent(400_000) < 10 * spent(100_000)


@pytest.mark.parametrize(
    "wrong",
    [
        *[{"cost": None}, {"latency_ms": "5"}, {"status": None}, {"cache_hit": 1}, {"id": {}}],
        *[{"created_at": None}, {"created_at": "2026-01-01T00:00:00"}],
    ],
)
def test_parse_refuses_a_value_of_another_type(wrong: Any) -> None:
    data = dict.fromkeys(("request_id", "id", "status", "media_type", "model", "provider", "mode"), "x")
    with pytest.raises((TypeError, ValueError)):
        parse(RequestStatus, {**data, "created_at": "2026-01-01T00:00:00.123Z", **wrong})


def test_parse_ignores_unknown_fields() -> None:
    data = {"organization": {"id": "1", "name": "n", "plan": "x"}, "role": "api-key", "new": True}
    assert parse(Identity, data).organization.name == "n"
    data = dict.fromkeys(("request_id", "id", "status", "media_type", "model", "provider", "mode"), "x")
    status = parse(RequestStatus, {**data, "created_at": "2026-01-01T00:00:00.123Z", "progress": 1})
    assert status.created_at == datetime(2026, 1, 1, 0, 0, 0, 123000, tzinfo=timezone.utc)
    assert isinstance(status.progress, float)


@pytest.mark.parametrize(
    ("base_url", "base"),
    [
        ("http://gateway.test", "http://gateway.test/api/v1"),
        ("https://gateway.test/api/v1/", "https://gateway.test/api/v1"),
        ("", "http://127.0.0.1:8787/api/v1"),
    ],
)
def test_base_url_with_and_without_the_api_path(monkeypatch: pytest.MonkeyPatch, base_url: str, base: str) -> None:
    monkeypatch.setenv("VISGATE_BASE_URL", "")
    assert repr(Client(base_url=base_url)) == f"Client(base_url='{base}')"


def test_key_and_base_url_come_from_the_environment_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISGATE_BASE_URL", "http://from.env")
    monkeypatch.setenv("VISGATE_API_KEY", "vg-env")
    others: Any = {"own_keys": {}, "timeout": 1.0, "max_retries": 0}
    config = resolve(api_key=None, base_url=None, **others)
    assert (config.base, config.api_key) == ("http://from.env/api/v1", "vg-env")
    assert resolve(api_key="vg-given", base_url=None, **others).api_key == "vg-given"


SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, long enough").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret, as long as it must be").decode()
SENT_AT = datetime(2026, 1, 1, tzinfo=timezone.utc)
STATUS = dict.fromkeys(("request_id", "id", "status", "media_type", "model", "provider", "mode"), "x")
BODY = json.dumps(
    {
        "type": "request.completed",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "sequence": 7,
        "data": {**STATUS, "created_at": "2026-01-01T00:00:00.000Z", "output_url": "https://files.test/ä.mp4"},
    },
    ensure_ascii=False,
)


def test_errors_keep_their_attributes_when_pickled() -> None:
    error = api_error("m", error_code="PROVIDER_ERROR", status_code=502, details={"provider": "fal", "request_id": "r"})
    error.idempotency_key = "key"
    for one in (error, NO_ANSWER, LATE):
        again = pickle.loads(pickle.dumps(one))
        assert type(again) is type(one) and vars(again) == vars(one) and str(again) == str(one) == "m"


@pytest.mark.parametrize(
    ("timeout", "left", "held"), [(120, None, 30), (120, 9.9, 9), (10, 60, 5), (1.5, None, None), (120, 0.9, None)]
)
def test_long_poll_seconds(timeout: float, left: Optional[float], held: Optional[int]) -> None:
    config = Config("http://gateway.test", None, {}, timeout, 2)
    assert long_poll_seconds(config, None if left is None else time.monotonic() + left) == held


def headers_by(*secrets: str, body: str = BODY) -> Any:
    signatures = [Webhook(secret).sign("msg_1", SENT_AT, body) for secret in secrets]
    timestamp = str(int(SENT_AT.timestamp()))
    return {"Webhook-Id": "msg_1", "webhook-timestamp": timestamp, "WEBHOOK-SIGNATURE": " ".join(signatures)}


def now(later: float = 0) -> Any:
    return lambda: SENT_AT.timestamp() + later


def test_verify_webhook_returns_the_event() -> None:
    event = verify_webhook(BODY, headers_by(SECRET), SECRET, now=now())
    assert isinstance(event.data, RequestStatus)
    assert (event.type, event.sequence, event.data.output_url) == ("request.completed", 7, "https://files.test/ä.mp4")
    assert verify_webhook(BODY.encode(), headers_by(OTHER, SECRET), SECRET, now=now(300)) == event
    assert verify_webhook(BODY, headers_by(SECRET), [OTHER, SECRET], now=now(-300)) == event
    raw: Any = memoryview(BODY.encode())
    assert verify_webhook(raw, headers_by(SECRET), SECRET, now=now()) == event


def test_verify_webhook_returns_the_budget_of_an_alert() -> None:
    spent = {"limit_usd": 10, "spent_usd": 8.5, "left_usd": 1.5, "renews_on": "2026-02-01", "threshold_percent": 80}
    budget = {"subject": "key:key_1", "period": "month", **spent}
    body = json.dumps({**json.loads(BODY), "type": "budget.threshold", "data": budget})
    event = verify_webhook(body, headers_by(SECRET, body=body), SECRET, now=now())
    assert event.data == BudgetThreshold("key:key_1", "month", 10.0, 8.5, 1.5, date(2026, 2, 1), 80)


def test_verify_webhook_returns_an_alert() -> None:
    figures = {"value": 0.6, "threshold": 0.5, "since": "2026-01-01T00:00:00.000Z", "ended_at": None}
    alert = {"id": "alert_1", "kind": "error_rate", "subject": "organization", "message": "6 of 10 failed.", **figures}
    body = json.dumps({**json.loads(BODY), "type": "alert.opened", "data": alert})
    event = verify_webhook(body, headers_by(SECRET, body=body), SECRET, now=now())
    since = datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert event.data == Alert("alert_1", "error_rate", "organization", "6 of 10 failed.", since, 0.6, 0.5)


@pytest.mark.parametrize(
    ("body", "changes", "secret", "later"),
    [
        (BODY, {}, OTHER, 0),
        (BODY, {}, "", 0),
        (BODY, {}, "whsec_", 0),
        (BODY, {}, [], 0),
        (BODY.replace("completed", "failed"), {}, SECRET, 0),
        (BODY, {"Webhook-Id": "msg_2"}, SECRET, 0),
        (BODY, {"Webhook-Id": ""}, SECRET, 0),
        (BODY, {"Webhook-Id": "\ud800"}, SECRET, 0),
        (BODY, {"webhook-timestamp": 7}, SECRET, 0),
        (None, {}, SECRET, 0),
        (json.loads(BODY), {}, SECRET, 0),
        (BODY, {"webhook-timestamp": "soon"}, SECRET, 0),
        (BODY, {"webhook-timestamp": "9" * 400}, SECRET, 0),
        (BODY, {"webhook-timestamp": "9" * 5000}, SECRET, 0),
        (BODY, {"WEBHOOK-SIGNATURE": "v1,%%%"}, SECRET, 0),
        (BODY, {"WEBHOOK-SIGNATURE": headers_by(SECRET)["WEBHOOK-SIGNATURE"].replace("v1,", "v2,")}, SECRET, 0),
        (BODY, {}, None, 0),
        (BODY, {}, ["!!!"], 0),
        (BODY, {}, SECRET, 301),
        (BODY, {}, SECRET, -301),
    ],
)
def test_verify_webhook_refuses(body: Any, changes: Any, secret: Any, later: float) -> None:
    with pytest.raises(WebhookVerificationError) as caught:
        verify_webhook(body, {**headers_by(SECRET), **changes}, secret, now=now(later))
    assert caught.value.error_code == "INVALID_WEBHOOK"


def test_verify_webhook_with_a_tolerance_of_nan_refuses_everything() -> None:
    with pytest.raises(WebhookVerificationError):
        verify_webhook(BODY, headers_by(SECRET), SECRET, now=now(9999), tolerance_seconds=float("nan"))


def test_verify_webhook_ignores_an_unusable_secret_beside_a_usable_one() -> None:
    assert verify_webhook(BODY, headers_by(SECRET), ["!!!", SECRET], now=now()).sequence == 7


def test_verify_webhook_refuses_text_with_a_lone_surrogate() -> None:
    with pytest.raises(WebhookVerificationError):
        verify_webhook("\ud800", headers_by(SECRET), SECRET, now=now())


@pytest.mark.parametrize("body", ["not JSON", "[]", '{"type": "request.completed"}'])
def test_verify_webhook_refuses_a_signed_body_that_is_not_an_event(body: str) -> None:
    with pytest.raises(WebhookVerificationError):
        verify_webhook(body, headers_by(SECRET, body=body), SECRET, now=now())
