"""The health of the gateway and of its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Dict, List, Optional


@dataclass(frozen=True)
class Health:
    """``status`` is ``ok`` or ``degraded``, and then ``reason`` says why; ``queues`` counts jobs by queue and state."""

    status: str
    version: str
    database: str
    cache: str
    queues: Dict[str, Dict[str, int]] = field(default_factory=dict)
    reason: Optional[str] = None


@dataclass(frozen=True)
class RedisSettings:
    """Redis's own values of ``appendonly``, ``appendfsync`` and ``maxmemory-policy``."""

    append_only: str
    append_fsync: str
    eviction_policy: str


@dataclass(frozen=True)
class RedisDiagnostics:
    """``safe``: these settings lose no accepted request. ``message`` says what a 202 means, or what to change."""

    safe: bool
    message: str
    version: Optional[str] = None
    settings: Optional[RedisSettings] = None
    clock_ahead_ms: Optional[int] = None
    """Redis's clock minus the gateway's, in milliseconds; None when Redis did not answer."""


@dataclass(frozen=True)
class ProviderDiagnostics:
    """``simulated``: the simulator replaces the provider; outputs are not real and cost nothing."""

    provider: str
    configured: bool
    simulated: bool


@dataclass(frozen=True)
class WorkerProcess:
    """A worker process that is alive. ``in_flight``: steps and deliveries that it runs now.

    ``shards``: of its queues, only when a queue has several.
    """

    id: str
    host: str
    version: str
    started_at: datetime
    queues: List[str]
    in_flight: int
    shards: Optional[List[str]] = None


@dataclass(frozen=True)
class Diagnostics:
    """The configuration of the gateway and the health of its parts.

    ``queues``: jobs by state, ``workers``, and ``oldest_due_age_ms``, how long the sleeping job that is overdue longest
    has been due. ``workers``: the worker processes, the oldest first.
    """

    version: str
    time: datetime
    accepting: bool
    redis: RedisDiagnostics
    queues: Dict[str, Dict[str, Optional[int]]]
    providers: List[ProviderDiagnostics]
    workers: List[WorkerProcess] = field(default_factory=list)
