"""What Schemathesis cannot read in the OpenAPI document: how long calls wait, and what belongs together.

Only calls that are meant to be valid are changed. Those that are meant to be wrong are sent as they were generated.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Dict
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import requests
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.generation.meta import TestPhase

# A call that waits for a minute would show no more than one that waits for a second.
MAX_WAIT_SECONDS = 1
# A shorter deadline ends a render with a 504, as it should.
MIN_DEADLINE_SECONDS = 60
MIN_SIDE, MAX_SIDE = 64, 2048
MAX_SEED = 2**32 - 1
# A model that needs nothing but a prompt, for each operation.
PLAIN_MODELS = {
    "generateVideo": "fal-ai/veo3",
    "generateImages": "fal-ai/stable-diffusion-v3-medium",
    "generateQuickImage": "fal-ai/stable-diffusion-v3-medium",
}
# The fields that these models take, and the values that they take in a field.
FIELDS: Dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(["prompt", "callback_id", "metadata", "cache", "negative_prompt"], lambda value: value),
    "deadline_seconds": lambda seconds: max(seconds, MIN_DEADLINE_SECONDS),
    "duration_seconds": lambda seconds: min(seconds, 8),
    "num_images": lambda count: min(count, 4),
    "seed": lambda seed: abs(seed) % MAX_SEED,
    "width": lambda side: min(max(side, MIN_SIDE), MAX_SIDE),
    "height": lambda side: min(max(side, MIN_SIDE), MAX_SIDE),
}
# An output of this server, under its signed URL.
FILE_URL = os.environ["FUZZ_FILE_URL"]
BASE_URL = os.environ["FUZZ_BASE_URL"]
API_KEY = os.environ["FUZZ_API_KEY"]
MAX_ENDPOINTS = 15


@schemathesis.hook
def before_call(context: Any, case: Case, kwargs: Dict[str, Any]) -> None:
    shorten_waits(case)
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    change = CHANGES.get(case.operation.definition.raw.get("operationId"))
    if change is not None:
        change(case)


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Case, response: Any) -> bool:
    """After 20 wrong keys a minute, a wrong key is refused with a 429 in place of the 401.

    A form that the generator means to be wrong may be a right one, whose file send_sound has replaced.
    """
    is_upload = case.operation.definition.raw.get("operationId") == "uploadFile"
    if is_upload and failure.code == "ST201":
        return False
    return not (failure.code == "ST401" and "429 Too Many Requests" in failure.message)


def shorten_waits(case: Case) -> None:
    wait = (case.query or {}).get("wait")
    if isinstance(wait, (int, float)) and wait > MAX_WAIT_SECONDS:
        case.query["wait"] = MAX_WAIT_SECONDS


def make_generation_plain(case: Case, model: Any = None) -> None:
    """Which params, durations and sizes a model takes is in GET /models: one schema cannot say it for all models."""
    if not isinstance(case.body, dict):
        return
    given = {name: value for name, value in case.body.items() if name in FIELDS and value is not None}
    body = {name: FIELDS[name](value) for name, value in given.items()}
    # Only few models need no prompt.
    body.setdefault("prompt", "a lighthouse")
    case.body = {**body, "model": model or PLAIN_MODELS[case.operation.definition.raw["operationId"]]}


def forget_cursor(case: Case) -> None:
    """A cursor is valid only as a page gave it."""
    if case.query:
        case.query.pop("cursor", None)


def only_count(case: Case) -> None:
    """The requests that it would delete, cancel or make again are those of all other calls."""
    if isinstance(case.body, dict):
        case.body["dry_run"] = True
        case.body.pop("cursor", None)


def forget_after(case: Case) -> None:
    """A number beyond the newest event is refused, and which one is the newest changes."""
    if case.query:
        case.query.pop("after", None)


def make_room(case: Case) -> None:
    """An organization has at most 20 webhook endpoints."""
    use_public_url(case)
    base = f"{BASE_URL}/api/v1/webhook-endpoints"
    headers = {"Authorization": f"Bearer {API_KEY}"}
    endpoints = requests.get(base, headers=headers, timeout=10).json()["endpoints"]
    for endpoint in endpoints[:-MAX_ENDPOINTS]:
        requests.delete(f"{base}/{endpoint['id']}", headers=headers, timeout=10)


def use_public_url(case: Case) -> None:
    """Which addresses are public is not a question of their form."""
    if isinstance(case.body, dict) and "url" in case.body:
        case.body["url"] = "https://example.com/webhooks"


def use_own_models(case: Case) -> None:
    """Which models there are, and what time it is, is not a question of their form."""
    if isinstance(case.body, dict):
        case.body.pop("models", None)
        case.body.pop("expires_at", None)


def spare_default(case: Case) -> None:
    """Limits of the organization whose key all other calls have would refuse them."""
    if (case.path_parameters or {}).get("id") == "default":
        case.path_parameters["id"] = "acme"


def use_known_time_zone(case: Case) -> None:
    spare_default(case)
    if isinstance(case.body, dict):
        if "id" in case.body:
            case.body["id"] = f"o{uuid4().hex}"
        case.body.pop("time_zone", None)
        case.body.setdefault("weight", 1)


def set_large_budget(case: Case) -> None:
    """A small budget would refuse the generations of all other calls."""
    spare_default(case)
    if isinstance(case.body, dict):
        case.body["limit_usd"] = 1_000_000
        if "subject" in case.body:
            case.body["subject"] = "organization"


def quote_plain(case: Case) -> None:
    make_generation_plain(case, PLAIN_MODELS["generateVideo"])


def use_open_request(case: Case) -> None:
    """Only a request that has not ended can be cancelled. In stateful testing the id comes from an answer."""
    if case.meta is None or case.meta.phase.name == TestPhase.STATEFUL:
        return
    body = {"model": PLAIN_MODELS["generateVideo"], "prompt": "a lighthouse", "cache": "off"}
    headers = {"Authorization": f"Bearer {API_KEY}", "Prefer": "respond-async"}
    answer = requests.post(f"{BASE_URL}/api/v1/videos/generate", json=body, headers=headers, timeout=10)
    case.path_parameters["id"] = answer.json()["request_id"]


def use_file(case: Case) -> None:
    """Only the server can sign the URL of a file."""
    url = urlsplit(FILE_URL)
    organization, request_id, name = url.path.split("/")[-3:]
    case.path_parameters.update(organization=organization, id=request_id, name=name)
    case.query.update(parse_qsl(url.query))


def send_sound(case: Case) -> None:
    """Which bytes are an image, a video or a sound cannot be said in a schema."""
    case.body = {"file": bytes.fromhex("fffb9064") + bytes(413)}


CHANGES: Dict[str, Callable[[Case], None]] = {
    "generateVideo": make_generation_plain,
    "generateImages": make_generation_plain,
    "generateQuickImage": make_generation_plain,
    "cancelRequest": use_open_request,
    "listRequests": forget_cursor,
    "listAllDeliveries": forget_cursor,
    "bulkRequests": only_count,
    "listEvents": forget_after,
    "listAuditEntries": forget_cursor,
    "createApiKey": use_own_models,
    "createOrganizationKey": use_own_models,
    "createQuote": quote_plain,
    "setBudget": set_large_budget,
    "setOperatorBudget": set_large_budget,
    "createOrganization": use_known_time_zone,
    "updateOrganization": use_known_time_zone,
    "createWebhookEndpoint": make_room,
    "updateWebhookEndpoint": use_public_url,
    "getFile": use_file,
    "uploadFile": send_sound,
}
