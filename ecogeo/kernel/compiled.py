"""How the kernel's inner loops are compiled, in one place.

Compiled code is kept on disk. Numba looks for changes in a function's own file alone, but functions here are compiled
into one another, so the code is kept in a folder named by a digest of all their sources: a change in any starts a new
one. Another room that compiles its loops with `compiled` has such a folder of its own.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numba.np.linalg
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

F = TypeVar("F", bound=Callable[..., Any])


def _wake_numba() -> None:
    """Have numba load what any compiled loop needs, without SciPy's linear algebra.

    Numba asks whether there is a BLAS when it wakes up, by importing SciPy's: two tenths of a second at every start. It
    is there, since SciPy is required, and asked for again by a loop that multiplies matrices; none here does.
    """
    linalg: Any = numba.np.linalg
    asks = linalg.ensure_blas
    linalg.ensure_blas = lambda: None
    try:
        importlib.import_module("numba.np.arraymath")  # this is the one that asks
    finally:
        linalg.ensure_blas = asks


_wake_numba()


@functools.cache
def _kept_in(folder: Path) -> str:
    """Return where a folder's compiled code is kept: nothing (numba's choice) if it cannot be written to."""
    kernel = Path(__file__).parent
    sources = [kernel.parent / "cgcs2000.py", *sorted({*kernel.glob("*.py"), *folder.glob("*.py")})]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    return str(folder / "__pycache__" / digest) if os.access(folder, os.W_OK) else ""


def lean(function: F) -> F:
    """Compile a function that makes no array, and count no references to the arrays it is given; see `compiled`.

    Its callers hold them. Counting is a locked instruction for each array named in a loop, a third of a walk's time.
    """
    return _compiled(function, _nrt=False)


def compiled(function: F) -> F:
    """Compile a function over arrays: kept on disk after the first run, and free of the interpreter's lock.

    Parameters
    ----------
    function
        Plain loops over numbers and arrays. Floating arithmetic is done as written: nothing is reordered, so the same
        input gives the same bits on any number of threads.
    """
    return _compiled(function)


def _compiled(function: F, **options: bool) -> F:
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    kept_in = before or _kept_in(Path(function.__code__.co_filename).parent)
    numba.config.CACHE_DIR = kept_in  # type: ignore[attr-defined]
    try:
        jit = numba.njit(cache=True, nogil=True, error_model="numpy", **options)  # type: ignore[call-overload]
        return cast(F, jit(function))
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
