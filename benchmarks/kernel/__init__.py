"""An experiment in speed: `mechanics.balancing` again, in numba, one draw at a time.

`python -m benchmarks.kernel` compares it with the definition in JAX: the same answers, and how many times as fast. It
is not used by the library yet: see docs/decisions/0018.
"""
