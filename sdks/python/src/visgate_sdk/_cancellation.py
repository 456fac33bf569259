"""Cancelling a request: by itself, and when a caller gives up waiting."""

from __future__ import annotations

import time
from typing import Optional

from ._calls import fetch, path_of
from ._config import Config
from ._effects import Call, Flow
from .errors import VisgateError
from .types import CancelAnswer, RequestStatus

_CANCEL_TIMEOUT_S = 5.0
_ALREADY_CANCELLED = "The request was cancelled; charge_state says what happened to the money."


def cancel(config: Config, request_id: str, *, deadline: Optional[float] = None) -> Flow[CancelAnswer]:
    """After a lost answer, the earlier try of this call may have cancelled the request: its status says so."""

    def after_lost_try(error: VisgateError) -> Flow[Optional[CancelAnswer]]:
        if error.error_code != "ALREADY_TERMINAL":
            return None
        now = yield from fetch(config, RequestStatus, Call("GET", path_of("requests", request_id)), deadline=deadline)
        if now.error_code != "CANCELLED":
            return None
        return CancelAnswer(request_id, "cancelling", now.charge_state, _ALREADY_CANCELLED)

    call = Call("POST", path_of("requests", request_id, "cancel"))
    return fetch(config, CancelAnswer, call, deadline=deadline, after_lost_try=after_lost_try)


def try_to_cancel(config: Config, request_id: str) -> Flow[None]:
    """Ignores a failure of the cancel: the caller gets the error that ended its wait."""
    try:
        yield from cancel(config, request_id, deadline=time.monotonic() + _CANCEL_TIMEOUT_S)
    except VisgateError:
        return
