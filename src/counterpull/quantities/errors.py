"""Errors are sentences: what was asked, what was got, what to try."""

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(ValueError):
    """The input is at fault. The message is a sentence for the person who wrote the input (exit code 2)."""


def nearest(asked: str, names: Iterable[str], most: int = 3) -> list[str]:
    """The names most like the one asked for, best first (at most `most`, possibly none).

    >>> nearest("iliacos", ["iliacus", "psoas major", "gracilis"])
    ['iliacus']
    """
    by_key = {name.lower(): name for name in names}
    return [by_key[key] for key in get_close_matches(asked.lower(), by_key, n=most, cutoff=0.55)]


def or_list(names: Iterable[str]) -> str:
    """Names as people list alternatives.

    >>> or_list(["deg", "rad"])
    'deg or rad'
    """
    names = list(names)
    if not names:
        return "nothing"
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
