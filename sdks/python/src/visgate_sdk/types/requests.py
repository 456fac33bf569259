"""Requests and their results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Dict, List, Optional


@dataclass(frozen=True)
class RequestStatus:
    """The current state of a request.

    ``status`` is ``pending``, ``processing``, ``completed`` or ``failed``, and only moves forward.
    ``output_url`` is set exactly when ``completed``, ``error_code`` and ``error_message`` exactly when ``failed``.
    ``charge_state``: ``none``, ``held``, ``charged``, ``released`` or ``unknown``.
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

    @property
    def is_terminal(self) -> bool:
        """Whether the request has ended: completed or failed."""
        return self.status in ("completed", "failed")


@dataclass(frozen=True)
class VideoResult:
    """A video. ``cost`` is in USD, 0 on a cache hit; ``mode`` is ``managed`` or ``byok`` (your own provider key)."""

    id: str
    video_url: str
    model: str
    provider: str
    mode: str
    cost: float
    cache_hit: bool
    latency_ms: int
    created_at: datetime
    cache_reason: str = "miss"
    duration_seconds: Optional[float] = None
    provider_cost_avoided_micro: Optional[int] = None
    """On a cache hit: what the output cost when it was generated, in 1e-6 USD; else None."""

    @property
    def request_id(self) -> str:
        """The same as ``id``: what the methods of ``client.requests`` take."""
        return self.id


@dataclass(frozen=True)
class Step:
    """The milliseconds that a step took: ``cache``, ``provider`` or ``storage``."""

    name: str
    ms: int


@dataclass(frozen=True)
class ImageResult:
    """One URL per image. ``output_size_bytes`` is the size of the first; None when it was not copied."""

    id: str
    images: List[str]
    model: str
    provider: str
    mode: str
    cost: float
    cache_hit: bool
    latency_ms: int
    created_at: datetime
    cache_reason: str = "miss"
    output_storage: Optional[str] = None
    output_size_bytes: Optional[int] = None
    provider_cost_avoided_micro: Optional[int] = None
    steps: Optional[List[Step]] = None


@dataclass(frozen=True)
class Resolution:
    """The requested size in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class QuickImageResult:
    """The result of ``client.generate``."""

    id: str
    image_url: str
    images: List[str]
    model: str
    provider: str
    mode: str
    estimated_cost_usd: float
    cost_per_megapixel_usd: float
    latency_ms: int
    resolution: Resolution
    created_at: datetime


@dataclass(frozen=True)
class CancelAnswer:
    """The answer to a cancel. ``message`` says what happens to the money."""

    request_id: str
    status: str
    charge_state: str
    message: str


@dataclass(frozen=True)
class DeleteAnswer:
    """The id of the erased request."""

    request_id: str
    deleted: bool


@dataclass(frozen=True)
class TimelineEntry:
    """One event in the history of a request.

    ``ms``: milliseconds after the request was accepted. ``name`` says which of the other fields are set.
    """

    name: str
    at: datetime
    ms: int
    worker: Optional[str] = None
    attempt: Optional[int] = None
    provider_request_id: Optional[str] = None
    queue_position: Optional[int] = None
    progress: Optional[float] = None
    error_code: Optional[str] = None
    delivery_id: Optional[str] = None
    type: Optional[str] = None
    endpoint_id: Optional[str] = None
    http_status: Optional[int] = None
    error: Optional[str] = None
    duration_ms: Optional[float] = None
