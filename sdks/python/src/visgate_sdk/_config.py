"""How a client is set up, and what is taken from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Dict, Optional

from .errors import ValidationError

_API_PATH = "/api/v1"
_DEFAULT_BASE_URL = "http://127.0.0.1:8787"


@dataclass(frozen=True)
class Config:
    """What every call needs to know. Keys are left out of its repr."""

    base: str
    api_key: Optional[str] = field(repr=False)
    provider_keys: Dict[str, str] = field(repr=False)
    timeout: float
    max_retries: int


def resolve(
    *,
    api_key: Optional[str],
    base_url: Optional[str],
    timeout: float,
    max_retries: int,
    fal_key: Optional[str],
    replicate_key: Optional[str],
    runway_key: Optional[str],
) -> Config:
    """Raises ValidationError for an option that is not what it takes."""
    if not timeout > 0:
        raise _wrong("timeout", "seconds above 0")
    if not isinstance(max_retries, int) or max_retries < 0:
        raise _wrong("max_retries", "a whole number from 0")
    keys = {"X-Fal-Key": fal_key, "X-Replicate-Key": replicate_key, "X-Runway-Key": runway_key}
    return Config(
        base=_api_base(base_url or os.environ.get("VISGATE_BASE_URL") or _DEFAULT_BASE_URL),
        api_key=api_key if api_key is not None else os.environ.get("VISGATE_API_KEY") or None,
        provider_keys={name: key for name, key in keys.items() if key},
        timeout=timeout,
        max_retries=max_retries,
    )


def _api_base(url: str) -> str:
    scheme, found, rest = url.partition("://")
    if scheme.lower() not in ("http", "https") or not found or not rest.strip("/"):
        raise _wrong("base_url", "an http or https URL")
    base = url.rstrip("/")
    return base if base.endswith(_API_PATH) else base + _API_PATH


def _wrong(name: str, takes: str) -> ValidationError:
    details = {"field": name, "allowed": takes}
    return ValidationError(f"{name} takes {takes}.", error_code="VALIDATION_ERROR", details=details)
