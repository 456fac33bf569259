"""The organization of a key, and the accounts at the providers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


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


@dataclass(frozen=True)
class KeyValidation:
    """Whether a provider accepts a key."""

    valid: bool
    message: str


@dataclass(frozen=True)
class Organization:
    """The owner of a key."""

    id: str
    name: str


@dataclass(frozen=True)
class Identity:
    """The organization and the role of the key that made the call."""

    organization: Organization
    role: str
