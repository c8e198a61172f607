"""Compute the rows and judge them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from counterpull.evidence.literature import Published, chosen, published
from counterpull.evidence.people import MEASURES, People
from counterpull.evidence.verdict import Ours, ours, verdict
from counterpull.quantities import InputError

DRAWS = 64
MOST_DRAWS = 1024
ROOMS = ("specimens", "postures", "loads", "closure", "effort", "strength", "pel2008")
"""Where rows are computed."""


@dataclass(frozen=True)
class Result:
    """A row, what we found, and the verdict."""

    row: Published
    ours: Ours
    verdict: str


def validate(
    ids: Iterable[str] = (),
    draws: int = DRAWS,
    seed: int = 2026,
    say: Callable[[int, int, str], object] | None = None,
) -> list[Result]:
    """Compute rows of the table (all of them if none is named) over so many draws of each body.

    `say` hears how many rows are done, how many there are, and which comes next. Raises InputError for an unknown row
    and for draws outside 2 to 1024.

    >>> validate(["thomas_angel"])
    Traceback (most recent call last):
    counterpull.quantities.errors.InputError: validate: there is no row "thomas_angel"; did you mean thomas_angle?
    """
    names = chosen(ids)
    if not 2 <= draws <= MOST_DRAWS:
        raise InputError(f"validate: {draws} draws were asked for; use 2 to {MOST_DRAWS}, 64 are usual.")
    for room in ROOMS:
        import_module(f"counterpull.evidence.{room}")
    people, out = People(draws, seed), []
    for i, name in enumerate(names):
        if say:
            say(i, len(names), name)
        row = published()[name]
        found = ours(row, MEASURES[name](people))
        out.append(Result(row, found, verdict(row, found)))
    return out
