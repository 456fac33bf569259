"""From a call to an httpx request, and from what httpx says to our words. Shared by both drivers."""

from __future__ import annotations

import json
from typing import Any, Dict, Union

import httpx

from ._config import Config
from ._effects import Answer, Call, Open, Send
from ._version import VERSION
from .errors import ConnectionError, TimeoutError


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
        params={name: str(value) for name, value in call.query.items()},
        headers=headers,
        content=None if call.body is None else json.dumps(call.body, ensure_ascii=False).encode(),
        timeout=httpx.Timeout(effect.timeout, read=getattr(effect, "silence", effect.timeout)),
    )


def answer_of(response: httpx.Response, body: bytes) -> Answer:
    """Header names in lower case."""
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def late(call: Call, timeout: float) -> TimeoutError:
    """No answer within the time limit of one HTTP request."""
    message = f"{call.method} {call.path} took longer than {timeout:g} s."
    return TimeoutError(message, error_code="CLIENT_TIMEOUT", retryable=True)


def no_answer(cause: Exception) -> ConnectionError:
    """Refused, cut, not to be decoded, or the name not found."""
    message = f"No answer from the gateway ({type(cause).__name__}): check the base URL and that it is running."
    return ConnectionError(message, error_code="CONNECTION_ERROR", retryable=True)


def cut(why: Any) -> ConnectionError:
    """A stream that broke, or said nothing for too long."""
    return ConnectionError(f"The event stream was cut: {why}.", error_code="CONNECTION_ERROR", retryable=True)
