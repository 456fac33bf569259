"""The organization, its API keys, and the accounts at the providers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import List, Optional


@dataclass(frozen=True)
class AccountHealth:
    """How submits and renders ended in the last 10 minutes.

    ``errors``: those by the provider's fault. ``lateness``: how long renders took, in usual times.
    ``p50_latency_ms`` and ``p95_latency_ms``: half of the renders, and 95 % of them, took at most this long; to about
    3 %.
    """

    requests: int
    errors: int
    error_rate: Optional[float] = None
    lateness: Optional[float] = None
    p50_latency_ms: Optional[int] = None
    p95_latency_ms: Optional[int] = None


@dataclass(frozen=True)
class ModelHealth:
    """As AccountHealth, of one model. Until ``cooling_until``, requests with a fallback skip it."""

    model: str
    requests: int
    errors: int
    error_rate: Optional[float] = None
    lateness: Optional[float] = None
    p50_latency_ms: Optional[int] = None
    p95_latency_ms: Optional[int] = None
    cooling_until: Optional[datetime] = None


@dataclass(frozen=True)
class ProviderHealth:
    """How a provider is doing. ``account``: ``server`` or ``organization``; None when there is no key."""

    provider: str
    health: AccountHealth
    models: List[ModelHealth]
    account: Optional[str] = None
    simulated: bool = False


@dataclass(frozen=True)
class Balance:
    """The balance at a provider, in ``currency``. When it is not known, ``message`` says why."""

    provider: str
    configured: bool
    available: bool
    limit: Optional[float] = None
    remaining: Optional[float] = None
    currency: Optional[str] = None
    message: Optional[str] = None
    simulated: bool = False


@dataclass(frozen=True)
class KeyValidation:
    """Whether a provider accepts a key."""

    valid: bool
    message: str
    simulated: bool = False


@dataclass(frozen=True)
class ProviderKey:
    """A provider key that the gateway keeps for the organization, without the key itself.

    ``validated``: the provider accepted the key when it was stored. False: it could not be asked.
    """

    provider: str
    validated: bool
    validated_at: Optional[datetime]
    masked_key: str
    simulated: bool = False


@dataclass(frozen=True)
class Organization:
    """The owner of a key."""

    id: str
    name: str


@dataclass(frozen=True)
class CallingKey:
    """An API key. ``scopes``: some of ``generate``, ``read`` and ``manage``."""

    id: str
    name: str
    scopes: List[str]


@dataclass(frozen=True)
class Identity:
    """The organization and the role of the key that made the call, and the key itself.

    ``key``: None from a gateway of an earlier version, which does not send it.
    """

    organization: Organization
    role: str
    key: Optional[CallingKey] = None


@dataclass(frozen=True)
class ApiKey:
    """An API key of the organization. Only creation returns the ``key`` itself.

    ``models``: the only models that it may generate with; None: all. ``requests_per_minute``: the generations that it
    may submit in a minute; None: no limit. ``last_used_at`` is exact to about a minute.
    """

    id: str
    name: str
    key_prefix: str
    created_at: datetime
    scopes: List[str]
    last_used_at: Optional[datetime] = None
    models: Optional[List[str]] = None
    requests_per_minute: Optional[int] = None
    expires_at: Optional[datetime] = None
    key: Optional[str] = field(default=None, repr=False)


@dataclass(frozen=True)
class ApiKeyDeleted:
    """The id of the revoked key."""

    id: str
    deleted: bool
