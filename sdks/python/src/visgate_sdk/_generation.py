"""A generation: submitted at once under an idempotency key that all retries share, then waited for.

So a cut connection, at whatever moment, costs another question and never another generation.
"""

from __future__ import annotations

import re
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Generic, Iterator, Mapping, Optional, TypeVar

from ._config import Config
from ._effects import Call, Flow
from ._flows import call_json, fetch, given, time_over
from ._results import failure_of, image_result, video_result
from ._waiting import Waiting, wait_for_end
from .errors import VisgateError, wrong_option
from .types import ImageResult, QuickImageResult, RequestStatus, VideoResult

T = TypeVar("T")

_IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")
# The gateway keeps idempotency keys for a day; an hour of that for clocks that differ.
_REPLAYABLE_S = 23 * 3600
# A deploy of the gateway.
_OUTAGE_S = 30.0


@dataclass(frozen=True)
class Generation(Generic[T]):
    """What is asked for, and what its result is made of: the status, or the answer to a replay of the call."""

    path: str
    body: Mapping[str, Any]
    idempotency_key: str
    result: Callable[[Config, Generation[T], RequestStatus, float], Flow[T]]
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


def video(body: Mapping[str, Any], idempotency_key: Optional[str]) -> Generation[VideoResult]:
    """``POST /videos/generate``."""
    return Generation("/videos/generate", body, _key(idempotency_key), _video_result, {})


def image(body: Mapping[str, Any], idempotency_key: Optional[str], *, steps: bool) -> Generation[ImageResult]:
    """``POST /images/generate``."""
    query = {"include_steps": "true"} if steps else {}
    return Generation("/images/generate", body, _key(idempotency_key), _image_result, query)


def quick_image(body: Mapping[str, Any], idempotency_key: Optional[str]) -> Generation[QuickImageResult]:
    """``POST /generate``."""
    return Generation("/generate", body, _key(idempotency_key), _quick_image_result, {})


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
    with _telling(generation):
        try:
            # A server that answers with the result at once names it by its id alone.
            return (
                yield from call_json(
                    config, call, lambda body: str(body.get("request_id") or body["id"]), deadline=deadline
                )
            )
        except VisgateError as error:
            if error.status_code is None and time.monotonic() >= deadline:
                raise not_accepted_in_time(generation) from error
            raise


def not_accepted_in_time(generation: Generation[Any]) -> VisgateError:
    """The caller's time was over before the gateway answered."""
    error = time_over(
        "The call was not answered in time. Repeat it with the same idempotency_key: nothing is made twice."
    )
    error.idempotency_key = generation.idempotency_key
    return error


def finish(config: Config, generation: Generation[T], request_id: str, waiting: Waiting) -> Flow[T]:
    """The result; raises as the generation fails."""
    with _telling(generation, request_id):
        status = yield from wait_for_end(config, request_id, waiting)
        if status.status == "failed":
            raise failure_of(status)
        return (yield from generation.result(config, generation, status, waiting.deadline))


def _video_result(
    _config: Config, _generation: Generation[VideoResult], status: RequestStatus, _deadline: float
) -> Flow[VideoResult]:
    return video_result(status)
    yield


def _image_result(
    config: Config, generation: Generation[ImageResult], status: RequestStatus, deadline: float
) -> Flow[ImageResult]:
    """In full; of an old request, what its status tells."""
    if _is_replayable(status):
        return (yield from fetch(config, ImageResult, generation.call(), deadline=deadline))
    return image_result(status)


def _quick_image_result(
    config: Config, generation: Generation[QuickImageResult], status: RequestStatus, deadline: float
) -> Flow[QuickImageResult]:
    if _is_replayable(status):
        return (yield from fetch(config, QuickImageResult, generation.call(), deadline=deadline))
    message = f"Request {status.request_id} is too old for a QuickImageResult: requests.get() has its images."
    raise VisgateError(message, error_code="RESULT_GONE", details={"request_id": status.request_id})


def _is_replayable(status: RequestStatus) -> bool:
    """Sizes, storage and steps are not in the status of a request: the gateway tells them to the call itself.

    Sent once more under the same key, the call is answered for the same request, as long as the gateway knows the key.
    After that it would be a second generation.
    """
    return time.time() - status.created_at.timestamp() < _REPLAYABLE_S


@contextmanager
def _telling(generation: Generation[Any], request_id: Optional[str] = None) -> Iterator[None]:
    """Errors of a generation call tell its key, and its request as soon as that is known."""
    try:
        yield
    except VisgateError as error:
        error.idempotency_key = generation.idempotency_key
        error.request_id = error.request_id or request_id
        raise
