"""The shortest example."""

import one_line_errors  # noqa: F401
from visgate_sdk import Client

with Client() as client:
    result = client.videos.generate(model="fal-ai/veo3.1/fast", prompt="waves crashing on a beach")
    print(result.video_url, result.cost)
