"""One call of the API, with its retries: what is sent, what the response means, when it is tried again."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, List, Mapping, Optional, Type, TypeVar
from urllib.parse import quote

from ._config import Config
from ._deadlines import seconds_left
from ._effects import Call, Flow, Response, Send, Sleep
from ._json import UNREADABLE, is_unicode, parse
from ._retry import backoff_seconds, is_outage, is_retryable, may_have_been_processed, parse_retry_after
from .errors import VisgateError, api_error, wrong_option

T = TypeVar("T")
AfterLostTry = Callable[[VisgateError], Flow[Optional[T]]]
"""Interprets the final error after a try whose answer was lost: the result of the call, or None to raise the error."""


def call_json(
    config: Config,
    call: Call,
    read: Callable[[Any], T],
    *,
    deadline: Optional[float] = None,
    after_lost_try: Optional[AfterLostTry[T]] = None,
) -> Flow[T]:
    """The JSON of the answer, converted by ``read``. ``deadline``: on the monotonic clock, for all tries together."""

    def read_json(response: Response) -> T:
        return read(_json_of(response.body))

    return _call(config, call, read_json, deadline=deadline, after_lost_try=after_lost_try)


def call_text(config: Config, call: Call, media_type: str) -> Flow[str]:
    """The answer as text. An answer of another media type is unexpected."""

    def read_text(response: Response) -> str:
        if response.headers.get("content-type", "").split(";")[0] != media_type:
            raise ValueError(f"expected {media_type}")
        return response.body.decode()

    return _call(config, call, read_text)


def _call(
    config: Config,
    call: Call,
    read: Callable[[Response], T],
    *,
    deadline: Optional[float] = None,
    after_lost_try: Optional[AfterLostTry[T]] = None,
) -> Flow[T]:
    """Sends the call, with its retries. ``read`` makes the result of the answer, or raises one of UNREADABLE."""
    max_retries = config.max_retries if call.max_retries is None else call.max_retries
    attempt = 0
    outage_ends_at = time.monotonic() + (min(call.outage, config.timeout) if max_retries > 0 else 0)
    saw_outage = was_answer_lost = False
    while True:
        try:
            response = yield Send(call, seconds_left(config.timeout, deadline))
            return _read_answer(call, response, read)
        except VisgateError as error:
            saw_outage = saw_outage or is_outage(error)
            is_in_outage = saw_outage and error.status_code != 429 and time.monotonic() < outage_ends_at
            again = (attempt < max_retries or is_in_outage) and is_retryable(error, idempotent=call.idempotent)
            delay = backoff_seconds(error, attempt) if again else None
            if delay is None or (deadline is not None and time.monotonic() + delay >= deadline):
                result = (yield from after_lost_try(error)) if was_answer_lost and after_lost_try else None
                if result is None:
                    raise
                return result
            was_answer_lost = was_answer_lost or may_have_been_processed(error)
            yield Sleep(delay)
            attempt += 1


def fetch(
    config: Config,
    kind: Type[T],
    call: Call,
    *,
    deadline: Optional[float] = None,
    after_lost_try: Optional[AfterLostTry[T]] = None,
) -> Flow[T]:
    """The answer as a dataclass."""
    return call_json(config, call, lambda body: parse(kind, body), deadline=deadline, after_lost_try=after_lost_try)


def fetch_list(
    config: Config,
    kind: Type[T],
    call: Call,
    name: str,
    *,
    after_lost_try: Optional[AfterLostTry[List[T]]] = None,
) -> Flow[List[T]]:
    """The list in the answer's field ``name``, as dataclasses."""
    return call_json(
        config, call, lambda body: [parse(kind, item) for item in body[name]], after_lost_try=after_lost_try
    )


def succeeds_with(error_code: str, result: T) -> AfterLostTry[T]:
    """For deletions: after a lost answer, "not found" means that the earlier try has deleted it."""

    def after_lost_try(error: VisgateError) -> Flow[Optional[T]]:
        return result if error.error_code == error_code else None
        yield  # makes this function a flow

    return after_lost_try


def _read_answer(call: Call, response: Response, read: Callable[[Response], T]) -> T:
    """Raises the error that the response stands for."""
    if not 200 <= response.status < 300 and response.status != call.accept_status:
        raise error_of(response)
    try:
        return read(response)
    except UNREADABLE as cause:
        raise _unexpected_answer(response) from cause


def error_of(response: Response) -> VisgateError:
    """The error that a response stands for.

    Copies text only from the API's own error body: a proxy's error page may contain anything.
    """
    body = _json_of(response.body)
    if not isinstance(body, dict) or not isinstance(body.get("error"), str) or not isinstance(body.get("message"), str):
        return _unexpected_answer(response)
    details = body.get("details")
    fields = {**_status_and_headers(response), "details": details if isinstance(details, dict) else {}}
    error = api_error(body["message"], error_code=body["error"], **fields)
    retryable = error.details.get("retryable")
    error.retryable = retryable if isinstance(retryable, bool) else is_retryable(error)
    return error


def _unexpected_answer(response: Response) -> VisgateError:
    message = (
        f"The answer (HTTP {response.status}) does not come from a Visgate gateway: "
        "check the base URL, and any proxy in between."
    )
    error = VisgateError(message, error_code="UNEXPECTED_ANSWER", **_status_and_headers(response))
    error.retryable = is_retryable(error)
    return error


def _status_and_headers(response: Response) -> Any:
    return {
        "status_code": response.status,
        "http_request_id": response.headers.get("x-request-id"),
        "retry_after": parse_retry_after(response.headers.get("retry-after"), time.time()),
    }


def _json_of(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def path_of(*segments: str) -> str:
    """``path_of("requests", id)``. An id from the caller can never lead to another path.

    Raises ValidationError when it could.
    """
    if not all(map(is_segment, segments)):
        raise wrong_option("id", "an id that the gateway gave")
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


def is_segment(value: object) -> bool:
    """Whether ``value`` can be one segment of a path."""
    return isinstance(value, str) and value not in ("", ".", "..") and is_unicode(value)


def without_none(**fields: Any) -> Mapping[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
