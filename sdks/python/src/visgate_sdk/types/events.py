"""The event feed, webhooks and their deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import List, Optional, Union

from .money import BudgetThreshold
from .status import RequestStatus


@dataclass(frozen=True)
class Alert:
    """Something that is wrong for the organization. ``ended_at`` is None while it is open.

    ``kind``: ``error_rate``, ``queue_age``, ``budget`` or ``provider_down``. ``subject``: ``organization``, a budget as
    ``subject|period``, or a provider. ``value`` is the share of failed requests, seconds, or USD; ``threshold``: from
    which value on there is an alert.
    """

    id: str
    kind: str
    subject: str
    message: str
    since: datetime
    value: Optional[float] = None
    threshold: Optional[float] = None
    ended_at: Optional[datetime] = None


@dataclass(frozen=True)
class FeedEvent:
    """An event of the feed.

    ``sequence`` numbers the organization's events from 1, without gaps. ``data`` is the request, or None once it is
    erased. A ``budget.threshold`` event has the budget as ``data``, and ``alert.opened`` and ``alert.closed`` the alert;
    they have None as ``request_id``.
    """

    sequence: int
    type: str
    timestamp: datetime
    request_id: Optional[str] = None
    data: Union[RequestStatus, BudgetThreshold, Alert, None] = None


@dataclass(frozen=True)
class FeedPage:
    """A page of the feed.

    ``next_after``: pass it as ``after`` to get the next page. ``latest``: the sequence of the newest event, 0 when
    there is none.
    """

    events: List[FeedEvent]
    next_after: int
    latest: int


@dataclass(frozen=True)
class WebhookEvent:
    """The event of a webhook.

    ``type``: ``request.completed``, ``request.failed``, ``request.processing`` or ``request.progress``, with the request
    as ``data``; or ``budget.threshold`` with the budget, ``alert.opened`` or ``alert.closed`` with the alert, which only
    endpoints get that subscribe to them.
    """

    type: str
    timestamp: datetime
    sequence: int
    data: Union[RequestStatus, BudgetThreshold, Alert]


@dataclass(frozen=True)
class DeliveryAttempt:
    """One attempt to deliver a webhook, which took ``ms`` milliseconds; ``http_status`` is None without an answer."""

    at: datetime
    ms: int
    worker: str
    http_status: Optional[int] = None
    error: Optional[str] = None


@dataclass(frozen=True)
class Delivery:
    """One webhook to one receiver.

    ``state``: ``pending``, ``delivered`` or ``abandoned``. ``event_id`` is its ``webhook-id``.
    """

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
class ListedDelivery(Delivery):
    """A webhook in a list across requests. ``request_id`` is None for an alert, which is about no request."""

    request_id: Optional[str] = None


@dataclass(frozen=True)
class Redelivering:
    """The number of webhooks that are sent again."""

    redelivering: int


@dataclass(frozen=True)
class WebhookEndpoint:
    """A receiver of the organization's webhooks. Only creation and rotation return the ``secret``."""

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
    """The id of the removed endpoint."""

    id: str
    deleted: bool
