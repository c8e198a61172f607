"""Rows of this folder's tables, each with its source and grade, and the numbers that findings are made of."""

import csv
import re
from functools import cache
from pathlib import Path

import numpy as np

from counterpull.anatomy.draws import paired
from counterpull.anatomy.ensemble import Draws
from counterpull.anatomy.reading import read
from counterpull.anatomy.rows import Row
from counterpull.mechanics.coordinates import Floats
from counterpull.quantities import GRADES, Known

FOLDER = Path(__file__).parent / "tables"


def rows(name: str, *keys: str, grade: str = "grade") -> list[Row]:
    """Rows of a table of this folder, named by their `keys`; each needs its source and grade."""
    out = []
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        for fields in reader:
            label = ".".join(fields[key] for key in keys)
            row = Row(name, reader.line_num, label, {k: (v or "").strip() for k, v in fields.items()})
            row.required("source", _sources())
            row.required(grade, tuple(GRADES))
            out.append(row)
    return out


def known(name: str) -> Known:
    """A number of findings.csv ("tight.mild") with its papers.

    >>> known("tight.mild").value
    0.06
    """
    return _known()[name]


def standard(draws: Draws, key: str) -> Floats:
    """Standard-normal scores (n,) of what a key names; 0 in the mean body."""
    n = len(draws.variant)
    return paired(draws.seed, "finding", key, n=n) if draws.seed >= 0 else np.zeros(n)


@cache
def _known() -> dict[str, Known]:
    return {row.name: row.known(row.name) for row in rows("findings.csv", "finding", "quantity")}


@cache
def _sources() -> tuple[str, ...]:
    """Keys of the sources of this folder and of the anatomy."""
    own = re.findall(r"^@\w+\{([^,\s]+),", (FOLDER / "sources.bib").read_text(encoding="utf-8"), re.MULTILINE)
    return (*own, *sorted(read().sources))
