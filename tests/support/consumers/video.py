"""A user's first programs in Python: a video and its status, and one by asyncio. Also what their type checker sees."""

import asyncio
import json
import sys
from datetime import datetime

import visgate_sdk
from visgate_sdk import VIDEO_MODEL_PRESETS, AsyncClient, Client, RequestStatus, VideoResult


async def make_by_asyncio(prompt: str) -> str:
    async with AsyncClient() as client:
        result: VideoResult = await client.videos.generate(model=VIDEO_MODEL_PRESETS["fal"], prompt=prompt)
        return result.video_url


def main(prompt: str, prompt_of_asyncio: str) -> None:
    with Client() as client:
        result: VideoResult = client.videos.generate(model=VIDEO_MODEL_PRESETS["fal"], prompt=prompt)
        status: RequestStatus = client.requests.get(result.id)
    created_at: datetime = result.created_at
    cost: float = result.cost
    told = {"file": visgate_sdk.__file__, "status": status.status, "urls": [result.video_url, status.output_url]}
    told["asyncio_url"] = asyncio.run(make_by_asyncio(prompt_of_asyncio))
    print(json.dumps({**told, "python": sys.version, "zone": str(created_at.tzinfo), "cost": cost}))


main(*sys.argv[1:])
