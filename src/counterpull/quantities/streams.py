"""Reproducible chance: each row has its own random stream, keyed by what it is and not by where it stands.

Adding a row changes no other row's draws, and the first 32 of 256 draws are the draws of n = 32.
The generator is Philox (Salmon et al. 2011, doi:10.1145/2063384.2063405), which takes its key directly.
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


def normals(seed: int, *key: str, n: int) -> NDArray[np.float64]:
    """`n` standard-normal numbers of the stream named by `seed` and `key`, shape (n,).

    >>> bool((normals(7, "row", "iliacus.pcsa", n=32) == normals(7, "row", "iliacus.pcsa", n=256)[:32]).all())
    True
    """
    name = "\x1f".join((str(int(seed)), *key)).encode()
    digest = int.from_bytes(blake2b(name, digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=digest)).standard_normal(n)
