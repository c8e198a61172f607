"""Ids of the activities, for whoever only has to know whether there is such an activity.

Settings start JAX, so only the first column of the table is read here.
"""

import csv
import re
from functools import cache
from pathlib import Path

from counterpull.anatomy.posture import SIDES, mirror_name
from counterpull.quantities import InputError
from counterpull.scenarios.fields import MOST_LETTERS, hint, shown

FOLDER = Path(__file__).parent / "tables"


def activity_id(name: str) -> str:
    """The id of the activity of this name. A one-sided activity named without its side is the right one.

    Raises InputError with near misses.

    >>> activity_id("single leg standing")
    'single_leg_standing_right'
    """
    known = activity_ids()
    key = "_".join(re.split(r"[\s_-]+", name.strip().lower()[:MOST_LETTERS]))
    for side in SIDES:
        if key.startswith(f"{side}_"):
            key = f"{key.removeprefix(f'{side}_')}_{side}"
    for written in (key, f"{key}_right"):
        if written in known:
            return written
    raise InputError(f'activity: there is no activity "{shown(name)}"; {hint(key, known)}')


@cache
def activity_ids() -> tuple[str, ...]:
    """Every id, both sides."""
    with (FOLDER / "activities.csv").open(encoding="utf-8", newline="") as stream:
        ids = [row["activity"] for row in csv.DictReader(stream)]
    return tuple(dict.fromkeys(name for one in ids for name in (one, mirror_name(one))))
