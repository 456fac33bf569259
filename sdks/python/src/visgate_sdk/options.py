"""The options that generation calls share. Each may be left out; None counts as left out."""

from __future__ import annotations

import inspect
import math
from typing import Any, Dict, Literal, Mapping, Optional, Sequence, Tuple, TypedDict, Union

from ._deadlines import MAX_WAIT_S, deadline_after
from ._waiting import POLL_INTERVAL_S, OnProgress, Waiting
from .errors import wrong_option


class WaitOptions(TypedDict, total=False):
    """How a call waits for the end of a request."""

    timeout: Optional[float]
    """Seconds to wait before TimeoutError; one minute more than the request's deadline unless given.

    The request continues at the gateway, unless ``cancel_on_abort``.
    """
    poll_interval: Optional[float]
    """Seconds between two polls when the gateway cannot hold a poll until the request ends; 2 unless given."""
    on_progress: Optional[OnProgress]
    """Called with the current status and again after each change of status, progress or queue position.

    AsyncClient awaits it when it is a coroutine function.
    """
    cancel_on_abort: bool
    """Cancels the request when the wait ends early: by ``timeout``, a cancelled task or Ctrl-C; False unless given."""


class RequestOptions(TypedDict, total=False):
    """What a request says beside its model, its prompt and its inputs."""

    params_unchecked: Optional[bool]
    """True: params that the gateway does not know are sent to the provider as they are; False unless given.

    The price is then that of the catalogue; the receipt says what the provider billed.
    """
    image_urls: Optional[Sequence[Union[str, Mapping[str, str]]]]
    """Several images: each a URL, or ``{"url": ..., "role": ...}`` with the role first, last or reference."""
    video_url: Optional[str]
    """A video to edit, extend or follow: an https URL, a data: URI, or the URL of an uploaded file or an output."""
    audio_url: Optional[str]
    """A sound, as ``video_url``."""
    webhook_url: Optional[str]
    """https URL that receives one signed event when the request ends."""
    callback_id: Optional[str]
    """Your own id of the request, at most 255 characters."""
    metadata: Optional[Mapping[str, str]]
    """Your own data about the request: a flat map of strings, at most 4 KB."""
    deadline_seconds: Optional[float]
    """Seconds after which the gateway ends the request; 1,800 for videos and 600 for images unless given."""
    cache: Optional[Literal["use", "refresh", "off"]]
    """``use`` (default): returns the output of an equal request, or joins one that is running, at no cost.

    ``refresh``: generates again and replaces the cached output. ``off``: neither reads nor fills the cache.
    """
    priority: Optional[Literal["normal", "low"]]
    """``low``: waits for your normal requests when the provider's limits make some wait; ``normal`` unless given."""
    fallback: Optional[Sequence[Union[str, Mapping[str, Any]]]]
    """Models to try in this order when the one before has failed and provably costs nothing; at most 5.

    The id of a model, or ``{"model": ..., "params": ...}`` for a model with params of its own.
    """
    skip_gcs_upload: Optional[bool]
    """True: returns the provider's own URL and does not copy the output; False unless given."""


class GenerateOptions(WaitOptions, RequestOptions, total=False):
    """The options of every generation, beside its model, its prompt and its inputs."""

    idempotency_key: Optional[str]
    """1 to 255 characters of ASCII without spaces at the ends; a new UUID unless given.

    Calls with the same key and the same content within 24 hours are one generation.
    """


_FIELDS = (
    *("image_urls", "video_url", "audio_url", "params_unchecked"),
    *("webhook_url", "callback_id", "metadata", "deadline_seconds", "cache", "priority", "fallback", "skip_gcs_upload"),
)
_WAITING = ("timeout", "poll_interval", "on_progress", "cancel_on_abort", "idempotency_key")


def checked(kind: Any, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises TypeError for an option that ``kind`` does not have: otherwise a misspelt option would be ignored."""
    for name in options:
        if name not in kind.__annotations__:
            raise TypeError(f"got an unexpected keyword argument {name!r}")
    return options


def body_of(options: Mapping[str, Any], **own: Any) -> Dict[str, Any]:
    """The fields to send to the gateway. Raises TypeError for an unknown option."""
    for name in options:
        if name not in _FIELDS and name not in _WAITING:
            raise TypeError(f"generate() got an unexpected keyword argument {name!r}; inputs of a model go into params")
    fields = {**own, **{name: options.get(name) for name in _FIELDS}}
    return {name: value for name, value in fields.items() if value is not None}


def waiting_of(options: Mapping[str, Any], *, blocking: bool = False) -> Tuple[Waiting, bool]:
    """How to wait, and whether to cancel when the wait ends early. The time limit starts now.

    Raises ValidationError for an option that is not valid, before anything is sent.
    """
    deadline = deadline_after(_seconds(options, "timeout"), _seconds(options, "deadline_seconds"))
    interval = _seconds(options, "poll_interval")
    on_progress = options.get("on_progress")
    if on_progress is not None and not callable(on_progress):
        raise wrong_option("on_progress", "a function")
    if blocking and inspect.iscoroutinefunction(on_progress):
        raise wrong_option("on_progress", "a plain function: only AsyncClient accepts a coroutine function")
    waiting = Waiting(deadline, POLL_INTERVAL_S if interval is None else interval, on_progress)
    return waiting, bool(options.get("cancel_on_abort"))


def _seconds(options: Mapping[str, Any], name: str) -> Optional[float]:
    value = options.get(name)
    if value is None:
        return None
    # NaN fails both comparisons.
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf:
        return min(value, MAX_WAIT_S)
    raise wrong_option(name, "seconds, a finite number from 0")
