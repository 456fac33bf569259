"""A real stack for all tests, as a user starts it: Redis, simulator, API and worker, by the launcher."""

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
    """Where everything is."""

    base_url: str
    api_key: str
    simulator_url: str

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The simulator's control endpoint."""
        answer = HTTP.request(method, f"{self.simulator_url}/control/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if "json" in answer.headers.get("content-type", "") else None

    def reset(self) -> None:
        """Counts from nothing, and nothing is spoilt."""
        self.control("DELETE", "settings")
        self.control("POST", "reset")

    def disaster(self, name: str, **settings: Any) -> None:
        """What the providers do wrong from now on."""
        self.control("PUT", "settings", {"disasters": [{"name": name}], **settings})

    def stats(self) -> Dict[str, Any]:
        """What the providers saw since the last reset."""
        stats: Dict[str, Any] = self.control("GET", "stats")
        return stats

    def submits(self) -> List[Dict[str, Any]]:
        """Every submit that the providers got."""
        submits: List[Dict[str, Any]] = self.control("GET", "requests")
        return submits


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Ready, and ended with Ctrl-C."""
    data_dir = tempfile.mkdtemp(prefix="visgate-python-")
    # Done when the worker looks for the first time, after half a second.
    env = {**_kept_environment(), "SIMULATOR_RENDER_SECONDS": "0.4", "ALLOW_PRIVATE_URLS": "true"}
    args = ["node", "scripts/start.mjs", "--port", "0", "--data-dir", data_dir]
    launcher = subprocess.Popen(args, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield _read(launcher, data_dir)
    finally:
        launcher.send_signal(signal.SIGINT)
        launcher.communicate(timeout=60)
        shutil.rmtree(data_dir, ignore_errors=True)


def _kept_environment() -> Dict[str, str]:
    """Of all that is set here, what a launcher needs; REDIS_SERVER is where `npm test` has found one."""
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
    """The stack, with the providers' counts at nothing; retries come soon, how soon is tested by itself."""
    monkeypatch.setattr("visgate_sdk._retry._FIRST_DELAY_S", 0.2)
    stack.reset()
    return stack


@pytest.fixture
def proxy(fresh: Stack) -> Iterator[FaultProxy]:
    """Before the API."""
    with FaultProxy(fresh.base_url) as proxy:
        yield proxy


@pytest.fixture
def client(fresh: Stack) -> Iterator[Client]:
    """Straight to the API."""
    with Client(api_key=fresh.api_key, base_url=fresh.base_url) as client:
        yield client


@pytest.fixture
def proxied(fresh: Stack, proxy: FaultProxy) -> Iterator[Client]:
    """To the API by way of the proxy."""
    with Client(api_key=fresh.api_key, base_url=proxy.url) as client:
        yield client
