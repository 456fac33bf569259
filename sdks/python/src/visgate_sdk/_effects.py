"""What a call needs done, as values. ``_flows`` says what to do and when; ``_drivers`` does it, blocking or awaiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generator, Mapping, Optional, TypeVar, Union


@dataclass(frozen=True)
class Call:
    """One HTTP request of the API. ``idempotent``: doing it twice does no harm.

    ``body`` is JSON. ``outage``: a gateway that is being restarted is outlasted: for so many seconds it is tried again however often.
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


@dataclass(frozen=True)
class Send:
    """Answers an ``Answer``; raises ConnectionError or TimeoutError when there is none within ``timeout`` seconds."""

    call: Call
    timeout: float


@dataclass(frozen=True)
class Open:
    """As Send, but the answer's body is left to be read: a ``Stream``, or an ``Answer`` that is not 2xx.

    There is one stream at a time; the driver lets go of it at the next Open, and when the flow ends, however it does.
    """

    call: Call
    timeout: float
    silence: float


@dataclass(frozen=True)
class Read:
    """The next bytes of a stream; None at its end. Raises ConnectionError after ``silence`` seconds without any."""

    stream: Any
    silence: float


@dataclass(frozen=True)
class Sleep:
    """Does nothing for so long."""

    seconds: float


@dataclass(frozen=True)
class Emit:
    """Hands a value to whoever iterates."""

    value: Any


@dataclass(frozen=True)
class Answer:
    """An HTTP answer that was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Stream:
    """An HTTP answer whose body is still to come; ``handle`` is the driver's."""

    status: int
    content_type: str
    handle: Any


Effect = Union[Send, Open, Read, Sleep, Emit]
T = TypeVar("T")
Flow = Generator[Effect, Any, T]
"""Yields effects, is sent what came of them, and returns its result."""
