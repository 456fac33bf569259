"""What the status of an ended request means: the error of a failed one, the result of a completed one."""

from __future__ import annotations

from .errors import VisgateError, api_error
from .types import ImageResult, RequestStatus, VideoResult

# Money was or may have been spent, or the same call would fail again. Clients do not retry this status.
_FAILED_DEPENDENCY = 424
# For failures that cost nothing.
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
# The caller has to change the call first: no client retries 400 and 422 by itself.
_CALLER_ERRORS = ("VALIDATION_ERROR", "PROVIDER_NOT_CONFIGURED")


def failure_status(error_code: str, *, retryable: bool, charge_state: str) -> int:
    """The HTTP status with which the API answers a synchronous call whose request has failed.

    By the gateway's rule, 429 and 5xx always mean that nothing was spent and the same call may be sent again.
    """
    is_free = charge_state in ("none", "released") and (retryable or error_code in _CALLER_ERRORS)
    if is_free or error_code == "CONTENT_POLICY_VIOLATION":
        return _STATUS_OF_CODE.get(error_code, _FAILED_DEPENDENCY)
    return _FAILED_DEPENDENCY


def failure_of(status: RequestStatus) -> VisgateError:
    """The error of a failed request: the same that a synchronous call to the API would have got."""
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
    """The result of a completed request."""
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


def image_result(status: RequestStatus) -> ImageResult:
    """The result of a completed request, without size, storage and steps, which a status does not contain."""
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


def _output_url(status: RequestStatus) -> str:
    if status.output_url is None:
        message = f"Request {status.request_id} has completed, but the answer has no output: ask for it again."
        raise VisgateError(message, error_code="UNEXPECTED_ANSWER", details={"request_id": status.request_id})
    return status.output_url
