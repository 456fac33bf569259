"""One call of the API, with its retries: what is sent, what an answer means, what is tried again."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, List, Mapping, Optional, Type, TypeVar
from urllib.parse import quote

from ._config import Config
from ._effects import Answer, Call, Flow, Send, Sleep
from ._parse import parse
from ._retry import backoff_seconds, is_outage, is_retryable, may_have_been_done, parse_retry_after
from .errors import TimeoutError, VisgateError, api_error, wrong_option

T = TypeVar("T")
Meaning = Callable[[VisgateError], Flow[Optional[T]]]
# What reading JSON of another shape runs into.
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


def call_json(
    config: Config,
    call: Call,
    read: Callable[[Any], T],
    *,
    deadline: Optional[float] = None,
    after_lost_try: Optional[Meaning[T]] = None,
) -> Flow[T]:
    """What ``read`` makes of the answer's JSON.

    ``deadline``: on the monotonic clock, for all tries together. ``after_lost_try``: what a final error comes to when
    an earlier try may have done it all; None: that error.
    """
    retries = config.max_retries if call.max_retries is None else call.max_retries
    attempt = 0
    patient_until = time.monotonic() + (min(call.outage, config.timeout) if retries > 0 else 0)
    is_restarting = is_lost = False
    while True:
        try:
            answer = yield Send(call, within(config.timeout, deadline))
            return read_answer(call, answer, read)
        except VisgateError as error:
            is_restarting = is_restarting or is_outage(error)
            is_patient = is_restarting and error.status_code != 429 and time.monotonic() < patient_until
            again = (attempt < retries or is_patient) and is_retryable(error, idempotent=call.idempotent)
            delay = backoff_seconds(error, attempt) if again else None
            if delay is None or (deadline is not None and time.monotonic() + delay >= deadline):
                meaning = (yield from after_lost_try(error)) if is_lost and after_lost_try else None
                if meaning is None:
                    raise
                return meaning
            is_lost = is_lost or may_have_been_done(error)
            yield Sleep(delay)
            attempt += 1


def fetch(
    config: Config,
    kind: Type[T],
    call: Call,
    *,
    deadline: Optional[float] = None,
    after_lost_try: Optional[Meaning[T]] = None,
) -> Flow[T]:
    """The answer as a dataclass."""
    return call_json(config, call, lambda body: parse(kind, body), deadline=deadline, after_lost_try=after_lost_try)


def taken_for_done(error_code: str, answer: T) -> Meaning[T]:
    """For ``after_lost_try``: what was to be deleted, and is not found, was deleted by the try before."""

    def meaning(error: VisgateError) -> Flow[Optional[T]]:
        return answer if error.error_code == error_code else None
        yield

    return meaning


def fetch_list(config: Config, kind: Type[T], call: Call, name: str) -> Flow[List[T]]:
    """The answer's member ``name`` as dataclasses."""
    return call_json(config, call, lambda body: [parse(kind, one) for one in body[name]])


def within(timeout: float, deadline: Optional[float]) -> float:
    """Seconds that are left of both. Raises TimeoutError when there are none."""
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise time_over("The time for this call was over.")
    return min(timeout, left)


def time_over(message: str) -> TimeoutError:
    """The time that the caller gave was over."""
    return TimeoutError(message, error_code="CLIENT_TIMEOUT", retryable=True)


def read_answer(call: Call, answer: Answer, read: Callable[[Any], T]) -> T:
    """Raises the error that the answer tells."""
    if not 200 <= answer.status < 300 and answer.status != call.accept_status:
        raise error_of(answer)
    try:
        return read(_json_of(answer.body))
    except UNREADABLE as cause:
        raise _unexpected(answer) from cause


def error_of(answer: Answer) -> VisgateError:
    """Nothing of a body that is not the API's own gets into it: it may be a proxy's page with anything in it."""
    body = _json_of(answer.body)
    if not isinstance(body, dict) or not isinstance(body.get("error"), str) or not isinstance(body.get("message"), str):
        return _unexpected(answer)
    details = body.get("details")
    fields = {**_head(answer), "details": details if isinstance(details, dict) else {}}
    error = api_error(body["message"], error_code=body["error"], **fields)
    told = error.details.get("retryable")
    error.retryable = told if isinstance(told, bool) else is_retryable(error)
    return error


def _unexpected(answer: Answer) -> VisgateError:
    message = f"The answer (HTTP {answer.status}) is not the gateway's: check the base URL, and what is in between."
    error = VisgateError(message, error_code="UNEXPECTED_ANSWER", **_head(answer))
    error.retryable = is_retryable(error)
    return error


def _head(answer: Answer) -> Any:
    return {
        "status_code": answer.status,
        "http_request_id": answer.headers.get("x-request-id"),
        "retry_after": parse_retry_after(answer.headers.get("retry-after"), time.time()),
    }


def _json_of(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def path_of(*parts: str) -> str:
    """``path_of("requests", id)``; what a part holds never becomes another part, nor takes one away."""
    if not all(map(is_part, parts)):
        raise wrong_option("id", "the id that the gateway gave")
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def is_part(value: object) -> bool:
    """Text that can be one part of a path: dots would lead elsewhere."""
    return isinstance(value, str) and value not in ("", ".", "..")


def given(**fields: Any) -> Mapping[str, Any]:
    """Those that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
