"""The errors of this client: one class per kind of failure, with the same attributes on all of them."""

from __future__ import annotations

import builtins
from typing import Any, Dict, Mapping, Optional, Tuple, Type


class VisgateError(Exception):
    """The error of every failed call. ``error_code`` says what happened; ``message`` says what to do.

    Attributes:
        message: what happened, and what to do about it, in one or two sentences.
        error_code: a code of the API, or of this client: ``CLIENT_TIMEOUT``, ``CONNECTION_ERROR``,
            ``ABORTED`` (the client was closed), ``RESULT_GONE``, ``INVALID_WEBHOOK``, ``UNEXPECTED_ANSWER``.
        details: further facts about the failure, as the API sent them.
        status_code: HTTP status; None when there was no answer.
        retry_after: seconds to wait before another try (``Retry-After``); None when the answer did not say.
        retryable: whether the same call may succeed later. When no answer came, repeat the call with
            ``idempotency_key``, so that nothing is generated twice. On a failed request, True also guarantees that
            nothing was spent.
        request_id: the id of the generation request that failed; None for other calls, or when it is not known.
        http_request_id: the ``X-Request-Id`` of the HTTP answer, by which the operator finds the call in the log.
        idempotency_key: the key of a generation call, with which you can safely repeat it; None for other calls.
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
        """Worker pools and task queues pickle errors; this keeps all attributes."""
        return _restored, (type(self), self.__dict__)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, error_code={self.error_code!r})"


class AuthenticationError(VisgateError):
    """401: the key is missing, unknown or revoked."""


class ValidationError(VisgateError):
    """422: a field is not valid, or its content violates a provider's policy.

    424: the provider refused the content, and money was or may have been spent (``details["charge_state"]``).
    ``status_code`` is None when this client found the mistake before it sent anything.
    """

    @property
    def field(self) -> Optional[str]:
        """The name of the field; None when more than one field is involved."""
        return _text(self.details.get("field"))

    @property
    def allowed(self) -> Any:
        """The values that the field allows; None when they are not known."""
        return self.details.get("allowed")


class RateLimitError(VisgateError):
    """429: too many calls to the gateway or to the provider; ``retry_after`` says how many seconds to wait."""


class ProviderError(VisgateError):
    """The provider failed, or its output could not be fetched.

    502, 504: nothing was spent, and the same call may succeed later. 424: money was or may have been spent
    (``details["charge_state"]``), or the same call would fail again.
    """

    @property
    def provider(self) -> Optional[str]:
        """The provider that failed; None when it is not known."""
        return _text(self.details.get("provider"))


class TimeoutError(VisgateError, builtins.TimeoutError):
    """A time limit of this client was reached. An accepted request continues. Code ``CLIENT_TIMEOUT``."""


class ConnectionError(VisgateError, builtins.ConnectionError):
    """No answer: the connection was refused or broke, or the host was not found. Code ``CONNECTION_ERROR``."""


class WebhookVerificationError(VisgateError):
    """The webhook is not genuine, or too old. Code ``INVALID_WEBHOOK``."""


# The code chooses the class, not the status: a request that failed after money was spent is a 424 with any code.
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
# For codes that only a later server version knows.
_KIND_OF_STATUS: Mapping[int, Type[VisgateError]] = {
    401: AuthenticationError,
    422: ValidationError,
    429: RateLimitError,
}


def api_error(message: str, *, error_code: str, status_code: int, **fields: Any) -> VisgateError:
    """The error that an answer of the API, or the end of a request, stands for."""
    kind = _KIND_OF_CODE.get(error_code) or _KIND_OF_STATUS.get(status_code, VisgateError)
    return kind(message, error_code=error_code, status_code=status_code, **fields)


def wrong_option(name: str, takes: str) -> ValidationError:
    """The caller passed a value that is not valid; nothing was sent."""
    details = {"field": name, "allowed": takes}
    return ValidationError(f"{name} takes {takes}.", error_code="VALIDATION_ERROR", details=details)


def _restored(kind: Type[VisgateError], state: Dict[str, Any]) -> VisgateError:
    error = kind(state["message"], error_code=state["error_code"])
    error.__dict__.update(state)
    return error


def _text(value: object) -> Optional[str]:
    return value if isinstance(value, str) else None
