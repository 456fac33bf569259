"""The same call for several providers: only the model changes."""

import one_line_errors  # noqa: F401
from visgate_sdk import Client

with Client() as client:
    for model in ("fal-ai/veo3.1/fast", "replicate/google/veo-3.1-fast"):
        result = client.videos.generate(model, "a sunset")
        print(result.provider, result.cost, result.video_url)
