"""Options that generation calls share. All may be left out; None counts as left out."""

from __future__ import annotations

import inspect
import math
from typing import Any, Dict, Literal, Mapping, Optional, Tuple, TypedDict

from ._waiting import FOREVER_S, POLL_INTERVAL_S, OnProgress, Waiting, deadline_after
from .errors import wrong_option


class WaitOptions(TypedDict, total=False):
    """How a call waits for the end."""

    timeout: Optional[float]
    """Seconds to wait; a minute more than the request's deadline unless given. Then TimeoutError; the request goes on."""
    poll_interval: Optional[float]
    """Seconds between two polls where the gateway cannot hold the answer; 2 unless given."""
    on_progress: Optional[OnProgress]
    """Called with the status at once and at each change: status, progress, queue position. AsyncClient awaits a coroutine function."""
    cancel_on_abort: bool
    """Cancels the request when the wait is given up: time over, task cancelled, Ctrl-C."""


class GenerateOptions(WaitOptions, total=False):
    """What any generation takes, beside its model, its prompt and its inputs."""

    idempotency_key: Optional[str]
    """At most 255 characters, kept 24 hours: calls with the same key and content are one generation. Made up unless given."""
    webhook_url: Optional[str]
    """https URL that gets one signed event when the request ends."""
    callback_id: Optional[str]
    """Your own id for it, at most 255 characters."""
    metadata: Optional[Mapping[str, str]]
    """Flat map of strings, at most 4 KB."""
    deadline_seconds: Optional[float]
    """The gateway gives up after so long; 1,800 for videos and 600 for images unless given."""
    cache: Optional[Literal["use", "refresh", "off"]]
    """use (default): the output of an equal request, at no cost; refresh: make it anew; off: neither look nor keep."""
    skip_gcs_upload: Optional[bool]
    """True: hand out the provider's own URL, do not copy the output."""


_FIELDS = ("webhook_url", "callback_id", "metadata", "deadline_seconds", "cache", "skip_gcs_upload")
_WAITING = ("timeout", "poll_interval", "on_progress", "cancel_on_abort", "idempotency_key")


def checked(kind: Any, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises TypeError for one that ``kind`` does not have: misspelt, it would pass unseen."""
    for name in options:
        if name not in kind.__annotations__:
            raise TypeError(f"got an unexpected keyword argument {name!r}")
    return options


def body_of(options: Mapping[str, Any], **own: Any) -> Dict[str, Any]:
    """What goes to the gateway. Raises TypeError for an option that there is not."""
    for name in options:
        if name not in _FIELDS and name not in _WAITING:
            raise TypeError(f"generate() got an unexpected keyword argument {name!r}; inputs of a model go into params")
    fields = {**own, **{name: options.get(name) for name in _FIELDS}}
    return {name: value for name, value in fields.items() if value is not None}


def waiting_of(options: Mapping[str, Any], *, blocking: bool = False) -> Tuple[Waiting, bool]:
    """How to wait, and whether to cancel when the wait is given up. The time runs from now.

    Raises ValidationError for what cannot be waited by, before anything is sent.
    """
    deadline = deadline_after(_seconds(options, "timeout"), _seconds(options, "deadline_seconds"))
    interval = _seconds(options, "poll_interval")
    on_progress = options.get("on_progress")
    if on_progress is not None and not callable(on_progress):
        raise wrong_option("on_progress", "a function")
    if blocking and inspect.iscoroutinefunction(on_progress):
        raise wrong_option("on_progress", "a function that is no coroutine function: AsyncClient awaits those")
    waiting = Waiting(deadline, POLL_INTERVAL_S if interval is None else interval, on_progress)
    return waiting, bool(options.get("cancel_on_abort"))


def _seconds(options: Mapping[str, Any], name: str) -> Optional[float]:
    value = options.get(name)
    if value is None:
        return None
    # Nothing is greater than NaN, and nothing less.
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf:
        return min(value, FOREVER_S)
    raise wrong_option(name, "seconds, a finite number from 0")
