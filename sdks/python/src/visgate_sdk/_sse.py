"""Server-sent events, as the HTML standard has them: pieces of text in, messages out."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import List, Optional

_BLOCK_END = re.compile(r"\r\n\r\n|\n\n|\r\r")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Message:
    """``id`` is None when the message has none."""

    event: str
    data: str
    id: Optional[str]


class SseParser:
    """Takes the bytes of a stream, cut anywhere."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""

    def feed(self, data: bytes) -> List[Message]:
        """The messages that are complete by now."""
        text = self._rest + self._decoder.decode(data)
        # A lone CR at the end may be half of a CRLF.
        usable = text[:-1] if text.endswith("\r") else text
        *blocks, last = _BLOCK_END.split(usable)
        self._rest = last + text[len(usable) :]
        return [message for message in map(_message, blocks) if message is not None]


def _message(block: str) -> Optional[Message]:
    event, data, found_id = "message", [], None
    for line in _LINE_END.split(block):
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name == "id":
            found_id = value
    return Message(event, "\n".join(data), found_id) if data else None
