"""What calls fail with: one class per kind of failure, the same attributes on all."""

from __future__ import annotations

import builtins
from typing import Any, Dict, Mapping, Optional, Tuple, Type


class VisgateError(Exception):
    """Every failure of a call. ``error_code`` says which; ``message`` says what to do.

    Attributes:
        message: what happened, and what to do about it.
        error_code: a code of the API, or of this client: ``CLIENT_TIMEOUT``, ``CONNECTION_ERROR``,
            ``ABORTED`` (the client was closed), ``RESULT_GONE``, ``INVALID_WEBHOOK``, ``UNEXPECTED_ANSWER``.
        details: what the API adds to the code.
        status_code: HTTP status; None when there was no answer.
        retry_after: seconds to wait before another try (``Retry-After``); None when the answer did not say.
        retryable: whether the same call may work later. Where it was not answered, send it with ``idempotency_key``:
            then nothing is made twice. Of a request that failed it also says that nothing was spent, and none is in doubt.
        request_id: the generation request this is about; None when it is about none, or its id is not known.
        http_request_id: ``X-Request-Id`` of the HTTP answer, for the operator of the gateway.
        idempotency_key: of generation calls, the key that was sent; for a later attempt of your own.
    """

    def __init__(
        self,
        message: str,
        *,
        error_code: str,
        details: Optional[Mapping[str, Any]] = None,
        status_code: Optional[int] = None,
        retry_after: Optional[int] = None,
        retryable: bool = False,
        http_request_id: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = error_code
        self.details: Dict[str, Any] = dict(details or {})
        self.status_code = status_code
        self.retry_after = retry_after
        self.retryable = retryable
        self.http_request_id = http_request_id
        self.request_id = _text(self.details.get("request_id"))
        self.idempotency_key: Optional[str] = None

    def __reduce__(self) -> Tuple[Any, ...]:
        """Errors cross process boundaries whole: worker pools and task queues pickle them."""
        return _restored, (type(self), self.__dict__)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, error_code={self.error_code!r})"


class AuthenticationError(VisgateError):
    """401: the key is missing, unknown or revoked."""


class ValidationError(VisgateError):
    """422: a field is wrong, or its content is against a provider's policy.

    424: the provider refused it, and money was or may have been spent (``details["charge_state"]``).
    """

    @property
    def field(self) -> Optional[str]:
        """The field as the API names it; None when it is about no single one."""
        return _text(self.details.get("field"))

    @property
    def allowed(self) -> Any:
        """What the field takes, where the API says it."""
        return self.details.get("allowed")


class RateLimitError(VisgateError):
    """429: too many calls, here or at the provider; ``retry_after`` says how many seconds to wait."""


class ProviderError(VisgateError):
    """The provider failed, or its output could not be had.

    502, 504: nothing was spent, and the same call may work later. 424: money was or may have been spent
    (``details["charge_state"]``), or the same call would fail again.
    """

    @property
    def provider(self) -> Optional[str]:
        """Which one."""
        return _text(self.details.get("provider"))


class TimeoutError(VisgateError, builtins.TimeoutError):
    """The time given here was over; a request that was accepted goes on at the gateway. Code ``CLIENT_TIMEOUT``."""


class ConnectionError(VisgateError, builtins.ConnectionError):
    """No answer: refused, cut, or the name not found. Code ``CONNECTION_ERROR``."""


class WebhookVerificationError(VisgateError):
    """The webhook is not genuine, or too old. Code ``INVALID_WEBHOOK``."""


# The code decides the class, not the status: a request that failed after money was spent is a 424 with any code.
_KIND_OF_CODE: Mapping[str, Type[VisgateError]] = {
    "AUTHENTICATION_ERROR": AuthenticationError,
    "VALIDATION_ERROR": ValidationError,
    "CONTENT_POLICY_VIOLATION": ValidationError,
    "RATE_LIMIT_ERROR": RateLimitError,
    "PROVIDER_ERROR": ProviderError,
    "PROVIDER_TIMEOUT": ProviderError,
    "SUBMIT_UNKNOWN": ProviderError,
    "OUTPUT_UNAVAILABLE": ProviderError,
}
# For the codes of a later server.
_KIND_OF_STATUS: Mapping[int, Type[VisgateError]] = {
    401: AuthenticationError,
    422: ValidationError,
    429: RateLimitError,
}


def api_error(message: str, *, error_code: str, status_code: int, **fields: Any) -> VisgateError:
    """The error for what the API said, in an answer or as the end of a request."""
    kind = _KIND_OF_CODE.get(error_code) or _KIND_OF_STATUS.get(status_code, VisgateError)
    return kind(message, error_code=error_code, status_code=status_code, **fields)


def wrong_option(name: str, takes: str) -> ValidationError:
    """What the caller gave is wrong, and nothing was sent."""
    details = {"field": name, "allowed": takes}
    return ValidationError(f"{name} takes {takes}.", error_code="VALIDATION_ERROR", details=details)


def _restored(kind: Type[VisgateError], state: Dict[str, Any]) -> VisgateError:
    error = kind(state["message"], error_code=state["error_code"])
    error.__dict__.update(state)
    return error


def _text(value: object) -> Optional[str]:
    return value if isinstance(value, str) else None
