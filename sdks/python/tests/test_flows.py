"""How long calls and waits go on trying, by the clock: flows are driven by hand, and nobody has to wait."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, TypeVar

import pytest

from visgate_sdk import CancelAnswer, VisgateError
from visgate_sdk._config import Config
from visgate_sdk._effects import Answer, Emit, Flow, Read, Send, Sleep, Stream
from visgate_sdk._endings import cancel, delete
from visgate_sdk._generation import submit, video
from visgate_sdk._waiting import Waiting, wait_for_end

T = TypeVar("T")
NAMES = ("request_id", "id", "media_type", "model", "provider", "mode")


class Driver:
    """Answers what it is told to by the time that has passed, in seconds; an answer takes a tenth of one."""

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


def away(status: int = 503, code: str = "UNAVAILABLE") -> Answer:
    return Answer(status, {}, json.dumps({"error": code, "message": "restarting", "details": {}}).encode())


def seen(status: str, **more: Any) -> Answer:
    body = {**dict.fromkeys(NAMES, "x"), "status": status, "created_at": "2026-01-01T00:00:00.000Z", **more}
    return Answer(200, {}, json.dumps(body).encode())


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[float], Any]], Driver]:
    def make(answer: Callable[[float], Any]) -> Driver:
        driver = Driver(answer)
        monkeypatch.setattr("time.monotonic", lambda: driver.now)
        return driver

    return make


def test_a_wait_gives_up_on_a_gateway_that_stays_away(drive: Any) -> None:
    driver = drive(lambda now: away())
    with pytest.raises(VisgateError) as caught:
        driver.run(wait_for_end(config(), "some-id", Waiting(deadline=1800)))
    assert caught.value.status_code == 503 and 20 <= driver.now < 30


def test_a_wait_outlasts_outages_as_long_as_something_comes_in_between(drive: Any) -> None:
    driver = drive(lambda now: seen("completed") if now > 60 else seen("pending") if now % 18 < 6 else away())
    assert driver.run(wait_for_end(config(), "some-id", Waiting(deadline=1800))).status == "completed"
    assert driver.now > 60


def test_a_submit_outlasts_a_restart_under_one_key(drive: Any) -> None:
    driver = drive(lambda now: Answer(202, {}, b'{"request_id": "r"}') if now > 25 else away())
    assert driver.run(submit(config(timeout=120.0), video({}, None), deadline=1800)) == "r"
    assert len(driver.sent) > 3
    assert len({sent.call.headers["Idempotency-Key"] for sent in driver.sent}) == 1


@pytest.mark.parametrize(
    ("status", "max_retries", "tries"),
    [(503, 0, 1), (429, 2, 3), (500, 2, 3), (400, 2, 1)],
)
def test_what_is_no_restart_is_not_outlasted(drive: Any, status: int, max_retries: int, tries: int) -> None:
    driver = drive(lambda now: away(status))
    with pytest.raises(VisgateError) as caught:
        driver.run(submit(config(timeout=120.0, max_retries=max_retries), video({}, None), deadline=1800))
    assert (caught.value.status_code, len(driver.sent)) == (status, tries)


def test_a_retry_that_would_come_too_late_is_not_waited_for(drive: Any) -> None:
    driver = drive(lambda now: away())
    with pytest.raises(VisgateError) as caught:
        driver.run(submit(config(), video({}, None), deadline=0.5))
    assert caught.value.status_code == 503 and driver.now == pytest.approx(0.1)


ENDED = away(409, "ALREADY_TERMINAL")


@pytest.mark.parametrize(
    ("first", "code", "is_done"),
    [(502, "CANCELLED", True), (502, None, False), (502, "PROVIDER_ERROR", False), (503, "CANCELLED", False)],
)
def test_cancelled_by_the_try_whose_answer_was_lost(drive: Any, first: int, code: Any, is_done: bool) -> None:
    """Nothing is done by what is answered with 503; what ended otherwise was not cancelled."""
    ended = seen("failed" if code else "completed", error_code=code, charge_state="released")
    answers = iter([away(first), ENDED, ended])
    driver = drive(lambda now: next(answers))
    try:
        came: Any = driver.run(cancel(config(), "x"))
    except VisgateError as error:
        came = error
    if is_done:
        assert isinstance(came, CancelAnswer) and (came.request_id, came.charge_state) == ("x", "released")
    else:
        assert came.error_code == "ALREADY_TERMINAL"


@pytest.mark.parametrize(("first", "is_done"), [(502, True), (504, True), (503, False), (429, False)])
def test_deleted_by_a_try_that_may_have_done_it(drive: Any, first: int, is_done: bool) -> None:
    answers = iter([away(first), away(404, "REQUEST_NOT_FOUND")])
    driver = drive(lambda now: next(answers))
    if is_done:
        assert driver.run(delete(config(), "x")).deleted
    else:
        with pytest.raises(VisgateError, match="restarting"):
            driver.run(delete(config(), "x"))


GARBLED = b'event: status\ndata: {"status": 7}\n\n'


@pytest.mark.parametrize("said", [b": hello\n\n", GARBLED])
def test_polls_where_a_stream_does_not_come_through(drive: Any, said: bytes) -> None:
    """Though something is heard each time."""

    def answer(now: float) -> Any:
        is_stream = driver.sent[-1].call.path.endswith("/events")
        return Stream(200, "text/event-stream", [said, None]) if is_stream else seen("completed")

    driver = drive(answer)
    waiting = Waiting(deadline=1800, on_progress=print)
    assert driver.run(wait_for_end(config(), "some-id", waiting)).status == "completed"
    assert driver.now < 30


def test_a_status_that_nobody_can_wait_by(drive: Any) -> None:
    driver = drive(lambda now: seen("paused"))
    with pytest.raises(VisgateError) as caught:
        driver.run(wait_for_end(config(), "some-id", Waiting(deadline=1800)))
    assert (caught.value.error_code, caught.value.request_id) == ("UNEXPECTED_ANSWER", "some-id")
