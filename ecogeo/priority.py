"""Work that gives way: what runs in a process beside a server must not slow down what people wait for."""

from __future__ import annotations

import os
import sys

_STEPS = 5
_BELOW_NORMAL = 0x00004000


def give_way() -> None:
    """Have this process take what others leave of the processors, where the system knows such a thing."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  there alone

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_STEPS)
