"""Status codes of failures: a 424 is never retried, and the code in its body chooses the class of the error."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Iterator, List, Type

import pytest

from visgate_sdk import Client, ProviderError, RateLimitError, ValidationError, VisgateError
from visgate_sdk._request_outcome import failure_status
from visgate_sdk._retry import is_outage, is_retryable, may_have_been_processed
from visgate_sdk.errors import api_error

CLASSES = [
    ("PROVIDER_ERROR", ProviderError),
    ("PROVIDER_TIMEOUT", ProviderError),
    ("SUBMIT_UNKNOWN", ProviderError),
    ("OUTPUT_UNAVAILABLE", ProviderError),
    ("CONTENT_POLICY_VIOLATION", ValidationError),
    ("VALIDATION_ERROR", ValidationError),
    ("RATE_LIMIT_ERROR", RateLimitError),
    ("CANCELLED", VisgateError),
    ("INTERNAL_ERROR", VisgateError),
    ("PROVIDER_NOT_CONFIGURED", VisgateError),
]
DETAILS = {"request_id": "r", "provider": "fal", "retryable": False, "charge_state": "unknown"}


class Gateway:
    """Answers POST with ``status`` and ``body``, and GET with ``request``, the status of the accepted request."""

    def __init__(self) -> None:
        self.status = 424
        self.body = b""
        self.request = b""
        self.received: List[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def posts(self) -> int:
        return self.received.count("POST")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> Type[BaseHTTPRequestHandler]:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                """Logs nothing."""

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                self._answer(gateway.status, gateway.body)

            def do_GET(self) -> None:
                self._answer(200, gateway.request)

            def _answer(self, status: int, body: bytes) -> None:
                gateway.received.append(self.command)
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    started = Gateway()
    yield started
    started.close()


def failure(gateway: Gateway) -> VisgateError:
    client = Client(api_key="vg-key", base_url=gateway.url, max_retries=5)
    with client, pytest.raises(VisgateError) as caught:
        client.videos.generate("m", "p")
    return caught.value


@pytest.mark.parametrize(("code", "kind"), CLASSES)
def test_424_is_not_retried_and_raises_the_class_of_its_code(gateway: Gateway, code: str, kind: Any) -> None:
    gateway.body = json.dumps({"error": code, "message": "m", "details": DETAILS}).encode()
    error = failure(gateway)
    assert gateway.received == ["POST"]
    assert type(error) is kind
    assert (error.error_code, error.status_code, error.request_id, error.retryable) == (code, 424, "r", False)
    assert error.details == DETAILS
    assert not isinstance(error, ProviderError) or error.provider == "fal"


def test_424_of_a_proxy_is_not_retried(gateway: Gateway) -> None:
    gateway.body = b"<h1>Failed Dependency</h1>"
    error = failure(gateway)
    assert (error.error_code, error.status_code, error.retryable) == ("UNEXPECTED_ANSWER", 424, False)
    assert gateway.received == ["POST"]


def test_424_counts_neither_as_outage_nor_as_lost_answer() -> None:
    error = api_error("m", error_code="SUBMIT_UNKNOWN", status_code=424)
    assert [is_retryable(error), is_outage(error), may_have_been_processed(error)] == [False, False, False]


def ended(gateway: Gateway, code: str, charge_state: str, retryable: bool) -> None:
    names = dict.fromkeys(("id", "media_type", "model", "mode"), "x")
    times = {"created_at": "2026-01-01T00:00:00.000Z"}
    gateway.status = 202
    gateway.body = b'{"request_id": "r"}'
    gateway.request = json.dumps(
        {
            **names,
            **times,
            "request_id": "r",
            "provider": "fal",
            "status": "failed",
            "error_code": code,
            "error_message": "m",
            "charge_state": charge_state,
            "retryable": retryable,
        }
    ).encode()


@pytest.mark.parametrize(("code", "kind"), CLASSES)
def test_a_failed_request_raises_the_class_of_its_code(gateway: Gateway, code: str, kind: Any) -> None:
    ended(gateway, code, "unknown", False)
    error = failure(gateway)
    assert type(error) is kind
    assert error.status_code == (422 if code == "CONTENT_POLICY_VIOLATION" else 424)
    assert (error.details["charge_state"], error.retryable, gateway.posts()) == ("unknown", False, 1)


def test_a_failed_request_is_not_submitted_again(gateway: Gateway) -> None:
    ended(gateway, "PROVIDER_ERROR", "released", True)
    error = failure(gateway)
    assert (error.status_code, error.retryable, gateway.posts()) == (502, True, 1)


CHARGES = ("none", "released", "held", "charged", "unknown")
FREE = CHARGES[:2]


@pytest.mark.parametrize("code", [code for code, _ in CLASSES])
@pytest.mark.parametrize("charge_state", CHARGES)
@pytest.mark.parametrize("retryable", [True, False])
def test_409_429_and_5xx_mean_that_nothing_was_spent(code: str, charge_state: str, retryable: bool) -> None:
    status = failure_status(code, retryable=retryable, charge_state=charge_state)
    if status in (409, 429) or status >= 500:
        assert charge_state in FREE and retryable
    if code in ("SUBMIT_UNKNOWN", "OUTPUT_UNAVAILABLE"):
        assert status == 424


@pytest.mark.parametrize(
    ("code", "retryable", "free", "spent"),
    [
        ("PROVIDER_ERROR", True, 502, 424),
        ("PROVIDER_ERROR", False, 424, 424),
        ("PROVIDER_TIMEOUT", True, 504, 424),
        ("RATE_LIMIT_ERROR", True, 429, 424),
        ("INTERNAL_ERROR", True, 500, 424),
        ("CANCELLED", False, 424, 424),
        ("VALIDATION_ERROR", False, 422, 424),
        ("PROVIDER_NOT_CONFIGURED", False, 400, 424),
        ("CONTENT_POLICY_VIOLATION", False, 422, 422),
        ("A_NEW_CODE", True, 424, 424),
    ],
)
def test_the_status_of_a_failed_request(code: str, retryable: bool, free: int, spent: int) -> None:
    found = {one: failure_status(code, retryable=retryable, charge_state=one) for one in CHARGES}
    assert found == {one: free if one in FREE else spent for one in CHARGES}
