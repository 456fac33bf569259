"""A real stack for all tests, started as a user starts it: the launcher runs Redis, simulator, API and worker."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List

import httpx
import pytest
from fault_proxy import FaultProxy

from visgate_sdk import Client

ROOT = Path(__file__).resolve().parents[3]
MODEL = "fal-ai/veo3"
HTTP = httpx.Client()


@dataclass(frozen=True)
class Stack:
    """The URLs and the key of the stack, and control of its simulator."""

    base_url: str
    api_key: str
    simulator_url: str

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Calls the simulator's control endpoint."""
        answer = HTTP.request(method, f"{self.simulator_url}/control/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if "json" in answer.headers.get("content-type", "") else None

    def reset(self) -> None:
        """Sets the simulator's counts to zero and removes its faults."""
        self.control("DELETE", "settings")
        self.control("POST", "reset")

    def disaster(self, name: str, **settings: Any) -> None:
        """Makes the simulated providers misbehave from now on."""
        self.control("PUT", "settings", {"disasters": [{"name": name}], **settings})

    def stats(self) -> Dict[str, Any]:
        """The counts of what the providers received since the last reset."""
        stats: Dict[str, Any] = self.control("GET", "stats")
        return stats

    def submits(self) -> List[Dict[str, Any]]:
        """Every submit that the providers received."""
        submits: List[Dict[str, Any]] = self.control("GET", "requests")
        return submits


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Starts the stack, and stops it with Ctrl-C."""
    data_dir = tempfile.mkdtemp(prefix="visgate-python-")
    # A render is done when the worker looks for the first time, after half a second.
    env = {
        **_kept_environment(),
        "SIMULATOR_RENDER_SECONDS": "0.4",
        "SIMULATOR_QUEUE_SECONDS": "0.04",
        "ALLOW_PRIVATE_URLS": "true",
    }
    args = ["node", "scripts/start.mjs", "--port", "0", "--data-dir", data_dir]
    launcher = subprocess.Popen(args, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield _read(launcher, data_dir)
    finally:
        launcher.send_signal(signal.SIGINT)
        launcher.communicate(timeout=60)
        shutil.rmtree(data_dir, ignore_errors=True)


def _kept_environment() -> Dict[str, str]:
    """The variables that the launcher needs. `npm test` sets REDIS_SERVER to the Redis that it found."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    found = os.path.dirname(os.environ.get("REDIS_SERVER", ""))
    return {**kept, "PATH": os.pathsep.join([found, kept["PATH"]])} if found else kept


def _read(launcher: subprocess.Popen[str], data_dir: str) -> Stack:
    text = ""
    assert launcher.stdout is not None
    for line in launcher.stdout:
        text += line
        if "Ctrl-C stops everything" in line:
            break
    else:
        raise RuntimeError(f"npm start ended:\n{text}")
    base = re.search(r"API +(http:\S+)/api/v1", text)
    key = re.search(r"API key +(\S+)", text)
    assert base is not None and key is not None, text
    simulator = json.loads(Path(data_dir, "stack.json").read_text())["simulatorUrl"]
    return Stack(base.group(1), key.group(1), simulator)


@pytest.fixture
def fresh(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """The stack after a reset, with shorter pauses between retries. Other tests cover the real pauses."""
    monkeypatch.setattr("visgate_sdk._retry._FIRST_DELAY_S", 0.2)
    stack.reset()
    return stack


@pytest.fixture
def proxy(fresh: Stack) -> Iterator[FaultProxy]:
    """A proxy in front of the API."""
    with FaultProxy(fresh.base_url) as proxy:
        yield proxy


@pytest.fixture
def client(fresh: Stack) -> Iterator[Client]:
    """A client that calls the API directly."""
    with Client(api_key=fresh.api_key, base_url=fresh.base_url) as client:
        yield client


@pytest.fixture
def proxied(fresh: Stack, proxy: FaultProxy) -> Iterator[Client]:
    """A client that calls the API through the proxy."""
    with Client(api_key=fresh.api_key, base_url=proxy.url) as client:
        yield client
