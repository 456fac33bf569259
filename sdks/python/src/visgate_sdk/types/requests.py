"""Results, and answers about a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import List, Optional

from .status import HasStatus


@dataclass(frozen=True)
class VideoResult(HasStatus):
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


@dataclass(frozen=True)
class Step:
    """The milliseconds that a step took: ``cache``, ``provider`` or ``storage``."""

    name: str
    ms: int


@dataclass(frozen=True)
class ImageResult(HasStatus):
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

    @property
    def duration_seconds(self) -> None:
        """None: images have no duration."""


@dataclass(frozen=True)
class Resolution:
    """The requested size in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class QuickImageResult(HasStatus):
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
class BulkFailure:
    """A request for which the action of a bulk call failed, with the error that its own call would get."""

    request_id: str
    error: str
    message: str


@dataclass(frozen=True)
class BulkResult:
    """What a bulk call did: ``matched`` requests, of which it did ``done``; ``next_cursor`` leads to more."""

    action: str
    dry_run: bool
    matched: int
    done: int
    failed: List[BulkFailure]
    next_cursor: Optional[str] = None


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
    model: Optional[str] = None
    provider: Optional[str] = None
    skipped: Optional[bool] = None
    next_model: Optional[str] = None
    next_provider: Optional[str] = None
