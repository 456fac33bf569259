"""What the API answers, as dataclasses. Times are timezone-aware; costs are USD unless the name says micro (1e-6 USD)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, List, Optional


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


@dataclass(frozen=True)
class FeedEvent:
    """``sequence`` counts per organization, from 1, without a gap; ``data`` is None when the request was erased since."""

    sequence: int
    type: str
    timestamp: datetime
    request_id: str
    data: Optional[RequestStatus] = None


@dataclass(frozen=True)
class FeedPage:
    """``next_after`` is the next call's ``after``; ``latest`` the newest event's sequence, 0 when there was none yet."""

    events: List[FeedEvent]
    next_after: int
    latest: int


@dataclass(frozen=True)
class WebhookEvent:
    """What a webhook tells: ``request.completed``, ``request.failed``, ``request.processing`` or ``request.progress``."""

    type: str
    timestamp: datetime
    sequence: int
    data: RequestStatus


@dataclass(frozen=True)
class DeliveryAttempt:
    """One try of a webhook; ``http_status`` is None when there was no answer."""

    at: datetime
    ms: int
    worker: str
    http_status: Optional[int] = None
    error: Optional[str] = None


@dataclass(frozen=True)
class Delivery:
    """One webhook to one receiver: ``pending``, ``delivered`` or ``abandoned``. ``event_id`` is its ``webhook-id``."""

    id: str
    event_id: str
    type: str
    sequence: int
    state: str
    created_at: datetime
    attempts: List[DeliveryAttempt]
    endpoint_id: Optional[str] = None
    url: Optional[str] = None
    next_attempt_at: Optional[datetime] = None


@dataclass(frozen=True)
class Redelivering:
    """How many webhooks are being sent anew."""

    redelivering: int


@dataclass(frozen=True)
class WebhookEndpoint:
    """A receiver of the organization's webhooks. ``secret`` is there right after creation and rotation, and never again."""

    id: str
    url: str
    events: List[str]
    enabled: bool
    created_at: datetime
    description: Optional[str] = None
    disabled_reason: Optional[str] = None
    failing_since: Optional[datetime] = None
    secret_rotates_until: Optional[datetime] = None
    secret: Optional[str] = field(default=None, repr=False)


@dataclass(frozen=True)
class WebhookEndpointDeleted:
    """What was removed."""

    id: str
    deleted: bool


@dataclass(frozen=True)
class ModelLimits:
    """What a model takes. ``image_input`` is ``none``, ``optional`` or ``required``."""

    durations_seconds: List[float]
    aspect_ratios: List[str]
    resolutions: List[str]
    image_input: str


@dataclass(frozen=True)
class Model:
    """An entry of the catalogue. ``base_cost_micro`` is micro-USD of one generation with all defaults."""

    id: str
    name: str
    provider: str
    media_type: str
    description: str
    category: str
    tags: List[str]
    capabilities: List[str]
    input_types: List[str]
    output_type: str
    base_cost_micro: int
    normalized_cost_micro: int
    pricing: Dict[str, Any]
    pricing_unit: str
    usual_render_seconds: float
    run_count: int
    first_seen_at: datetime
    last_synced_at: datetime
    limits: ModelLimits
    params: Dict[str, Any]


@dataclass(frozen=True)
class FeaturedModels:
    """A group of models worth a look."""

    title: str
    key: str
    models: List[Model]


@dataclass(frozen=True)
class ModelList:
    """``total_count`` counts those beyond ``limit`` too."""

    models: List[Model]
    total_count: int
    last_updated: datetime
    featured: List[FeaturedModels]


@dataclass(frozen=True)
class Balance:
    """What is left at a provider, in ``currency``; ``message`` says why when nobody can tell."""

    provider: str
    configured: bool
    available: bool
    limit: Optional[float] = None
    remaining: Optional[float] = None
    currency: Optional[str] = None
    message: Optional[str] = None


@dataclass(frozen=True)
class KeyValidation:
    """Whether a provider accepts a key."""

    valid: bool
    message: str


@dataclass(frozen=True)
class Health:
    """``status`` is ``ok`` or ``degraded``; ``queues`` counts jobs by queue and state."""

    status: str
    version: str
    database: str
    cache: str
    queues: Dict[str, Dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Organization:
    """The owner of a key."""

    id: str
    name: str


@dataclass(frozen=True)
class Identity:
    """Whose key this is."""

    organization: Organization
    role: str


@dataclass(frozen=True)
class RedisSettings:
    """As Redis tells them: ``appendonly``, ``appendfsync`` and ``maxmemory-policy``."""

    append_only: str
    append_fsync: str
    eviction_policy: str


@dataclass(frozen=True)
class RedisDiagnostics:
    """``safe``: these settings lose no accepted request; ``message`` says what a 202 means, or what to change."""

    safe: bool
    message: str
    version: Optional[str] = None
    settings: Optional[RedisSettings] = None
    clock_ahead_ms: Optional[int] = None
    """Redis's clock minus the gateway's; None when Redis does not tell."""


@dataclass(frozen=True)
class ProviderDiagnostics:
    """``simulated``: the simulator stands in for it; nothing is paid, nothing is real."""

    provider: str
    configured: bool
    simulated: bool


@dataclass(frozen=True)
class Diagnostics:
    """How the gateway is set up, and whether its parts are well. ``queues``: jobs by state, and ``workers``."""

    version: str
    time: datetime
    accepting: bool
    redis: RedisDiagnostics
    queues: Dict[str, Dict[str, Optional[int]]]
    providers: List[ProviderDiagnostics]
