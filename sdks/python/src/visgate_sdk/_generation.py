"""A generation: first submitted with an idempotency key that all its retries share, then waited for.

The submit is answered in milliseconds, so a broken connection costs another poll and never another generation.
"""

from __future__ import annotations

import re
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable, Generic, Iterator, Mapping, Optional, Type, TypeVar

from ._calls import call_json, fetch, is_segment, without_none
from ._config import Config
from ._deadlines import timeout_error
from ._effects import Call, Flow
from ._json import json_bytes
from ._request_outcome import failure_of, image_result, video_result
from ._waiting import Waiting, wait_for_end
from .errors import VisgateError, wrong_option
from .types import ImageResult, QuickImageResult, RequestStatus, VideoResult
from .types.status import remember_status

T = TypeVar("T")
Image = TypeVar("Image", ImageResult, QuickImageResult)

_IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")
# The gateway keeps a key for 24 hours; one hour is left for clocks that differ. Later, a replay would be billed.
_REPLAYABLE_S = 23 * 3600
# Long enough for a restart of the gateway during a deploy.
_OUTAGE_S = 30.0


@dataclass(frozen=True)
class Generation(Generic[T]):
    """A call that generates, and how its result is made: from the status, or from the answer to a replay."""

    path: str
    body: bytes
    deadline_seconds: Optional[float]
    idempotency_key: str
    result: Callable[[Config, Generation[T], Completed], Flow[T]]
    query: Mapping[str, Any]

    def call(self, *, prefer: Optional[str] = None) -> Call:
        """The call to send, with the same body and key on every try."""
        return Call(
            "POST",
            self.path,
            query=self.query,
            body=self.body,
            headers=without_none(**{"Idempotency-Key": self.idempotency_key, "Prefer": prefer}),
            with_provider_keys=True,
            outage=_OUTAGE_S,
        )


@dataclass(frozen=True)
class Accepted:
    """An accepted request, and the time of acceptance on two clocks: the wall clock may be set, the other may pause."""

    request_id: str
    wall: float = field(default_factory=time.time)
    monotonic: float = field(default_factory=time.monotonic)

    def age(self, created_at: datetime) -> float:
        """Seconds since the acceptance: the most that these clocks and the gateway's ``created_at`` say."""
        now = time.time()
        return max(now - created_at.timestamp(), now - self.wall, time.monotonic() - self.monotonic)


@dataclass(frozen=True)
class Completed:
    """A completed request, from which the result is made."""

    accepted: Accepted
    status: RequestStatus
    deadline: float


def video(body: Mapping[str, Any], idempotency_key: Optional[str]) -> Generation[VideoResult]:
    """``POST /videos/generate``."""
    return _create("/videos/generate", body, idempotency_key, _video_result)


def image(body: Mapping[str, Any], idempotency_key: Optional[str], *, steps: bool) -> Generation[ImageResult]:
    """``POST /images/generate``."""
    query = {"include_steps": "true"} if steps else {}
    return _create("/images/generate", body, idempotency_key, _image_result, query)


def quick_image(body: Mapping[str, Any], idempotency_key: Optional[str]) -> Generation[QuickImageResult]:
    """``POST /generate``."""
    return _create("/generate", body, idempotency_key, _quick_image_result)


def again(path: str, idempotency_key: Optional[str]) -> Generation[RequestStatus]:
    """``POST /requests/{id}/again``. ``path``: of that request."""
    return _create(path, {}, idempotency_key, _last_status)


def _create(
    path: str,
    body: Mapping[str, Any],
    idempotency_key: Optional[str],
    result: Callable[[Config, Generation[T], Completed], Flow[T]],
    query: Optional[Mapping[str, Any]] = None,
) -> Generation[T]:
    """The body is made here, so that all tries send the same even if the caller changes ``params`` meanwhile."""
    key = checked_key(idempotency_key)
    with error_context(key):
        return Generation(path, json_bytes(body), body.get("deadline_seconds"), key, result, query or {})


def checked_key(key: Optional[str]) -> str:
    """A new key for None. An empty key is refused: the gateway would take each call for another generation."""
    if key is None:
        return str(uuid.uuid4())
    if not isinstance(key, str) or not _IDEMPOTENCY_KEY.fullmatch(key) or key != key.strip():
        raise wrong_option("idempotency_key", "1 to 255 printable ASCII characters without spaces at the ends")
    return key


def submit(config: Config, generation: Generation[Any], deadline: float) -> Flow[str]:
    """Returns the request's id once the gateway has accepted it."""
    call = generation.call(prefer="respond-async")
    with error_context(generation.idempotency_key):
        try:
            return (yield from call_json(config, call, _request_id_in, deadline=deadline))
        except VisgateError as error:
            # The request may have been accepted: the same call under the same key finds out.
            if error.error_code == "UNEXPECTED_ANSWER" and error.status_code in (200, 201, 202):
                error.retryable = True
            if error.status_code is None and time.monotonic() >= deadline:
                raise submit_timeout(generation) from error
            raise


def _request_id_in(body: Any) -> str:
    """A server that ignores ``Prefer`` answers with the result, which has the id under another name."""
    request_id = body.get("request_id") or body["id"]
    if not is_segment(request_id):
        raise TypeError("the id cannot be a segment of a path")
    return str(request_id)


def submit_timeout(generation: Generation[Any]) -> VisgateError:
    """The error when the caller's time limit was reached before the gateway answered."""
    error = timeout_error(
        "The gateway did not answer within the time limit. "
        "Repeat the call with the same idempotency_key: nothing is generated twice."
    )
    error.idempotency_key = generation.idempotency_key
    return error


def wait_for_result(config: Config, generation: Generation[T], accepted: Accepted, waiting: Waiting) -> Flow[T]:
    """Returns the result, with the fields of its status, or raises the error of a failed generation."""
    with error_context(generation.idempotency_key, accepted.request_id):
        status = yield from wait_for_end(config, accepted.request_id, waiting)
        if status.status == "failed":
            raise failure_of(status)
        result = yield from generation.result(config, generation, Completed(accepted, status, waiting.deadline))
        remember_status(result, status)
        return result


def _video_result(_config: Config, _generation: Generation[VideoResult], completed: Completed) -> Flow[VideoResult]:
    return video_result(completed.status)
    yield


def _last_status(_config: Config, _generation: Generation[RequestStatus], completed: Completed) -> Flow[RequestStatus]:
    return completed.status
    yield


def _image_result(config: Config, generation: Generation[ImageResult], completed: Completed) -> Flow[ImageResult]:
    """The full result; for a request too old for a replay, what its status contains."""
    try:
        return (yield from _replay(config, ImageResult, generation, completed))
    except VisgateError as error:
        if error.error_code != "RESULT_GONE":
            raise
        return image_result(completed.status)


def _quick_image_result(
    config: Config, generation: Generation[QuickImageResult], completed: Completed
) -> Flow[QuickImageResult]:
    return (yield from _replay(config, QuickImageResult, generation, completed))


def _replay(config: Config, kind: Type[Image], generation: Generation[Image], completed: Completed) -> Flow[Image]:
    """Sends the same call again under the same key: the gateway answers with the full result of the same request.

    A status lacks sizes, storage and steps. Once the gateway has forgotten the key, it would start a second generation.
    """
    request_id = completed.accepted.request_id
    if completed.accepted.age(completed.status.created_at) < _REPLAYABLE_S:
        result = yield from fetch(config, kind, generation.call(), deadline=completed.deadline)
        if result.id == request_id:
            return result
    message = f"The full result of request {request_id} is no longer kept: requests.get() has its images."
    raise VisgateError(message, error_code="RESULT_GONE", details={"request_id": request_id})


@contextmanager
def error_context(idempotency_key: str, request_id: Optional[str] = None) -> Iterator[None]:
    """Adds the idempotency key, and the request's id when it is known, to errors of a generation call."""
    try:
        yield
    except VisgateError as error:
        error.idempotency_key = idempotency_key
        error.request_id = error.request_id or request_id
        raise
