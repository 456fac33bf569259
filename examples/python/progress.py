"""Watch a generation. Ctrl-C also cancels it at the gateway."""

import one_line_errors  # noqa: F401
from visgate_sdk import Client

with Client() as client:
    request = client.videos.generate(model="fal-ai/veo3.1/fast", prompt="a city waking up", wait=False)
    result = request.wait(on_progress=lambda status: print(status.status, status.progress), cancel_on_abort=True)
    print(result.video_url)
