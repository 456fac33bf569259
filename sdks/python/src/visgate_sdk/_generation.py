"""A generation: submitted at once under an idempotency key that all retries share, then waited for.

So a cut connection, at whatever moment, costs another question and never another generation.
"""

from __future__ import annotations

import re
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable, Generic, Iterator, Mapping, Optional, Type, TypeVar

from ._config import Config
from ._effects import Call, Flow
from ._flows import call_json, fetch, given, is_part, time_over
from ._json import json_bytes
from ._results import failure_of, image_result, video_result
from ._waiting import Waiting, wait_for_end
from .errors import VisgateError, wrong_option
from .types import ImageResult, QuickImageResult, RequestStatus, VideoResult

T = TypeVar("T")
Image = TypeVar("Image", ImageResult, QuickImageResult)

_IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")
# The gateway keeps idempotency keys for a day; an hour of that for clocks that differ.
_REPLAYABLE_S = 23 * 3600
# A deploy of the gateway.
_OUTAGE_S = 30.0


@dataclass(frozen=True)
class Generation(Generic[T]):
    """What is asked for, and what its result is made of: the status, or the answer to a replay of the call."""

    path: str
    body: bytes
    deadline_seconds: Optional[float]
    idempotency_key: str
    result: Callable[[Config, Generation[T], Completed], Flow[T]]
    query: Mapping[str, Any]

    def call(self, *, prefer: Optional[str] = None) -> Call:
        """The same on every try."""
        return Call(
            "POST",
            self.path,
            query=self.query,
            body=self.body,
            headers=given(**{"Idempotency-Key": self.idempotency_key, "Prefer": prefer}),
            with_provider_keys=True,
            outage=_OUTAGE_S,
        )


@dataclass(frozen=True)
class Accepted:
    """A request that was accepted, and when by either clock of this machine: one may stand still, one may be set."""

    request_id: str
    wall: float = field(default_factory=time.time)
    monotonic: float = field(default_factory=time.monotonic)

    def age(self, created_at: datetime) -> float:
        """Seconds, by these clocks or by the gateway's, whichever says more."""
        now = time.time()
        return max(now - created_at.timestamp(), now - self.wall, time.monotonic() - self.monotonic)


@dataclass(frozen=True)
class Completed:
    """What the result is made of."""

    accepted: Accepted
    status: RequestStatus
    deadline: float


def video(body: Mapping[str, Any], idempotency_key: Optional[str]) -> Generation[VideoResult]:
    """``POST /videos/generate``."""
    return _made("/videos/generate", body, idempotency_key, _video_result)


def image(body: Mapping[str, Any], idempotency_key: Optional[str], *, steps: bool) -> Generation[ImageResult]:
    """``POST /images/generate``."""
    query = {"include_steps": "true"} if steps else {}
    return _made("/images/generate", body, idempotency_key, _image_result, query)


def quick_image(body: Mapping[str, Any], idempotency_key: Optional[str]) -> Generation[QuickImageResult]:
    """``POST /generate``."""
    return _made("/generate", body, idempotency_key, _quick_image_result)


def _made(
    path: str,
    body: Mapping[str, Any],
    idempotency_key: Optional[str],
    result: Callable[[Config, Generation[T], Completed], Flow[T]],
    query: Optional[Mapping[str, Any]] = None,
) -> Generation[T]:
    """All tries say the same, whatever the caller does with ``params`` meanwhile."""
    key = _key(idempotency_key)
    with telling(key):
        return Generation(path, json_bytes(body), body.get("deadline_seconds"), key, result, query or {})


def _key(chosen: Optional[str]) -> str:
    """An empty one is refused: whoever meant to give one would get another generation at every call."""
    if chosen is None:
        return str(uuid.uuid4())
    if not isinstance(chosen, str) or not _IDEMPOTENCY_KEY.fullmatch(chosen) or chosen != chosen.strip():
        raise wrong_option("idempotency_key", "1 to 255 printable ASCII characters")
    return chosen


def submit(config: Config, generation: Generation[Any], deadline: float) -> Flow[str]:
    """The request's id, as soon as it is accepted."""
    call = generation.call(prefer="respond-async")
    with telling(generation.idempotency_key):
        try:
            return (yield from call_json(config, call, _id_in, deadline=deadline))
        except VisgateError as error:
            # It may have been accepted: the same call under the same key tells.
            if error.error_code == "UNEXPECTED_ANSWER" and error.status_code in (200, 201, 202):
                error.retryable = True
            if error.status_code is None and time.monotonic() >= deadline:
                raise not_accepted_in_time(generation) from error
            raise


def _id_in(body: Any) -> str:
    """A server that answers with the result at once names it by its id alone."""
    request_id = body.get("request_id") or body["id"]
    if not is_part(request_id):
        raise TypeError("an id is text")
    found: str = request_id
    return found


def not_accepted_in_time(generation: Generation[Any]) -> VisgateError:
    """The caller's time was over before the gateway answered."""
    error = time_over(
        "The call was not answered in time. Repeat it with the same idempotency_key: nothing is made twice."
    )
    error.idempotency_key = generation.idempotency_key
    return error


def finish(config: Config, generation: Generation[T], accepted: Accepted, waiting: Waiting) -> Flow[T]:
    """The result; raises as the generation fails."""
    with telling(generation.idempotency_key, accepted.request_id):
        status = yield from wait_for_end(config, accepted.request_id, waiting)
        if status.status == "failed":
            raise failure_of(status)
        return (yield from generation.result(config, generation, Completed(accepted, status, waiting.deadline)))


def _video_result(_config: Config, _generation: Generation[VideoResult], completed: Completed) -> Flow[VideoResult]:
    return video_result(completed.status)
    yield


def _image_result(config: Config, generation: Generation[ImageResult], completed: Completed) -> Flow[ImageResult]:
    """In full; of an old request, what its status tells."""
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
    """Sizes, storage and steps are not in the status of a request: the gateway tells them to the call itself.

    Sent once more under the same key, the call is answered for the same request, as long as the gateway knows the key.
    After that it would be a second generation.
    """
    request_id = completed.accepted.request_id
    if completed.accepted.age(completed.status.created_at) < _REPLAYABLE_S:
        result = yield from fetch(config, kind, generation.call(), deadline=completed.deadline)
        if result.id == request_id:
            return result
    message = f"Request {request_id} is too old for its full result: requests.get() has its images."
    raise VisgateError(message, error_code="RESULT_GONE", details={"request_id": request_id})


@contextmanager
def telling(idempotency_key: str, request_id: Optional[str] = None) -> Iterator[None]:
    """Errors of a generation call tell its key, and its request as soon as that is known."""
    try:
        yield
    except VisgateError as error:
        error.idempotency_key = idempotency_key
        error.request_id = error.request_id or request_id
        raise
