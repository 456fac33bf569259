"""``Unpack`` for every Python version: ``typing.get_type_hints`` needs it at run time as well."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Unpack
elif sys.version_info >= (3, 11):
    from typing import Unpack
else:

    class Unpack:
        """``Unpack[Kind]`` is ``Kind`` at run time."""

        def __class_getitem__(cls, kind: Any) -> Any:
            return kind


__all__ = ["Unpack"]
