"""Between our calls and httpx: requests, responses and errors. Both drivers use it."""

from __future__ import annotations

import ssl
from datetime import datetime
from functools import cache
from typing import Any, Dict, List, Optional, Union

import httpx

from ._config import Config
from ._effects import Call, Open, Response, Send, Stream
from ._json import is_unicode, time_text
from ._version import VERSION
from .errors import ConnectionError, TimeoutError, VisgateError, wrong_option

# Every wait holds a connection: with httpx's limit of 100, other calls would have to queue behind that many waits.
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100)


@cache
def tls_context() -> ssl.SSLContext:
    """Shared by all clients of a process: reading the certificates takes longer than many a call."""
    return httpx.create_ssl_context()


def build_request(
    http: Union[httpx.Client, httpx.AsyncClient], config: Config, effect: Union[Send, Open]
) -> httpx.Request:
    """The request with the gateway's key, and with httpx's time limit for each single step of the exchange."""
    call = effect.call
    headers: Dict[str, str] = {"Accept": "application/json", "User-Agent": f"visgate-python/{VERSION}"}
    if config.api_key is not None:
        headers["Authorization"] = f"Bearer {config.api_key}"
    if call.with_provider_keys:
        headers.update(config.provider_keys)
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    headers.update(call.headers)
    return http.build_request(
        call.method,
        config.base + call.path,
        params={name: _query_text(name, value) for name, value in call.query.items()},
        headers=headers,
        content=call.body,
        timeout=httpx.Timeout(effect.timeout, read=getattr(effect, "max_silence", effect.timeout)),
    )


def _query_text(name: str, value: Any) -> str:
    """Raises ValidationError when a URL cannot hold the value."""
    if isinstance(value, bool):
        return str(value).lower()
    text = time_text(value) if isinstance(value, datetime) else str(value)
    if is_unicode(text):
        return text
    raise wrong_option(name, "text that is valid Unicode")


def response_of(response: httpx.Response, body: bytes) -> Response:
    """A response that was read to its end."""
    return Response(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def stream_of(response: httpx.Response, handle: Any) -> Stream:
    """A response whose body is still unread."""
    return Stream(response.status_code, response.headers.get("content-type", ""), handle)


class Body:
    """Collects the parts of a body. Raises VisgateError when it is longer than ``max_bytes``."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._parts: List[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        """Adds the next part."""
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._max_bytes:
            message = "The answer is too long for a Visgate gateway: check the base URL, and any proxy in between."
            raise VisgateError(message, error_code="UNEXPECTED_ANSWER")

    def content(self) -> bytes:
        """The whole body."""
        return b"".join(self._parts)


def timed_out(call: Call, timeout: float, cause: Exception) -> TimeoutError:
    """The time limit of one HTTP request was reached."""
    _remove_keys(cause)
    message = f"{call.method} {call.path} took longer than {timeout:g} s."
    return TimeoutError(message, error_code="CLIENT_TIMEOUT", retryable=True)


def no_answer(cause: Exception) -> ConnectionError:
    """The connection was refused or broke, the host was not found, or the answer could not be decoded."""
    _remove_keys(cause)
    message = (
        f"No answer from the gateway ({type(cause).__name__}): check the base URL, and that the gateway is running."
    )
    return ConnectionError(message, error_code="CONNECTION_ERROR", retryable=True)


def client_closed() -> VisgateError:
    """The client was closed, before the call or during it."""
    message = "The client was closed. Accepted requests continue at the gateway."
    return VisgateError(message, error_code="ABORTED")


def stream_broken(why: str, cause: Optional[Exception] = None) -> ConnectionError:
    """A stream broke, or was silent for too long."""
    _remove_keys(cause)
    return ConnectionError(f"The event stream broke: {why}.", error_code="CONNECTION_ERROR", retryable=True)


def _remove_keys(cause: Optional[BaseException]) -> None:
    """Causes get into logs, and the request that httpx attaches to its errors has keys in its headers."""
    while cause is not None:
        if isinstance(cause, httpx.RequestError):
            cause._request = None
        cause = cause.__cause__ or cause.__context__
