"""Cancelling and deleting: done once, however often they have to be asked for."""

from __future__ import annotations

import time
from typing import Optional

from ._config import Config
from ._effects import Call, Flow
from ._flows import fetch, path_of, taken_for_done
from .errors import VisgateError
from .types import CancelAnswer, DeleteAnswer, RequestStatus

_CANCEL_TIMEOUT_S = 5.0
_CANCELLED_BEFORE = "The request has ended by a cancel; charge_state says what happened to the money."


def cancel(config: Config, request_id: str, *, deadline: Optional[float] = None) -> Flow[CancelAnswer]:
    """After a lost answer the request may have ended because this very call has cancelled it: its status tells."""

    def meaning(error: VisgateError) -> Flow[Optional[CancelAnswer]]:
        if error.error_code != "ALREADY_TERMINAL":
            return None
        now = yield from fetch(config, RequestStatus, Call("GET", path_of("requests", request_id)), deadline=deadline)
        if now.error_code != "CANCELLED":
            return None
        return CancelAnswer(request_id, "cancelling", now.charge_state, _CANCELLED_BEFORE)

    call = Call("POST", path_of("requests", request_id, "cancel"))
    return fetch(config, CancelAnswer, call, deadline=deadline, after_lost_try=meaning)


def cancel_quietly(config: Config, request_id: str) -> Flow[None]:
    """Best effort: whoever gives up is told why they gave up, not how the cancel went."""
    try:
        yield from cancel(config, request_id, deadline=time.monotonic() + _CANCEL_TIMEOUT_S)
    except VisgateError:
        return


def delete(config: Config, request_id: str) -> Flow[DeleteAnswer]:
    """After a lost answer a request that is not found was deleted by this very call."""
    gone = taken_for_done("REQUEST_NOT_FOUND", DeleteAnswer(request_id, True))
    return fetch(config, DeleteAnswer, Call("DELETE", path_of("requests", request_id)), after_lost_try=gone)
