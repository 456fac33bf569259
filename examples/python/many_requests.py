"""Makes a call again, and acts on all requests that a filter matches, after counting them."""

import one_line_errors  # noqa: F401
from visgate_sdk import BulkFilter, Client

with Client() as client:
    first = client.videos.generate(
        model="fal-ai/veo3.1/fast", prompt="a harbor at dusk", metadata={"example": "many_requests"}
    )
    again = client.requests.again(first.id)
    second = again.wait()
    print(second.output_url, second.request_id)

    for request in client.requests.list(status="completed", text="harbor at dusk"):
        print(request.request_id, request.input.prompt if request.input else "")

    ended: BulkFilter = {"status": ["completed", "failed"], "created_before": first.created_at, "text": "harbor"}
    counted = client.requests.bulk("delete", ended, dry_run=True)
    deleted = client.requests.bulk("delete", ended, expected_count=counted.matched)
    print(counted.matched, deleted.done, deleted.failed)
