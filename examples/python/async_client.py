"""The client for asyncio."""

import one_line_errors  # noqa: F401
import asyncio

from visgate_sdk import AsyncClient


async def main():
    async with AsyncClient() as client:
        result = await client.videos.generate(
            model="fal-ai/veo3.1/fast",
            prompt="a bird flying",
            duration_seconds=6.0,
        )
        print(result.video_url)


asyncio.run(main())
