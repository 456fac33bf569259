"""``Unpack``, so that ``typing.get_type_hints`` finds it at run time too, on every Python and without a dependency."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Unpack
elif sys.version_info >= (3, 11):
    from typing import Unpack
else:

    class Unpack:
        """What it holds."""

        def __class_getitem__(cls, kind: Any) -> Any:
            return kind


__all__ = ["Unpack"]
