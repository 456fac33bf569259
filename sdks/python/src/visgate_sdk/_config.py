"""How a client is set up, and what is taken from the environment."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field
from typing import Dict, Optional

import httpx

from .errors import ValidationError

_API_PATH = "/api/v1"
_DEFAULT_BASE_URL = "http://127.0.0.1:8787"
_KEY = re.compile(r"[\x21-\x7e]+")


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
    if not 0 < timeout < math.inf:
        raise _wrong("timeout", "seconds above 0")
    if not isinstance(max_retries, int) or max_retries < 0:
        raise _wrong("max_retries", "a whole number from 0")
    if api_key is None:
        api_key = os.environ.get("VISGATE_API_KEY")
    named = {"api_key": api_key, "fal_key": fal_key, "replicate_key": replicate_key, "runway_key": runway_key}
    for name, key in named.items():
        if key and not _KEY.fullmatch(key):
            raise _wrong(name, "printable ASCII without spaces or line ends")
    keys = {"X-Fal-Key": fal_key, "X-Replicate-Key": replicate_key, "X-Runway-Key": runway_key}
    return Config(
        base=_api_base(base_url or os.environ.get("VISGATE_BASE_URL") or _DEFAULT_BASE_URL),
        api_key=api_key or None,
        provider_keys={name: key for name, key in keys.items() if key},
        timeout=timeout,
        max_retries=max_retries,
    )


def _api_base(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query or parsed.fragment:
        raise _wrong("base_url", "an http or https URL")
    base = url.rstrip("/")
    return base if base.endswith(_API_PATH) else base + _API_PATH


def _wrong(name: str, takes: str) -> ValidationError:
    details = {"field": name, "allowed": takes}
    return ValidationError(f"{name} takes {takes}.", error_code="VALIDATION_ERROR", details=details)
