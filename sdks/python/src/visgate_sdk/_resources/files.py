"""``client.files``: files that generations start from."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Union

from .._async_driver import AsyncDriver
from .._calls import fetch
from .._effects import Call
from .._sync_driver import SyncDriver
from ..types import UploadedFile

File = Union[bytes, bytearray, "os.PathLike[str]", str]


class Files:
    """Files that generations start from."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def upload(self, file: File) -> UploadedFile:
        """Uploads an image, a video or a sound of at most 100 MB (images: 32 MB).

        ``file``: its bytes, or its path. The ``url`` of the answer is an ``image_url``, ``video_url``, ``audio_url`` or an
        entry of ``image_urls`` of later calls, until ``expires_at``. Raises ValidationError for a type of file that the
        gateway does not take, and OSError for a path that cannot be read.
        """
        return self._driver.run(fetch(self._driver.config, UploadedFile, _upload(file)))


class AsyncFiles:
    """As Files, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def upload(self, file: File) -> UploadedFile:
        """Uploads an image, a video or a sound, given as its bytes or its path: see ``Files.upload``."""
        return await self._driver.run(fetch(self._driver.config, UploadedFile, _upload(file)))


def _upload(file: File) -> Call:
    content = bytes(file) if isinstance(file, (bytes, bytearray)) else Path(file).read_bytes()
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'.encode()
    body = b"".join([head, content, f"\r\n--{boundary}--\r\n".encode()])
    return Call("POST", "/files", body=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
