"""What a request that has ended comes to, read off its status."""

from __future__ import annotations

from .errors import VisgateError, api_error
from .types import ImageResult, RequestStatus, VideoResult

# Money was or may have been spent, or the same call would fail again. Clients do not retry this status.
_FAILED_DEPENDENCY = 424
# While nothing was spent.
_STATUS_OF_CODE = {
    "PROVIDER_NOT_CONFIGURED": 400,
    "CANCELLED": 409,
    "VALIDATION_ERROR": 422,
    "CONTENT_POLICY_VIOLATION": 422,
    "RATE_LIMIT_ERROR": 429,
    "INTERNAL_ERROR": 500,
    "PROVIDER_ERROR": 502,
    "PROVIDER_TIMEOUT": 504,
}
# The caller has to change the call: no client repeats 400 and 422 by itself.
_CALLERS_FAULT = ("VALIDATION_ERROR", "PROVIDER_NOT_CONFIGURED")


def failure_status(error_code: str, *, retryable: bool, charge_state: str) -> int:
    """The HTTP status that the API answers a synchronous call with whose request has failed.

    The gateway's rule, by which 429 and 5xx always mean: nothing was spent, and the same call may be sent again.
    """
    is_free = charge_state in ("none", "released") and (retryable or error_code in _CALLERS_FAULT)
    if is_free or error_code == "CONTENT_POLICY_VIOLATION":
        return _STATUS_OF_CODE.get(error_code, _FAILED_DEPENDENCY)
    return _FAILED_DEPENDENCY


def failure_of(status: RequestStatus) -> VisgateError:
    """The error that a failed request ended with, as a call that had waited for it would have got it."""
    code = status.error_code or "PROVIDER_ERROR"
    return api_error(
        status.error_message or "The generation failed.",
        error_code=code,
        status_code=failure_status(code, retryable=status.retryable is True, charge_state=status.charge_state),
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
        video_url=_output_url(status),
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


def _output_url(status: RequestStatus) -> str:
    if status.output_url is None:
        message = f"Request {status.request_id} has completed, but the answer has no output: ask for it again."
        raise VisgateError(message, error_code="UNEXPECTED_ANSWER", details={"request_id": status.request_id})
    return status.output_url


def image_result(status: RequestStatus) -> ImageResult:
    """Of a request that has completed; without what only the call itself is told: size, storage, steps."""
    return ImageResult(
        id=status.request_id,
        images=status.output_urls or [_output_url(status)],
        model=status.model,
        provider=status.provider,
        mode=status.mode,
        cost=status.cost,
        cache_hit=status.cache_hit,
        cache_reason=status.cache_reason,
        latency_ms=status.latency_ms or 0,
        created_at=status.created_at,
        provider_cost_avoided_micro=status.provider_cost_avoided_micro if status.cache_hit else None,
    )
