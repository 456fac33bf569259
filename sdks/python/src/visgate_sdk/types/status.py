"""The status of a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, List, Optional


@dataclass(frozen=True)
class InputImage:
    """An image of a request. ``role``: ``first``, ``last`` or ``reference``."""

    url: str
    role: str


@dataclass(frozen=True)
class RequestInput:
    """What a request was made from.

    Each URL is the caller's own, or a signed URL of the gateway for a file that it keeps. ``image_url`` is the first
    image, ``image_urls`` are the others.
    """

    prompt: str
    image_url: Optional[str] = None
    image_urls: List[InputImage] = field(default_factory=list)
    video_url: Optional[str] = None
    audio_url: Optional[str] = None
    duration_seconds: Optional[float] = None
    width: Optional[int] = None
    height: Optional[int] = None
    num_images: Optional[int] = None
    params: Dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RequestStatus:
    """The current state of a request.

    ``status`` is ``pending``, ``processing``, ``completed`` or ``failed``, and only moves forward.
    ``output_url`` is set exactly when ``completed``, ``error_code`` and ``error_message`` exactly when ``failed``.
    ``charge_state``: ``none``, ``held``, ``charged``, ``released`` or ``unknown``.
    ``input`` is None in events and webhooks, and on a gateway that hides prompts.
    """

    request_id: str
    id: str
    status: str
    media_type: str
    model: str
    provider: str
    mode: str
    created_at: datetime
    output_url: Optional[str] = None
    output_urls: List[str] = field(default_factory=list)
    error_code: Optional[str] = None
    error_message: Optional[str] = None
    retryable: Optional[bool] = None
    progress: Optional[float] = None
    queue_position: Optional[int] = None
    cost: float = 0.0
    cache_hit: bool = False
    cache_reason: str = "miss"
    provider_cost_avoided_micro: int = 0
    charge_state: str = "none"
    latency_ms: Optional[int] = None
    duration_seconds: Optional[float] = None
    callback_id: Optional[str] = None
    metadata: Dict[str, str] = field(default_factory=dict)
    provider_request_id: Optional[str] = None
    simulated: bool = False
    started_at: Optional[datetime] = None
    completed_at: Optional[datetime] = None
    input: Optional[RequestInput] = None
    poster_url: Optional[str] = None

    @property
    def is_terminal(self) -> bool:
        """Whether the request has ended: completed or failed."""
        return self.status in ("completed", "failed")


class HasStatus:
    """What a result of a generation says besides its own fields: the fields of the completed request's status.

    A result that the SDK did not make, such as one of a test, has the values of a request that said nothing.
    """

    id: str
    # Not a field of the dataclasses: results with equal fields are equal.
    _completed: Optional[RequestStatus] = None

    @property
    def request_id(self) -> str:
        """The same as ``id``: what the methods of ``client.requests`` take."""
        return self.id

    @property
    def status(self) -> str:
        """``completed``: the failure of a request is raised."""
        return "completed"

    @property
    def is_terminal(self) -> bool:
        """True."""
        return True

    @property
    def media_type(self) -> Optional[str]:
        """``video`` or ``image``."""
        return self._completed.media_type if self._completed else None

    @property
    def output_url(self) -> Optional[str]:
        """The URL of the first output."""
        return self._completed.output_url if self._completed else None

    @property
    def output_urls(self) -> List[str]:
        """The URLs of all outputs."""
        return self._completed.output_urls if self._completed else []

    @property
    def input(self) -> Optional[RequestInput]:
        """What the request was made from; None when the answer did not say so."""
        return self._completed.input if self._completed else None

    @property
    def poster_url(self) -> Optional[str]:
        """The URL of a small JPEG: the first frame of the video, or the image."""
        return self._completed.poster_url if self._completed else None

    @property
    def error_code(self) -> None:
        """None, as of every completed request."""

    @property
    def error_message(self) -> None:
        """None, as of every completed request."""

    @property
    def retryable(self) -> Optional[bool]:
        """None, as of every completed request."""
        return self._completed.retryable if self._completed else None

    @property
    def progress(self) -> Optional[float]:
        """From 0 to 1."""
        return self._completed.progress if self._completed else None

    @property
    def queue_position(self) -> Optional[int]:
        """None, as of every completed request."""
        return self._completed.queue_position if self._completed else None

    @property
    def charge_state(self) -> Optional[str]:
        """``charged``; ``none`` on a cache hit."""
        return self._completed.charge_state if self._completed else None

    @property
    def callback_id(self) -> Optional[str]:
        """As given with the call."""
        return self._completed.callback_id if self._completed else None

    @property
    def metadata(self) -> Dict[str, str]:
        """As given with the call."""
        return self._completed.metadata if self._completed else {}

    @property
    def provider_request_id(self) -> Optional[str]:
        """The provider's own id of its job."""
        return self._completed.provider_request_id if self._completed else None

    @property
    def simulated(self) -> bool:
        """Whether the output is made by the simulator."""
        return self._completed.simulated if self._completed else False

    @property
    def started_at(self) -> Optional[datetime]:
        """When the provider had accepted it."""
        return self._completed.started_at if self._completed else None

    @property
    def completed_at(self) -> Optional[datetime]:
        """When it ended."""
        return self._completed.completed_at if self._completed else None


def remember_status(result: object, status: RequestStatus) -> None:
    """Gives a result the fields of its status. Results are frozen for their owners, and this is before they get them."""
    object.__setattr__(result, "_completed", status)
