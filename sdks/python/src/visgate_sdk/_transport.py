"""From a call to an httpx request, and from what httpx says to our words. Shared by both drivers."""

from __future__ import annotations

import ssl
from datetime import datetime
from functools import cache
from typing import Any, Dict, List, Optional, Union

import httpx

from ._config import Config
from ._effects import Answer, Call, Open, Send, Stream
from ._parse import time_text
from ._version import VERSION
from .errors import ConnectionError, TimeoutError, VisgateError

# Every wait holds a connection: with httpx's limit of 100, the calls beside that many waits would stand in line.
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100)


# One without an end would fill the memory.
_MAX_ANSWER_BYTES = 16 * 2**20


@cache
def tls() -> ssl.SSLContext:
    """Reading the certificates takes longer than many a call: once is enough for all clients of a process."""
    return httpx.create_ssl_context()


def build_request(
    http: Union[httpx.Client, httpx.AsyncClient], config: Config, effect: Union[Send, Open]
) -> httpx.Request:
    """With the key, and with httpx's time limit for every single step of the exchange."""
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
        params={name: _text(value) for name, value in call.query.items()},
        headers=headers,
        content=call.body,
        timeout=httpx.Timeout(effect.timeout, read=getattr(effect, "silence", effect.timeout)),
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return time_text(value) if isinstance(value, datetime) else str(value)


def answer_of(response: httpx.Response, body: bytes) -> Answer:
    """Header names in lower case."""
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def stream_of(response: httpx.Response, handle: Any) -> Stream:
    """An answer that is left to be read."""
    return Stream(response.status_code, response.headers.get("content-type", ""), handle)


class Parts:
    """The body of an answer, as it comes. Raises VisgateError when it is longer than any of the gateway's."""

    def __init__(self) -> None:
        self._parts: List[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        """The next one."""
        self._parts.append(part)
        self._size += len(part)
        if self._size > _MAX_ANSWER_BYTES:
            message = "The answer is too long to be the gateway's: check the base URL, and what is in between."
            raise VisgateError(message, error_code="UNEXPECTED_ANSWER")

    def whole(self) -> bytes:
        """All of it."""
        return b"".join(self._parts)


def late(call: Call, timeout: float, cause: Exception) -> TimeoutError:
    """No answer within the time limit of one HTTP request."""
    _without_keys(cause)
    message = f"{call.method} {call.path} took longer than {timeout:g} s."
    return TimeoutError(message, error_code="CLIENT_TIMEOUT", retryable=True)


def no_answer(cause: Exception) -> ConnectionError:
    """Refused, cut, not to be decoded, or the name not found."""
    _without_keys(cause)
    message = f"No answer from the gateway ({type(cause).__name__}): check the base URL and that it is running."
    return ConnectionError(message, error_code="CONNECTION_ERROR", retryable=True)


def closed() -> VisgateError:
    """The client was closed, before the call or during it."""
    return VisgateError("The client was closed. What was accepted goes on at the gateway.", error_code="ABORTED")


def cut(why: str, cause: Optional[Exception] = None) -> ConnectionError:
    """A stream that broke, or said nothing for too long."""
    _without_keys(cause)
    return ConnectionError(f"The event stream was cut: {why}.", error_code="CONNECTION_ERROR", retryable=True)


def _without_keys(cause: Optional[BaseException]) -> None:
    """What is told with an error gets into logs: the request that httpx puts into its own has keys in its headers."""
    while cause is not None:
        if isinstance(cause, httpx.RequestError):
            cause._request = None
        cause = cause.__cause__ or cause.__context__
