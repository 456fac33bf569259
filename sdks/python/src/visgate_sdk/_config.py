"""The options of a client, checked, and completed from the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Dict, Mapping, Optional

import httpx

from ._providers import KEY_HEADERS
from .errors import wrong_option

_API_PATH = "/api/v1"
_DEFAULT_BASE_URL = "http://127.0.0.1:8787"
# Text that an HTTP header can carry.
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")
# Far below what sockets and locks accept, on every system.
_MAX_TIMEOUT_S = 86_400


@dataclass(frozen=True)
class Config:
    """What every call needs. Its repr does not show keys. ``timeout``: seconds that one HTTP request may take."""

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
    own_keys: Mapping[str, Optional[str]],
) -> Config:
    """Raises ValidationError for the first option that is not valid.

    ``own_keys``: the caller's provider keys, by option.
    """
    if not isinstance(timeout, (int, float)) or not 0 < timeout <= _MAX_TIMEOUT_S:
        raise wrong_option("timeout", "seconds above 0, at most a day")
    if not isinstance(max_retries, int) or max_retries < 0:
        raise wrong_option("max_retries", "a whole number from 0")
    if api_key is None:
        api_key = os.environ.get("VISGATE_API_KEY")
    for name, key in {"api_key": api_key, **own_keys}.items():
        if key and not (isinstance(key, str) and _HEADER_SAFE.fullmatch(key)):
            raise wrong_option(name, "printable ASCII without spaces or line ends")
    return Config(
        base=_api_base(base_url or os.environ.get("VISGATE_BASE_URL") or _DEFAULT_BASE_URL),
        api_key=api_key or None,
        provider_keys={KEY_HEADERS[name]: key for name, key in own_keys.items() if key},
        timeout=timeout,
        max_retries=max_retries,
    )


def _api_base(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    # httpx would send a user of the URL in place of the key, and a path cannot be appended after a query.
    has_extras = parsed.userinfo or re.search(r"[?#\s]", url)
    if parsed.scheme not in ("http", "https") or not parsed.host or has_extras or not 0 <= (parsed.port or 0) < 65536:
        raise wrong_option("base_url", "an http or https URL without user, query or fragment")
    base = url.rstrip("/")
    return base if base.endswith(_API_PATH) else base + _API_PATH
