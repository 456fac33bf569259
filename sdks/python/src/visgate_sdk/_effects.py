"""What a call needs done, as values.

A flow is a generator that yields effects and is sent their results. The flows decide what to do and when; the two
drivers (``_sync_driver``, ``_async_driver``) do it, blocking or awaiting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generator, Mapping, Optional, TypeVar, Union


@dataclass(frozen=True)
class Call:
    """One HTTP request of the API.

    ``body`` is JSON, unless ``headers`` have another type. ``idempotent``: sending it twice has the same effect as sending it once. ``outage``: during an
    outage of the gateway it is tried again for this many seconds, beyond ``max_retries``. ``accept_status``: a status
    that is a valid answer, beside 2xx. ``max_answer_bytes``: a longer answer is an error, because an endless one would
    fill the memory.
    """

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Optional[bytes] = None
    headers: Mapping[str, str] = field(default_factory=dict)
    with_provider_keys: bool = False
    idempotent: bool = True
    max_retries: Optional[int] = None
    outage: float = 0.0
    accept_status: Optional[int] = None
    max_answer_bytes: int = 16 * 2**20


@dataclass(frozen=True)
class Send:
    """Sends a call and reads its ``Response``.

    Raises ConnectionError or TimeoutError when there is no response within ``timeout`` seconds.
    """

    call: Call
    timeout: float


@dataclass(frozen=True)
class Open:
    """As Send, but leaves the body of a 2xx response unread: a ``Stream``. Any other status is a ``Response``.

    A flow has one stream at a time. The driver closes it at the next Open, and when the flow ends, fails or is closed.
    """

    call: Call
    timeout: float
    max_silence: float


@dataclass(frozen=True)
class Read:
    """The next bytes of a stream; None at its end. Raises ConnectionError after ``max_silence`` seconds without any."""

    stream: Any
    max_silence: float


@dataclass(frozen=True)
class Sleep:
    """Waits."""

    seconds: float


@dataclass(frozen=True)
class Emit:
    """Passes a value to the caller that iterates over the flow."""

    value: Any


@dataclass(frozen=True)
class Response:
    """An HTTP response with its whole body. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Stream:
    """An HTTP response whose body is read step by step; ``handle`` belongs to the driver."""

    status: int
    content_type: str
    handle: Any


Effect = Union[Send, Open, Read, Sleep, Emit]
T = TypeVar("T")
Flow = Generator[Effect, Any, T]
"""Yields effects, is sent the result of each, and returns its own result."""
