"""Draws balanced on the processor: what `balancing` does with JAX, by code that numba compiles.

The laws of JAX are the definition; here they stand once more in loops (tests compare the two in every mode to 1e-9).
Compiling takes half a minute, so the set-up does it:

    python -m counterpull.mechanics.kernel

Where nobody has, JAX does all.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from counterpull.mechanics.asked import Asked, Found, usual
from counterpull.mechanics.model import Model

_PIECE = 16
"""Draws that one thread takes at a time: what takes long is shared."""
_SOURCES = (
    ("laws", "muscle", "asked", "coordinates", "yardsticks", "kernel/*"),
    ("problem", "tolerances"),
)
"""Of mechanics and numerics: what the code is made from."""


def balanced(
    model: Model, asked: Asked, rows: np.ndarray, protection: float = 0.0, settle: bool = False
) -> Found:
    """Balance some draws, each as asked in the same order, on all cores; see `balancing.balanced`."""
    from counterpull.mechanics.kernel import packing
    from counterpull.mechanics.kernel.draws import balance_draws

    rows = np.asarray(rows, np.int64)
    given, wanted = packing.given(model, protection), packing.wanted(asked, settle)
    out = packing.empty(model, asked)

    # Draws of one geometry come one after the other: what muscles pull at is sorted out once.
    turns = np.argsort(given.variant[rows], kind="stable")
    pieces = [turns[first : first + _PIECE] for first in range(0, len(rows), _PIECE)]
    list(_threads().map(lambda some: balance_draws(given, wanted, rows, some, out), pieces))
    return packing.found(model, out)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count())


if hasattr(os, "register_at_fork"):  # a child has none of the threads
    os.register_at_fork(after_in_child=_threads.cache_clear)


@cache
def ready() -> bool:
    """Whether the code is there, made from these very sources for this processor."""
    try:
        return _mark().exists()
    except RuntimeError:  # numba finds no folder that it may write to
        return False


def compile(model: Model) -> None:
    """Compile for any model, by balancing one; what older sources have left is removed."""
    mark = _mark()
    for old in mark.parent.glob("*balance_draws*"):
        old.unlink()
    rows = np.arange(1)
    balanced(model, usual(model, rows), rows)
    mark.touch()
    ready.cache_clear()


def _mark() -> Path:
    """A file that stands beside the code."""
    import numba
    from llvmlite.binding import get_host_cpu_name

    from counterpull.mechanics.kernel.draws import balance_draws

    here = Path(__file__).parents[1]
    sources = [
        file
        for floor, names in zip((here, here.parent / "numerics"), _SOURCES, strict=True)
        for name in names
        for file in sorted(floor.glob(f"{name}.py"))
    ]
    made_from = [
        f"{numba.__version__} {get_host_cpu_name()}".encode(),
        *(file.read_bytes() for file in sources),
    ]
    digest = hashlib.blake2b(b"\0".join(made_from), digest_size=8).hexdigest()
    return Path(balance_draws.stats.cache_path) / f"balance_draws-{digest}.made"  # pyright: ignore
