"""The calls of ``client.requests``: the same for blocking clients and for asyncio."""

from __future__ import annotations

from datetime import datetime
from typing import Any, List, Literal, Mapping, Optional, Sequence, TypedDict, Union

from .._calls import fetch, fetch_list, path_of, succeeds_with, without_none
from .._config import Config
from .._effects import Call, Flow
from .._generation import checked_key
from .._json import json_bytes, time_text
from ..options import checked
from ..types import DeleteAnswer, Delivery, TimelineEntry
from .deliveries import comma_separated


class RequestQuery(TypedDict, total=False):
    """Filters of ``requests.list``; all requests unless given. Times are datetimes, or ISO 8601."""

    status: Union[str, Sequence[str], None]
    """One status, or several."""
    model: Optional[str]
    provider: Optional[str]
    media_type: Optional[str]
    callback_id: Optional[str]
    api_key_id: Optional[str]
    """The id of the API key that submitted it."""
    tag: Optional[str]
    """The value of the organization's usage tag."""
    text: Optional[str]
    """A part of the prompt, in upper or lower case."""
    created_after: Union[datetime, str, None]
    created_before: Union[datetime, str, None]
    include: Optional[Literal["-input"]]
    """``-input``: without the ``input`` of each request."""
    limit: Optional[int]
    """Requests per page, at most 100; 20 unless given."""
    cursor: Optional[str]


class BulkFilter(TypedDict, total=False):
    """The requests that ``requests.bulk`` is about: those that pass all of these; at least one."""

    status: Sequence[str]
    model: str
    provider: str
    media_type: str
    callback_id: str
    api_key_id: str
    tag: str
    text: str
    created_after: Union[datetime, str]
    created_before: Union[datetime, str]


def get_call(request_id: str) -> Call:
    return Call("GET", path_of("requests", request_id))


def list_call(query: Mapping[str, Any]) -> Call:
    given = checked(RequestQuery, query)
    return Call("GET", "/requests", query=without_none(**{**given, "status": comma_separated(given.get("status"))}))


def bulk_call(
    action: str,
    given: BulkFilter,
    dry_run: bool,
    expected_count: Optional[int],
    cursor: Optional[str],
    idempotency_key: Optional[str],
) -> Call:
    """Under the same key, a repeated ``again`` returns the same requests; a repeated cancel would count others."""
    fields: Mapping[str, Any] = checked(BulkFilter, given)
    times = {name: time_text(fields[name]) for name in ("created_after", "created_before") if name in fields}
    body = without_none(action=action, filter={**fields, **times}, dry_run=dry_run, expected_count=expected_count)
    return Call(
        "POST",
        "/requests/bulk",
        body=json_bytes({**body, **without_none(cursor=cursor)}),
        headers={"Idempotency-Key": checked_key(idempotency_key)},
        with_provider_keys=True,
        idempotent=action == "again" or dry_run,
    )


def receipt_call(request_id: str) -> Call:
    return Call("GET", path_of("requests", request_id, "receipt"))


def settle_call(request_id: str, outcome: str, cost_usd: Optional[float]) -> Call:
    body = json_bytes(without_none(outcome=outcome, cost_usd=cost_usd))
    return Call("POST", path_of("requests", request_id, "settle"), body=body, idempotent=False)


def redeliver_call(request_id: str, delivery_id: str) -> Call:
    path = path_of("requests", request_id, "deliveries", delivery_id, "redeliver")
    return Call("POST", path, idempotent=False)


def timeline_of(config: Config, request_id: str) -> Flow[List[TimelineEntry]]:
    call = Call("GET", path_of("requests", request_id), query={"include": "timeline"})
    return fetch_list(config, TimelineEntry, call, "timeline")


def deliveries_of(config: Config, request_id: str) -> Flow[List[Delivery]]:
    return fetch_list(config, Delivery, Call("GET", path_of("requests", request_id, "deliveries")), "deliveries")


def delete_request(config: Config, request_id: str) -> Flow[DeleteAnswer]:
    """Erases a request, once, even when an answer is lost."""
    deleted = succeeds_with("REQUEST_NOT_FOUND", DeleteAnswer(request_id, True))
    return fetch(config, DeleteAnswer, Call("DELETE", path_of("requests", request_id)), after_lost_try=deleted)
