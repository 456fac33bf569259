"""Prints an error of the SDK or of the system that nobody caught as one line, without a traceback."""

import sys

from visgate_sdk import VisgateError


def show(kind, error, traceback):
    if isinstance(error, (VisgateError, OSError)):
        print(f"{kind.__name__}: {error}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, traceback)


sys.excepthook = show
