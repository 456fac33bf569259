"""Submit a request, and read it later with its id alone."""

import one_line_errors  # noqa: F401
from visgate_sdk import Client

with Client() as client:
    request = client.videos.generate(model="fal-ai/veo3.1/fast", prompt="a bird flying over hills", wait=False)
    print(request.request_id, request.status)  # pending

    status = client.requests.get(request.request_id)  # its status now
    print(status.status, status.progress)

    status = client.requests.get(request.request_id, wait=True, timeout=300, poll_interval=2)
    print(status.status, status.output_url or status.error_message)
