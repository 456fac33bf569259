"""Every method of Client against the real stack."""

from __future__ import annotations

import base64
import dataclasses
import struct
import zlib
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List

import httpx
import pytest
from conftest import MODEL, Stack

from visgate_sdk import (
    VIDEO_MODEL_PRESETS,
    Client,
    GenerationRequest,
    ImageResult,
    RequestStatus,
    ValidationError,
    VideoResult,
    VisgateError,
)


def submit(client: Client, prompt: str) -> GenerationRequest[VideoResult]:
    return client.videos.generate(MODEL, prompt, duration_seconds=4, cache="off", wait=False)


def test_a_video_result_has_every_documented_field(client: Client) -> None:
    result = client.videos.generate(
        model="fal-ai/veo3",
        prompt="waves crashing on a beach",
        image_url=None,
        duration_seconds=5.0,
        params=None,
    )
    assert isinstance(result.id, str) and result.request_id == result.id
    assert httpx.get(result.video_url).headers["content-type"] == "video/mp4"
    assert (result.model, result.provider, result.mode) == ("fal-ai/veo3", "fal", "managed")
    assert isinstance(result.cost, float) and result.cost > 0
    assert result.cache_hit is False
    assert isinstance(result.latency_ms, int)
    assert isinstance(result.created_at, datetime) and result.created_at.tzinfo == timezone.utc
    again = client.videos.generate("fal-ai/veo3", "waves crashing on a beach")
    assert (again.cache_hit, again.cost) == (True, 0)
    assert again.provider_cost_avoided_micro == round(result.cost * 1e6)


STATUS_FIELDS = [field.name for field in dataclasses.fields(RequestStatus)]
# A result has None where the status of a miss has 0.
DIFFERS = {"provider_cost_avoided_micro"}


def fields_of(one: object) -> Dict[str, Any]:
    return {name: getattr(one, name) for name in STATUS_FIELDS if name not in DIFFERS}


def test_what_wait_returns_has_the_fields_of_the_status(client: Client) -> None:
    options: Any = {"callback_id": "order-7", "metadata": {"shop": "a"}, "cache": "off"}
    video = client.videos.generate(MODEL, "a river", duration_seconds=4, wait=False, **options)
    images = client.images.generate("fal-ai/flux/schnell", "two rivers", num_images=2, wait=False, **options)
    for request in (video, images):
        result: Any = request.wait()
        assert fields_of(result) == fields_of(client.requests.get(request.request_id))
        assert (result.status, result.is_terminal, request.status) == ("completed", True, "completed")
        assert (result.callback_id, result.metadata) == ("order-7", {"shop": "a"})


def test_a_result_of_a_blocking_call_has_them_too(client: Client) -> None:
    result = client.videos.generate(MODEL, "a lake", duration_seconds=4, cache="off")
    assert fields_of(result) == fields_of(client.requests.get(result.id))
    assert client.generate("a quick lake").output_url is not None


def test_a_result_that_the_sdk_did_not_make_has_them_without_a_value() -> None:
    made = ImageResult("i", [], "m", "p", "byok", 0.0, False, 1, datetime.now(timezone.utc))
    assert (made.status, made.output_url, made.output_urls, made.metadata) == ("completed", None, [], {})
    assert set(STATUS_FIELDS) <= set(dir(made))


def png() -> bytes:
    """A black image of 1280 x 720 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1280, 720, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes(1280)) * 720)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_an_image_as_a_data_uri_uses_image_to_video(client: Client, fresh: Stack) -> None:
    result = client.videos.generate(
        model="fal-ai/veo3",
        prompt="gentle camera pan",
        image_url="data:image/png;base64," + base64.b64encode(png()).decode(),
        duration_seconds=4,
    )
    assert httpx.get(result.video_url).headers["content-type"] == "video/mp4"
    [submitted] = fresh.submits()
    assert submitted["endpoint"].endswith("image-to-video")


def test_the_url_of_an_image_is_passed_to_the_provider(client: Client, fresh: Stack) -> None:
    request = client.videos.generate(
        model="fal-ai/veo3",
        prompt="gentle camera pan",
        image_url="https://example.com/photo.jpg",
        duration_seconds=5.0,
        wait=False,
    )
    assert next(status for status in client.requests.events(request.request_id) if status.status != "pending")
    [submitted] = fresh.submits()
    assert submitted["body"]["image_url"] == "https://example.com/photo.jpg"


def test_params_metadata_and_callback_id_arrive_unchanged(client: Client, fresh: Stack) -> None:
    request = client.videos.generate(
        VIDEO_MODEL_PRESETS["fal"],
        "unchanged",
        duration_seconds=4,
        cache="off",
        params={"aspect_ratio": "9:16"},
        metadata={"order_id": "7"},
        callback_id="mine",
        priority="low",
        wait=False,
    )
    assert (request.status, isinstance(request, GenerationRequest)) == ("pending", True)
    assert request.wait().id == request.request_id
    assert request.status == "completed"
    status = client.requests.get(request.request_id)
    assert (status.metadata, status.callback_id) == ({"order_id": "7"}, "mine")
    [submitted] = fresh.submits()
    assert submitted["body"]["aspect_ratio"] == "9:16"


def test_on_progress_and_events_report_the_same_statuses(client: Client) -> None:
    seen: List[RequestStatus] = []
    request = submit(client, "watched")
    request.wait(on_progress=seen.append)
    assert seen[-1].status == "completed" and seen[-1].progress == 1
    assert [status.status for status in seen] == sorted(
        (status.status for status in seen), key=["pending", "processing", "completed"].index
    )
    assert list(client.requests.events(request.request_id)) == [seen[-1]]


def test_images_and_quick_images(client: Client, fresh: Stack) -> None:
    later = client.images.generate("fal-ai/flux/schnell", "a later cat", wait=False)
    result = client.images.generate("fal-ai/flux/schnell", "two cats", num_images=2, include_steps=True, cache="off")
    assert len(result.images) == 2 and result.steps is not None
    assert [step.name for step in result.steps][:2] == ["cache", "provider"]
    quick = client.generate("a quick cat")
    assert quick.image_url == quick.images[0] and quick.resolution.width == 1024
    assert len(later.wait().images) == 1
    assert fresh.stats()["submits"] == 3


def test_list_timeline_deliveries_and_delete(client: Client) -> None:
    requests = [submit(client, f"listed {name}") for name in ("one", "two", "three")]
    ids = [request.wait().id for request in requests]
    page = client.requests.list(model=MODEL, limit=2)
    assert len(page.requests) == 2 and page.next_cursor is not None
    listed = [request.request_id for request in page]
    assert set(ids) <= set(listed) and len(set(listed)) == len(listed)
    assert {"accepted", "submitted", "completed"} <= {entry.name for entry in client.requests.timeline(ids[0])}
    assert client.requests.deliveries(ids[0]) == []
    assert client.requests.delete(ids[0]).deleted is True


def test_cancel_answers_and_ends_the_request(client: Client, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    request = submit(client, "cancelled")
    answer = request.cancel()
    assert (answer.request_id, answer.status) == (request.request_id, "cancelling") and answer.message
    assert client.requests.wait(request.request_id, timeout=20).error_code == "CANCELLED"


def test_follow_starts_after_the_given_event(client: Client) -> None:
    latest = client.events.list(limit=1).latest
    request = submit(client, "in the feed")
    event = next(iter(client.events.follow(after=latest, types=["request.completed"])))
    assert (event.type, event.request_id) == ("request.completed", request.request_id)
    assert client.events.list(after=latest).events[-1] == event


def test_webhook_endpoints_and_their_secrets(client: Client) -> None:
    created = client.webhook_endpoints.create("http://127.0.0.1:9/hook", events=["request.completed"])
    assert created.secret is not None and created.secret not in repr(created)
    rotated = client.webhook_endpoints.rotate_secret(created.id, overlap_seconds=60)
    assert rotated.secret != created.secret
    assert client.webhook_endpoints.update(created.id, enabled=False).disabled_reason == "by_caller"
    assert client.webhook_endpoints.get(created.id).secret is None
    assert client.webhook_endpoints.redeliver(created.id, "2026-01-01T00:00:00Z").redelivering == 0
    assert client.webhooks.redeliver("2026-01-01T00:00:00Z").redelivering == 0
    assert client.webhooks.secret().startswith("whsec_")
    assert [endpoint.id for endpoint in client.webhook_endpoints.list()] == [created.id]
    assert client.webhook_endpoints.delete(created.id).deleted is True


def test_models_providers_health_diagnostics_and_identity(client: Client) -> None:
    listed = client.models.list(provider="runway", media_type="video", featured=True)
    assert len(listed.models) == listed.total_count
    assert client.models.get("replicate/google/veo-3").limits.image_input == "optional"
    assert {"fal", "replicate", "runway"} <= {balance.provider for balance in client.providers.balances()}
    assert client.providers.validate("fal", "invalid").valid is False
    assert client.health().status == "ok"
    diagnostics = client.diagnostics()
    assert diagnostics.redis.safe is True
    assert diagnostics.workers and all("fal" in one.queues for one in diagnostics.workers)
    assert isinstance(client.alerts(), list)
    assert client.me().organization.id == "default"


def test_a_stored_provider_key_makes_the_mode_byok(client: Client) -> None:
    key = "a-key-of-the-organization-0123"
    [stored] = client.providers.keys.set("fal", key)
    assert (stored.provider, stored.validated, stored.masked_key, stored.simulated) == ("fal", True, "****0123", True)
    assert stored.validated_at is not None and stored.validated_at.tzinfo is not None
    try:
        assert client.providers.keys.list() == [stored]
        assert client.videos.generate(MODEL, "stored", cache="off").mode == "byok"
        with pytest.raises(ValidationError) as caught:
            client.providers.keys.set("fal", "invalid")
        assert caught.value.field == "api_key"
    finally:
        assert client.providers.keys.delete("fal") == []
    with pytest.raises(VisgateError) as missing:
        client.providers.keys.delete("fal")
    assert missing.value.error_code == "NOT_FOUND"


def test_a_provider_key_of_the_caller_makes_the_mode_byok(fresh: Stack) -> None:
    with Client(api_key=fresh.api_key, base_url=fresh.base_url, fal_key="a-key-of-mine") as client:
        assert "a-key-of-mine" not in repr(client) + repr(vars(client)) + repr(client._driver.config)
        assert client.videos.generate(MODEL, "mine", cache="off").mode == "byok"


def test_files_upload_takes_bytes_and_paths(client: Client, tmp_path: Path) -> None:
    clip = bytes.fromhex("00000018667479706d703432000000006d70343269736f6d")
    (tmp_path / "clip.mp4").write_bytes(clip)
    for file in (clip, str(tmp_path / "clip.mp4"), tmp_path / "clip.mp4"):
        uploaded = client.files.upload(file)
        assert (uploaded.content_type, uploaded.bytes) == ("video/mp4", len(clip))
    request = client.videos.generate("fal-ai/veo3.1", "it goes on", video_url=uploaded.url, wait=False)
    assert request.wait().duration_seconds == 7
    with pytest.raises(ValidationError) as raised:
        client.files.upload(b"a text")
    assert raised.value.field == "file"
