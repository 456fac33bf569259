"""Usage, budgets, quotes and receipts. Amounts are in USD."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Dict, List, Optional

from .account import Organization


@dataclass(frozen=True)
class UsageSummary:
    """The usage of a period. ``by_provider`` and ``by_model`` count requests.

    ``total_provider_cost`` is what providers billed; ``total_billed_cost`` is the part that they billed to the server's
    own keys. ``total_savings`` is what cached outputs cost when they were made.
    """

    period: str
    period_start: datetime.datetime
    period_end: datetime.datetime
    total_requests: int
    successful_requests: int
    failed_requests: int
    cached_requests: int
    total_provider_cost: float
    total_billed_cost: float
    total_savings: float
    by_provider: Dict[str, int]
    by_model: Dict[str, int]


@dataclass(frozen=True)
class UsageLog:
    """A request with its cost."""

    id: str
    model: str
    provider: str
    media_type: str
    mode: str
    status: str
    cost: float
    cache_hit: bool
    created_at: datetime.datetime
    api_key_id: str
    latency_ms: Optional[int] = None


@dataclass(frozen=True)
class DashboardDay:
    """One day of a dashboard."""

    date: datetime.date
    generations: int
    failed: int
    cached: int
    cost_usd: float


@dataclass(frozen=True)
class Dashboard:
    """Key figures of a period. Rates are from 0 to 1, or None while there are no requests.

    ``p50_latency_ms`` is the median of the requests that completed with an output of their own; exact to about 3 %.
    """

    period: str
    total_generations: int
    total_cost_usd: float
    by_day: List[DashboardDay]
    success_rate: Optional[float] = None
    cache_hit_rate: Optional[float] = None
    p50_latency_ms: Optional[float] = None


@dataclass(frozen=True)
class Budget:
    """What may be held and settled in each ``day`` or ``month``, and what is left of it until ``renews_on``.

    ``subject``: ``organization``, ``key:<id>``, ``provider:<name>``, or ``operator``, which only the operator of the
    server can change.
    """

    subject: str
    period: str
    limit_usd: float
    spent_usd: float
    left_usd: float
    renews_on: datetime.date


@dataclass(frozen=True)
class BudgetThreshold(Budget):
    """The budget of a ``budget.threshold`` event, as it was right after the event.

    ``threshold_percent``: 80, or 100 when the budget has been used up or had no room for a request.
    """

    threshold_percent: int


@dataclass(frozen=True)
class BudgetDeleted:
    """The budget that was removed."""

    subject: str
    period: str
    deleted: bool


@dataclass(frozen=True)
class BillingInfo:
    """The budget and the spend of this month.

    ``monthly_budget_usd`` is the smaller one of the operator's budget and the organization's own; None: no budget.
    ``monthly_spend_usd`` is settled; ``held_usd`` is set aside for requests that are not settled.
    """

    organization: Organization
    plan: str
    currency: str
    period_start: datetime.datetime
    period_end: datetime.datetime
    monthly_spend_usd: float
    held_usd: float
    monthly_budget_usd: Optional[float] = None
    remaining_usd: Optional[float] = None


@dataclass(frozen=True)
class QuotedBudget:
    """A budget that applies to a quoted call. ``has_room``: the call fits into what is left of it."""

    budget: str
    period: str
    limit_usd: float
    spent_usd: float
    left_usd: float
    has_room: bool


@dataclass(frozen=True)
class QuotedAlternative:
    """A model of ``fallback``. ``cost_usd``: what the call will hold if it goes on with this model."""

    model: str
    provider: str
    mode: str
    duration_seconds: Optional[float] = None
    cost_usd: Optional[float] = None


@dataclass(frozen=True)
class Quote:
    """What a generation would cost and how long it would take.

    ``cost_usd`` is what the call will hold; None when the price is not known. ``p50_latency_ms`` and ``p90_latency_ms``
    are from the organization's own ``samples`` requests of this month and the last one; ``usual_latency_ms`` is from
    the catalogue. ``would_be_accepted``: all ``budgets`` have room for it now.
    """

    model: str
    provider: str
    media_type: str
    cost_source: str
    mode: str
    samples: int
    usual_latency_ms: float
    budgets: List[QuotedBudget]
    would_be_accepted: bool
    duration_seconds: Optional[float] = None
    cost_usd: Optional[float] = None
    pricing: Optional[str] = None
    p50_latency_ms: Optional[float] = None
    p90_latency_ms: Optional[float] = None
    fallback: Optional[List[QuotedAlternative]] = None


@dataclass(frozen=True)
class ReceiptQuote:
    """What the request was estimated to cost when it was accepted; None when the price was not known."""

    cost_source: str
    cost_usd: Optional[float] = None


@dataclass(frozen=True)
class ReceiptAttempt:
    """One submit to the provider. ``outcome``: ``accepted``, ``rejected`` or ``unknown``.

    ``model`` and ``provider``: only with ``fallback``.
    """

    attempt: int
    at: datetime.datetime
    outcome: str
    provider_request_id: Optional[str] = None
    model: Optional[str] = None
    provider: Optional[str] = None


@dataclass(frozen=True)
class TriedModel:
    """A model before the one of the receipt, which cost nothing.

    ``attempts``: the numbers of its submits. ``skipped``: it had failed for others just before, so it was not tried.
    """

    model: str
    provider: str
    mode: str
    attempts: List[int]
    error_code: str
    error_message: str
    charge_state: str
    cost_usd: float
    skipped: bool
    at: datetime.datetime
    provider_request_id: Optional[str] = None


@dataclass(frozen=True)
class ReceiptSettlement:
    """What the request cost. ``cost_source`` says where the cost comes from: ``provider``, ``catalogue`` or ``caller``.

    ``units``: the units that the provider billed; None when it does not say.
    """

    cost_usd: float
    cost_source: Optional[str] = None
    units: Optional[float] = None


@dataclass(frozen=True)
class Receipt:
    """What a request was quoted, held, tried, billed and saved.

    ``day`` is the day on which it counts, in the time zone of the organization. ``held_usd`` is still set aside.
    ``settlement``: None before the charge is known. ``saved_usd`` is what the cached output cost when it was made.
    """

    request_id: str
    model: str
    provider: str
    mode: str
    simulated: bool
    status: str
    charge_state: str
    day: datetime.date
    quote: ReceiptQuote
    held_usd: float
    attempts: List[ReceiptAttempt]
    saved_usd: float
    api_key_id: Optional[str] = None
    settlement: Optional[ReceiptSettlement] = None
    tried: Optional[List[TriedModel]] = None
