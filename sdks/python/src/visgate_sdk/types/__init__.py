"""The answers of the API as dataclasses.

Times are timezone-aware. Days are dates in the time zone of the organization. Costs are in USD, or in 1e-6 USD when the
name ends with ``micro``.
"""

from __future__ import annotations

from .account import (
    ApiKey,
    ApiKeyDeleted,
    Balance,
    CallingKey,
    Identity,
    KeyValidation,
    Organization,
    ProviderKey,
)
from .diagnostics import (
    Diagnostics,
    Health,
    ProviderDiagnostics,
    RedisDiagnostics,
    RedisSettings,
)
from .events import (
    Delivery,
    DeliveryAttempt,
    FeedEvent,
    FeedPage,
    Redelivering,
    WebhookEndpoint,
    WebhookEndpointDeleted,
    WebhookEvent,
)
from .models import (
    FeaturedModels,
    Model,
    ModelLimits,
    ModelList,
    Price,
    PriceRule,
)
from .money import (
    BillingInfo,
    Budget,
    BudgetDeleted,
    BudgetThreshold,
    Dashboard,
    DashboardDay,
    Quote,
    QuotedBudget,
    Receipt,
    ReceiptAttempt,
    ReceiptQuote,
    ReceiptSettlement,
    UsageLog,
    UsageSummary,
)
from .requests import (
    CancelAnswer,
    DeleteAnswer,
    ImageResult,
    QuickImageResult,
    Resolution,
    Step,
    TimelineEntry,
    VideoResult,
)
from .status import RequestStatus

__all__ = [
    "ApiKey",
    "ApiKeyDeleted",
    "Balance",
    "BillingInfo",
    "Budget",
    "BudgetDeleted",
    "BudgetThreshold",
    "CallingKey",
    "CancelAnswer",
    "Dashboard",
    "DashboardDay",
    "DeleteAnswer",
    "Delivery",
    "DeliveryAttempt",
    "Diagnostics",
    "FeaturedModels",
    "FeedEvent",
    "FeedPage",
    "Health",
    "Identity",
    "ImageResult",
    "KeyValidation",
    "Model",
    "ModelLimits",
    "ModelList",
    "Organization",
    "Price",
    "PriceRule",
    "ProviderDiagnostics",
    "ProviderKey",
    "QuickImageResult",
    "Quote",
    "QuotedBudget",
    "Receipt",
    "ReceiptAttempt",
    "ReceiptQuote",
    "ReceiptSettlement",
    "Redelivering",
    "RedisDiagnostics",
    "RedisSettings",
    "RequestStatus",
    "Resolution",
    "Step",
    "TimelineEntry",
    "UsageLog",
    "UsageSummary",
    "VideoResult",
    "WebhookEndpoint",
    "WebhookEndpointDeleted",
    "WebhookEvent",
]
