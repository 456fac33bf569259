"""The same call for several providers: only the model changes."""

import one_line_errors  # noqa: F401
from visgate_sdk import VIDEO_MODEL_PRESETS, Client

with Client() as client:
    for provider in ("fal", "replicate"):
        result = client.videos.generate(VIDEO_MODEL_PRESETS[provider], "a sunset")
        print(result.provider, result.cost, result.video_url)
