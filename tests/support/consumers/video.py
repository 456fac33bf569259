"""A user's first program in Python: a video and its status. Also what their type checker sees."""

import json
import sys
from datetime import datetime

import visgate_sdk
from visgate_sdk import VIDEO_MODEL_PRESETS, Client, RequestStatus, VideoResult


def main(prompt: str) -> None:
    with Client() as client:
        result: VideoResult = client.videos.generate(model=VIDEO_MODEL_PRESETS["fal"], prompt=prompt)
        status: RequestStatus = client.requests.get(result.id)
    created_at: datetime = result.created_at
    cost: float = result.cost
    told = {"file": visgate_sdk.__file__, "status": status.status, "urls": [result.video_url, status.output_url]}
    print(json.dumps({**told, "python": sys.version, "zone": str(created_at.tzinfo), "cost": cost}))


main(sys.argv[1])
