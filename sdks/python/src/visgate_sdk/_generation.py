"""A generation: submitted at once under an idempotency key that all retries share, then waited for.

So a cut connection, at whatever moment, costs another question and never another generation.
"""

from __future__ import annotations

import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Generic, Iterator, Mapping, Optional, TypeVar

from ._config import Config
from ._effects import Call, Flow
from ._flows import call_json, fetch, given, time_over
from ._waiting import Waiting, wait_for_end
from .errors import VisgateError, api_error
from .types import ImageResult, QuickImageResult, RequestStatus, VideoResult

T = TypeVar("T")

# A deploy of the gateway.
_OUTAGE_S = 30.0
# The HTTP status that the API answers a failed request's code with.
_HTTP_STATUS = {
    "PROVIDER_NOT_CONFIGURED": 400,
    "CANCELLED": 409,
    "VALIDATION_ERROR": 422,
    "CONTENT_POLICY_VIOLATION": 422,
    "RATE_LIMIT_ERROR": 429,
    "PROVIDER_TIMEOUT": 504,
}


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
    return Generation("/videos/generate", body, idempotency_key or str(uuid.uuid4()), _video_result, {})


def image(body: Mapping[str, Any], idempotency_key: Optional[str], *, steps: bool) -> Generation[ImageResult]:
    """``POST /images/generate``."""
    query = {"include_steps": "true"} if steps else {}
    return Generation("/images/generate", body, idempotency_key or str(uuid.uuid4()), _replayed(ImageResult), query)


def quick_image(body: Mapping[str, Any], idempotency_key: Optional[str]) -> Generation[QuickImageResult]:
    """``POST /generate``."""
    return Generation("/generate", body, idempotency_key or str(uuid.uuid4()), _replayed(QuickImageResult), {})


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


def failure_of(status: RequestStatus) -> VisgateError:
    """The error that a failed request ended with, as a call that had waited for it would have got it."""
    code = status.error_code or "PROVIDER_ERROR"
    return api_error(
        status.error_message or "The generation failed.",
        error_code=code,
        status_code=_HTTP_STATUS.get(code, 502),
        retryable=status.retryable is True,
        details={
            "request_id": status.request_id,
            "provider": status.provider,
            "retryable": status.retryable,
            "charge_state": status.charge_state,
        },
    )


def video_result(status: RequestStatus) -> VideoResult:
    """Of a request that has completed."""
    return VideoResult(
        id=status.request_id,
        video_url=status.output_url or "",
        model=status.model,
        provider=status.provider,
        mode=status.mode,
        cost=status.cost,
        cache_hit=status.cache_hit,
        cache_reason=status.cache_reason,
        latency_ms=status.latency_ms or 0,
        created_at=status.created_at,
        duration_seconds=status.duration_seconds,
        provider_cost_avoided_micro=status.provider_cost_avoided_micro if status.cache_hit else None,
    )


def _video_result(
    _config: Config, _generation: Generation[VideoResult], status: RequestStatus, _deadline: float
) -> Flow[VideoResult]:
    return video_result(status)
    yield


def _replayed(kind: Any) -> Callable[[Config, Generation[Any], RequestStatus, float], Flow[Any]]:
    """Sizes, storage and steps are not in the status of a request: the gateway tells them to the call itself.

    Sent once more under the same key, the call is answered for the same request; it is never a second one.
    """

    def result(config: Config, generation: Generation[Any], _status: RequestStatus, deadline: float) -> Flow[Any]:
        return fetch(config, kind, generation.call(), deadline=deadline)

    return result


@contextmanager
def _telling(generation: Generation[Any], request_id: Optional[str] = None) -> Iterator[None]:
    """Errors of a generation call tell its key, and its request as soon as that is known."""
    try:
        yield
    except VisgateError as error:
        error.idempotency_key = generation.idempotency_key
        error.request_id = error.request_id or request_id
        raise
