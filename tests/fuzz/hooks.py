"""What Schemathesis cannot know of this API: how long calls wait, and which parts of a body belong together."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode

MAX_WAIT_SECONDS = 1
GENERATIONS = {"generateVideo", "generateImages", "generateQuickImage"}
# Models that take a call with nothing but a prompt.
PLAIN_MODELS = {"generateVideo": "fal-ai/veo3", "generateImages": "fal-ai/flux/schnell"}


@schemathesis.hook
def before_call(context: Any, case: Case, kwargs: dict[str, Any]) -> None:
    shorten_waits(case)


def shorten_waits(case: Case) -> None:
    """A call that waits a minute as asked would say no more than one that waits a second."""
    wait = (case.query or {}).get("wait")
    if isinstance(wait, (int, float)) and wait > MAX_WAIT_SECONDS:
        case.query["wait"] = MAX_WAIT_SECONDS
