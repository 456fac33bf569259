"""What a request that has ended comes to, read off its status."""

from __future__ import annotations

from .errors import VisgateError, api_error
from .types import ImageResult, RequestStatus, VideoResult

# The HTTP status that the API answers a failed request's code with.
_HTTP_STATUS = {
    "PROVIDER_NOT_CONFIGURED": 400,
    "CANCELLED": 409,
    "VALIDATION_ERROR": 422,
    "CONTENT_POLICY_VIOLATION": 422,
    "RATE_LIMIT_ERROR": 429,
    "PROVIDER_TIMEOUT": 504,
}


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
