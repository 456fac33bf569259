"""Submit a request, do something else, and wait for it later."""

import one_line_errors  # noqa: F401
import asyncio

from visgate_sdk import AsyncClient


async def main() -> None:
    async with AsyncClient() as client:
        request = await client.videos.generate(model="fal-ai/veo3.1/fast", prompt="a bird flying", wait=False)
        result = await request.wait(on_progress=lambda status: print(status.status, status.progress))
        print(result.video_url)


asyncio.run(main())
