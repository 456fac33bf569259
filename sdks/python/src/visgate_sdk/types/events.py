"""The event feed, webhooks and their deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import List, Optional

from .requests import RequestStatus


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
    """How many webhooks are being sent again."""

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
