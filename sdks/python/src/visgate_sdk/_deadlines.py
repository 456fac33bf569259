"""The caller's time limit as a deadline: a point in time on the monotonic clock."""

from __future__ import annotations

import time
from typing import Optional

from .errors import TimeoutError

# The gateway ends every request by its deadline: 1,800 s unless given. One minute more for the answer to arrive.
_REQUEST_DEADLINE_S = 1800.0
_SLACK_S = 60.0
# The longest time that a lock can wait, on every system.
MAX_WAIT_S = 4e6


def deadline_after(timeout: Optional[float], deadline_seconds: Optional[float] = None) -> float:
    """``timeout`` seconds from now; unless given, one minute more than the request's own deadline."""
    seconds = (deadline_seconds or _REQUEST_DEADLINE_S) + _SLACK_S if timeout is None else timeout
    return time.monotonic() + min(seconds, MAX_WAIT_S)


def seconds_left(limit: float, deadline: Optional[float]) -> float:
    """``limit``, or the seconds until the deadline when these are fewer. Raises TimeoutError after the deadline."""
    if deadline is None:
        return limit
    left = deadline - time.monotonic()
    if left <= 0:
        raise timeout_error("The time limit of this call was reached.")
    return min(limit, left)


def timeout_error(message: str) -> TimeoutError:
    """The error for a time limit of the caller."""
    return TimeoutError(message, error_code="CLIENT_TIMEOUT", retryable=True)
