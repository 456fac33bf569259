"""Server-sent events as the HTML standard defines them: bytes in, messages out."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import List, Optional

_LINE_END = re.compile(r"\r\n|\n|\r")
# No event of the gateway is nearly as long. Without a limit, an endless one would fill the memory.
_MAX_CHARACTERS = 2**20


@dataclass(frozen=True)
class Message:
    """``id`` is None when the message has no id."""

    event: str
    data: str
    id: Optional[str]


class SseParser:
    """Takes the bytes of a stream, split anywhere."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._line: List[str] = []
        self._block: List[str] = []
        self._characters = 0
        self._ended_with_cr = False

    def feed(self, data: bytes) -> List[Message]:
        """The messages that are complete by now. Raises ValueError for one that is too long."""
        text = self._decoder.decode(data)
        if not text:
            return []
        # The CR has already ended its line: an LF that follows is the second half of the same line end.
        is_second_half = self._ended_with_cr and text[0] == "\n"
        first, *others = _LINE_END.split(text[1:] if is_second_half else text)
        self._ended_with_cr = text[-1] == "\r"
        self._characters += len(text)
        self._line.append(first)
        if not others:
            return self._checked([])
        lines = ["".join(self._line), *others]
        self._line = [lines.pop()]
        messages = [message for message in map(self._end_line, lines) if message is not None]
        return self._checked(messages)

    def _checked(self, messages: List[Message]) -> List[Message]:
        if self._characters > _MAX_CHARACTERS and not messages:
            raise ValueError("the event is too long")
        return messages

    def _end_line(self, line: str) -> Optional[Message]:
        if line:
            self._block.append(line)
            return None
        block, self._block, self._characters = self._block, [], 0
        return _message(block)


def _message(block: List[str]) -> Optional[Message]:
    event, data, found_id = "message", [], None
    for line in block:
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name == "id":
            found_id = value
    return Message(event, "\n".join(data), found_id) if data else None
