"""Fields of a case file: what may stand in them, and one sentence for each way in which it does not."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from counterpull.quantities import InputError, nearest, or_list, parse, text

MOST_LETTERS = 200
"""Longest name; what is longer is not a name, and looking for its like would take long."""

Table = Mapping[str, Any]


def shown(value: object) -> str:
    """A value as it is quoted in a message: one printable line, and short.

    >>> shown("tight\\nhip")
    'tight hip'
    """
    line = printable(value[:MOST_LETTERS] if isinstance(value, str) else str(value)[:MOST_LETTERS])
    return line if len(line) <= 60 else line[:57] + "..."


def shown_path(path: Path | str) -> str:
    """A path as it is quoted in a message: one printable line, its end where it is long."""
    line = printable(str(path))
    return line if len(line) <= MOST_LETTERS else "..." + line[3 - MOST_LETTERS :]


def printable(text: str) -> str:
    """Text on one line, with a blank for whatever a terminal would not print."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def table(value: object, where: str, example: str) -> Table:
    """A table; `example` shows its first line."""
    if not isinstance(value, dict):
        raise InputError(f'{where}: "{shown(value)}" is not a table; write it as in {example}.')
    return value


def only(given: Table, known: Iterable[str], where: str) -> None:
    """Refuse a key that nobody knows, with the nearest."""
    known = list(known)
    for key in given:
        if key not in known:
            raise InputError(f'{where}: there is no key "{shown(key)}"; {hint(key, known)}')


def hint(asked: str, known: Iterable[str]) -> str:
    """What to try instead of a name that nobody knows, up to the end of the sentence.

    >>> hint("hieght", ["height", "mass"])
    'did you mean height?'
    """
    known = list(known)
    near = nearest(asked, known) if len(asked) <= MOST_LETTERS else []
    return f"did you mean {or_list(near)}?" if near else f"use {or_list(known)}."


def words(value: object, where: str, example: str) -> str:
    """A name: text, not empty, not long."""
    if not isinstance(value, str):
        raise InputError(f'{where}: "{shown(value)}" is not text; write it in quotes, as in "{example}".')
    if not value.strip():
        raise InputError(f'{where}: nothing is written here; write it as in "{example}".')
    if len(value) > MOST_LETTERS:
        raise InputError(
            f'{where}: "{shown(value)}" has {len(value)} letters; at most {MOST_LETTERS} make a name.'
        )
    return value.strip()


def one_of(value: object, allowed: tuple[Any, ...], where: str) -> Any:
    """One of a few words or whole numbers."""
    for one in allowed:
        if type(value) is type(one) and value == one:
            return one
    names = [str(one) for one in allowed]
    raise InputError(f'{where}: "{shown(value)}" is not known; {hint(str(shown(value)), names)}')


def yes_no(value: object, where: str) -> bool:
    """true or false; "yes" and "no" in quotes are the same."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("yes", "no"):
        return value.strip().lower() == "yes"
    raise InputError(f'{where}: "{shown(value)}" is neither yes nor no; write true or false, without quotes.')


def quantity(value: object, dimension: str, where: str, example: str) -> float:
    """A number with its unit as text, in SI; a share needs its %, so that "8" is never 800 %."""
    number = parse(value, dimension, where, example)  # type: ignore[arg-type]  # refuses what is not text
    if dimension == "fraction" and "%" not in str(value):
        raise InputError(f'{where}: "{shown(value)}" has no unit; write it as in "{example}".')
    return number


def within(number: float, low: float, high: float, dimension: str, where: str, written: object) -> float:
    """The number, if it lies between `low` and `high` (SI)."""
    rounding = 1e-9 * max(abs(low), abs(high))
    if not low - rounding <= number <= high + rounding:
        span = f"{text(low, dimension)} to {text(high, dimension)}"
        raise InputError(f'{where}: "{shown(written)}" is outside {span}; check the number and its unit.')
    return number
