"""What ends a command of the command line before its work is done."""

from __future__ import annotations


class Failure(Exception):
    """`message` says what is wrong and `mend` what to do; both go to stderr. `code` is the exit code.

    1: the work could not be done. 2: the command or a setting was given wrong.
    """

    def __init__(self, message: str, mend: str = "", code: int = 1) -> None:
        super().__init__(message)
        self.mend = mend
        self.code = code
