"""Compiled once: JAX functions whose machine code is kept on disk, so that a new process neither traces nor compiles.

Where the command has named a folder (FOLDER), finished code lies in it, keyed by our sources, the versions of
JAX, the processor, the static arguments and the shapes. Otherwise, inside other JAX functions, and where JAX keeps
a cache of its own (code that comes out of it cannot be kept again), `kept` is `jax.jit`.
"""

import hashlib
import os
import pickle
import threading
from collections.abc import Callable, Hashable
from functools import cache, update_wrapper
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

FOLDER = "COUNTERPULL_CODE"
"""Environment variable that names the folder."""
_MOST_FILES = 60
"""About 1 MB each."""
_FLOORS = ("", "anatomy", "numerics", "mechanics")
"""Whose sources the code is made from, besides the function's own file."""


def kept(function: Callable[..., Any], static: tuple[int, ...] = ()) -> "Kept":
    """`jax.jit` with a longer memory; `static` are positions of hashable arguments that are compiled in.

    >>> import jax.numpy as jnp
    >>> float(kept(lambda x, n: x * n, static=(1,))(jnp.ones(()), 3))
    3.0
    """
    return Kept(function, static)


class Kept:
    """A function whose code is kept."""

    def __init__(self, function: Callable[..., Any], static: tuple[int, ...]) -> None:
        """Nothing is compiled yet."""
        update_wrapper(self, function)
        self.function, self.static = function, static
        self.jitted = jax.jit(function, static_argnums=static)
        self.ready: dict[Hashable, Callable[..., Any]] = {}
        self.lock = threading.Lock()

    def __call__(self, *args: Any) -> Any:
        """The function of these arguments."""
        found = self.prepare(*args)
        return self.jitted(*args) if found is None else found[0](*found[1])

    def prepare(self, *args: Any) -> tuple[Callable[..., Any], list[Any]] | None:
        """Compile (or load) for such arguments and do not run: another thread may do it beforehand.

        The code and the leaves of the arguments; None where code is not kept.
        """
        fixed = tuple(args[i] for i in self.static)
        leaves, tree = jax.tree.flatten([a for i, a in enumerate(args) if i not in self.static])
        leaves = [leaf if hasattr(leaf, "shape") else np.asarray(leaf) for leaf in leaves]
        folder = _folder()
        if folder is None or any(isinstance(leaf, Tracer) for leaf in leaves):
            return None
        shapes = tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)
        key = (fixed, tree, shapes, str(jax.dtypes.canonicalize_dtype(np.float64)))
        with self.lock:
            if key not in self.ready:
                code = self.function.__code__
                source = Path(code.co_filename)
                if not source.exists():
                    return None  # typed at a prompt
                own = code.co_qualname, source.read_text(encoding="utf-8")
                said = pickle.dumps((own, [_digest(each) for each in fixed], str(tree), shapes, key[3]))
                file = folder / f"{_digest_of(_here() + said)}.xla"
                self.ready[key] = _loaded(file) or _made(
                    file, self.function, self.static, fixed, tree, args, leaves
                )
        return self.ready[key], leaves


def _made(
    file: Path,
    function: Callable[..., Any],
    static: tuple[int, ...],
    fixed: tuple,
    tree: Any,
    args: tuple,
    leaves: list,
) -> Callable[..., Any]:
    """Compile for flat arguments, and keep it."""
    from jax.experimental import serialize_executable

    out_tree: list[Any] = []

    def flat(*given: Any) -> list[Any]:
        rest = iter(jax.tree.unflatten(tree, given))
        fixed_at = dict(zip(static, fixed, strict=True))
        every = [fixed_at[i] if i in fixed_at else next(rest) for i in range(len(args))]
        values, structure = jax.tree.flatten(function(*every))
        out_tree.append(structure)
        return values

    program = jax.jit(flat).lower(*leaves).compile()
    like = jax.tree.unflatten(out_tree[0], range(out_tree[0].num_leaves))
    code, _, _ = serialize_executable.serialize(program)
    aside = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(pickle.dumps((code, like, len(leaves))))
        aside.replace(file)
        _tidied(file.parent)
    except OSError:
        pass  # a full or read-only disk only costs the next process its time
    return lambda *given: jax.tree.unflatten(out_tree[0], program(*given))


def _tidied(folder: Path) -> None:
    """Keep the code that was used last, and forget that of earlier versions."""
    every = sorted(folder.glob("*.xla"), key=lambda file: file.stat().st_mtime)
    for file in every[:-_MOST_FILES]:
        file.unlink(missing_ok=True)


def _loaded(file: Path) -> Callable[..., Any] | None:
    """What an earlier process compiled, or None."""
    from jax.experimental import serialize_executable

    if not file.exists():
        return None
    _prepare()
    try:
        code, like, count = pickle.loads(file.read_bytes())
        os.utime(file)
        structure = jax.tree.structure(like)
        _, into = jax.tree.flatten((tuple(range(count)), {}))
        out = jax.tree.structure(list(range(structure.num_leaves)))
        program = serialize_executable.deserialize_and_load(code, into, out)
    except Exception:  # torn, or of another make: compile again
        return None
    return lambda *given: jax.tree.unflatten(structure, program(*given))


@cache
def _prepare() -> None:
    """Loaded code calls LAPACK, whose addresses JAX otherwise learns when it lowers a function."""
    from jaxlib import lapack

    lapack.prepare_lapack_call("gesv", np.dtype(np.float64))


def _folder() -> Path | None:
    """Where to keep code; only for processors."""
    place = os.environ.get(FOLDER)
    if not place or jax.config.values["jax_compilation_cache_dir"] or jax.default_backend() != "cpu":
        return None
    return Path(place)


@cache
def _here() -> bytes:
    """What the code depends on besides the call: our sources, JAX, the processor."""
    root = Path(__file__).parent
    parts = [version("jax"), version("jaxlib"), _processor()]
    for floor in _FLOORS:
        parts += [path.read_text(encoding="utf-8") for path in sorted((root / floor).glob("*.py"))]
    return _digest_of("\0".join(parts).encode()).encode()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        import platform

        return f"{platform.machine()} {platform.processor()}"
    return "".join(sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))}))


@cache
def _digest(static: Hashable) -> str:
    return _digest_of(pickle.dumps(static))


def _digest_of(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=20).hexdigest()
