"""Requests and their results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Dict, List, Optional


@dataclass(frozen=True)
class RequestStatus:
    """A request as it is now.

    ``status`` is ``pending``, ``processing``, ``completed`` or ``failed``, and only moves forward.
    ``output_url`` is there exactly when ``completed``, ``error_code`` and ``error_message`` exactly when ``failed``.
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
        """Whether it has ended, one way or the other."""
        return self.status in ("completed", "failed")


@dataclass(frozen=True)
class VideoResult:
    """A video. ``cost`` is USD, 0 on a cache hit; ``mode`` is ``managed`` or ``byok`` (your own provider key)."""

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
    """Only on a hit: what the output cost when it was made."""

    @property
    def request_id(self) -> str:
        """The same as ``id``; what ``client.requests`` takes."""
        return self.id


@dataclass(frozen=True)
class Step:
    """What took how long: ``cache``, ``provider`` or ``storage``."""

    name: str
    ms: int


@dataclass(frozen=True)
class ImageResult:
    """Images: one URL each. ``output_size_bytes`` is the first one's; None when it was not copied."""

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
    """Pixels, as asked for."""

    width: int
    height: int


@dataclass(frozen=True)
class QuickImageResult:
    """What ``client.generate`` makes."""

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
    """``message`` says what happens to the money."""

    request_id: str
    status: str
    charge_state: str
    message: str


@dataclass(frozen=True)
class DeleteAnswer:
    """What was erased."""

    request_id: str
    deleted: bool


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened to a request, ``ms`` milliseconds after it was accepted; ``name`` says which fields are there."""

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
