"""How long calls and waits are retried. A driver with its own clock runs the flows, so that no test has to wait."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, TypeVar

import pytest

from visgate_sdk import CancelAnswer, VisgateError
from visgate_sdk._cancellation import cancel
from visgate_sdk._config import Config
from visgate_sdk._effects import Emit, Flow, Read, Response, Send, Sleep, Stream
from visgate_sdk._generation import submit, video
from visgate_sdk._resources.provider_keys import delete_key
from visgate_sdk._resources.request_calls import delete_request
from visgate_sdk._waiting import Waiting, wait_for_end

T = TypeVar("T")
NAMES = ("request_id", "id", "media_type", "model", "provider", "mode")


class Driver:
    """Gives the answers that the test chooses by the time that has passed, in seconds; each takes 0.1 s."""

    def __init__(self, answer: Callable[[float], Any]) -> None:
        self.now = 0.0
        self.sent: List[Send] = []
        self._answer = answer

    def run(self, flow: Flow[T]) -> T:
        try:
            effect = next(flow)
            while True:
                effect = flow.send(self._do(effect))
        except StopIteration as end:
            result: T = end.value
            return result

    def _do(self, effect: Any) -> Any:
        if isinstance(effect, Emit):
            return None
        if isinstance(effect, Sleep):
            self.now += effect.seconds
            return None
        self.now += 0.1
        if isinstance(effect, Read):
            return effect.stream.handle.pop(0)
        self.sent.append(effect)
        return self._answer(self.now)


def config(**changes: Any) -> Config:
    settings: Dict[str, Any] = {"timeout": 20.0, "max_retries": 2, **changes}
    return Config(base="http://gateway.test/api/v1", api_key=None, provider_keys={}, **settings)


def unavailable(status: int = 503, code: str = "UNAVAILABLE") -> Response:
    return Response(status, {}, json.dumps({"error": code, "message": "restarting", "details": {}}).encode())


def status_answer(status: str, **more: Any) -> Response:
    body = {**dict.fromkeys(NAMES, "x"), "status": status, "created_at": "2026-01-01T00:00:00.000Z", **more}
    return Response(200, {}, json.dumps(body).encode())


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[float], Any]], Driver]:
    def make(answer: Callable[[float], Any]) -> Driver:
        driver = Driver(answer)
        monkeypatch.setattr("time.monotonic", lambda: driver.now)
        return driver

    return make


def test_a_wait_fails_once_polls_have_failed_for_the_clients_timeout(drive: Any) -> None:
    driver = drive(lambda now: unavailable())
    with pytest.raises(VisgateError) as caught:
        driver.run(wait_for_end(config(), "some-id", Waiting(deadline=1800)))
    assert caught.value.status_code == 503 and 20 <= driver.now < 30


def test_a_wait_continues_when_a_poll_succeeds_between_outages(drive: Any) -> None:
    driver = drive(
        lambda now: (
            status_answer("completed") if now > 60 else status_answer("pending") if now % 18 < 6 else unavailable()
        )
    )
    assert driver.run(wait_for_end(config(), "some-id", Waiting(deadline=1800))).status == "completed"
    assert driver.now > 60


def test_a_submit_is_retried_during_a_restart_under_one_key(drive: Any) -> None:
    driver = drive(lambda now: Response(202, {}, b'{"request_id": "r"}') if now > 25 else unavailable())
    assert driver.run(submit(config(timeout=120.0), video({}, None), deadline=1800)) == "r"
    assert len(driver.sent) > 3
    assert len({sent.call.headers["Idempotency-Key"] for sent in driver.sent}) == 1


@pytest.mark.parametrize(
    ("status", "max_retries", "tries"),
    [(503, 0, 1), (429, 2, 3), (500, 2, 3), (400, 2, 1)],
)
def test_a_submit_without_an_outage_is_retried_max_retries_times(
    drive: Any, status: int, max_retries: int, tries: int
) -> None:
    driver = drive(lambda now: unavailable(status))
    with pytest.raises(VisgateError) as caught:
        driver.run(submit(config(timeout=120.0, max_retries=max_retries), video({}, None), deadline=1800))
    assert (caught.value.status_code, len(driver.sent)) == (status, tries)


def test_a_retry_after_the_deadline_is_not_waited_for(drive: Any) -> None:
    driver = drive(lambda now: unavailable())
    with pytest.raises(VisgateError) as caught:
        driver.run(submit(config(), video({}, None), deadline=0.5))
    assert caught.value.status_code == 503 and driver.now == pytest.approx(0.1)


ENDED = unavailable(409, "ALREADY_TERMINAL")


@pytest.mark.parametrize(
    ("first", "code", "is_done"),
    [(502, "CANCELLED", True), (502, None, False), (502, "PROVIDER_ERROR", False), (503, "CANCELLED", False)],
)
def test_cancel_succeeds_when_the_lost_try_has_cancelled(drive: Any, first: int, code: Any, is_done: bool) -> None:
    """A 503 means that nothing was processed; a request that ended otherwise was not cancelled."""
    ended = status_answer("failed" if code else "completed", error_code=code, charge_state="released")
    answers = iter([unavailable(first), ENDED, ended])
    driver = drive(lambda now: next(answers))
    try:
        outcome: Any = driver.run(cancel(config(), "x"))
    except VisgateError as error:
        outcome = error
    if is_done:
        assert isinstance(outcome, CancelAnswer) and (outcome.request_id, outcome.charge_state) == ("x", "released")
    else:
        assert outcome.error_code == "ALREADY_TERMINAL"


@pytest.mark.parametrize(("first", "is_done"), [(502, True), (504, True), (503, False), (429, False)])
def test_delete_succeeds_when_the_lost_try_may_have_deleted(drive: Any, first: int, is_done: bool) -> None:
    answers = iter([unavailable(first), unavailable(404, "REQUEST_NOT_FOUND")])
    driver = drive(lambda now: next(answers))
    if is_done:
        assert driver.run(delete_request(config(), "x")).deleted
    else:
        with pytest.raises(VisgateError, match="restarting"):
            driver.run(delete_request(config(), "x"))


def test_deleting_a_provider_key_returns_those_left_when_the_lost_try_has_deleted_it(drive: Any) -> None:
    left = {"provider": "runway", "validated": False, "validated_at": None, "masked_key": "****6789"}
    listed = Response(200, {}, json.dumps({"keys": [left]}).encode())
    answers = iter([unavailable(504), unavailable(404, "NOT_FOUND"), listed])
    driver = drive(lambda now: next(answers))
    assert [key.masked_key for key in driver.run(delete_key(config(), "fal"))] == ["****6789"]
    driver = drive(lambda now: unavailable(404, "NOT_FOUND"))
    with pytest.raises(VisgateError):
        driver.run(delete_key(config(), "fal"))


INVALID_EVENT = b'event: status\ndata: {"status": 7}\n\n'


@pytest.mark.parametrize("data", [b": hello\n\n", INVALID_EVENT])
def test_a_wait_with_on_progress_polls_when_the_stream_has_no_valid_event(drive: Any, data: bytes) -> None:
    """Even though each connection carries bytes."""

    def answer(now: float) -> Any:
        is_stream = driver.sent[-1].call.path.endswith("/events")
        return Stream(200, "text/event-stream", [data, None]) if is_stream else status_answer("completed")

    driver = drive(answer)
    waiting = Waiting(deadline=1800, on_progress=print)
    assert driver.run(wait_for_end(config(), "some-id", waiting)).status == "completed"
    assert driver.now < 30


def test_an_unknown_status_is_an_unexpected_answer(drive: Any) -> None:
    driver = drive(lambda now: status_answer("paused"))
    with pytest.raises(VisgateError) as caught:
        driver.run(wait_for_end(config(), "some-id", Waiting(deadline=1800)))
    assert (caught.value.error_code, caught.value.request_id) == ("UNEXPECTED_ANSWER", "some-id")
