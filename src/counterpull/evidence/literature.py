"""What was published, row by row: value, spread, set-up, source, and how it was read.

The tables are plain text; reading them starts no JAX. `value` and `spread` stay in the unit of the source.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from counterpull.anatomy.rows import Row
from counterpull.quantities import InputError, nearest, or_list

FOLDER = Path(__file__).parent / "tables"
KINDS = {
    "number": "a value with a spread",
    "sign": "a direction; a value beside it has no spread",
    "shown": "a value that ours is shown beside, without a verdict",
}
SPREADS = {
    "sd": "standard deviation between persons or specimens",
    "range": "a quarter of the range, or half of the way from the mean to the most",
    "precision": "half of the error of the method; no deviation between persons is printed",
    "extent": "a quarter of the height of what is named",
}
SEEN = ("abstract", "table", "text", "secondary", "memory")
FITTED = {"yes": True, "no": False}


@dataclass(frozen=True, kw_only=True)
class Published:
    """One row of the validation: what was measured, how, and what it came to."""

    id: str
    source: str
    """Key in sources.bib."""
    locator: str
    seen: str
    """How it was read: one of SEEN."""
    setup: str
    quantity: str
    unit: str
    kind: str
    value: float | None
    spread: float | None
    spread_kind: str
    sign: int
    """Of the quantity, +1 or -1, for a row of kind "sign"; else 0."""
    fitted: bool
    population: str
    why: str
    """Why ours differs, where it does."""

    @property
    def band(self) -> tuple[float, float] | None:
        """Published value ± 2 spreads; None without a spread."""
        if self.value is None or self.spread is None:
            return None
        return self.value - 2 * self.spread, self.value + 2 * self.spread


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What should stand in the table and does not."""

    what: str
    source: str
    why: str


@cache
def published() -> dict[str, Published]:
    """Every row, by id, in the order of the table.

    >>> row = published()["tani_women"]
    >>> row.value, row.spread, row.unit
    (-1.7, 0.8, 'deg')
    """
    return {row.name: _published(row) for row in _rows("rows.csv", "row")}


@cache
def missing() -> tuple[Missing, ...]:
    """What is not compared, and why not."""
    return tuple(
        Missing(what=row.required("what"), source=row["source"], why=row.required("why"))
        for row in _rows("missing.csv", "what")
    )


@cache
def sources() -> dict[str, str]:
    """Each source of the tables in a line: authors, year, title, where."""
    text = (FOLDER / "sources.bib").read_text(encoding="utf-8")
    return {
        key: _cited(key, body) for key, body in re.findall(r"^@\w+\{([^,\s]+),\n(.*?)^\}", text, re.M | re.S)
    }


def chosen(ids: Iterable[str]) -> list[str]:
    """Ids of rows, checked: all of them if none is named. Raises InputError with near misses."""
    known = published()
    for name in ids:
        if name not in known:
            near = nearest(name, known)
            hint = (
                f"did you mean {or_list(near)}?" if near else "`counterpull validate --list` names them all."
            )
            raise InputError(f'validate: there is no row "{name}"; {hint}')
    return list(dict.fromkeys(ids)) or list(known)


def _published(row: Row) -> Published:
    kind = row.required("kind", tuple(KINDS))
    value, spread = (row.plain(field) if row[field].strip() else None for field in ("value", "spread"))
    if kind == "number" and (value is None or spread is None or spread <= 0):
        raise row.error("spread", "is missing; a row of kind number needs a value and a positive spread")
    return Published(
        id=row.name,
        source=row.required("source", tuple(sources())),
        locator=row["locator"],
        seen=row.required("seen", SEEN),
        setup=row.required("setup"),
        quantity=row.required("quantity"),
        unit=row.required("unit"),
        kind=kind,
        value=value,
        spread=spread,
        spread_kind=row.required("spread_kind", tuple(SPREADS)) if spread is not None else "",
        sign={"+": 1, "-": -1}[row.required("sign", ("+", "-"))] if kind == "sign" else 0,
        fitted=FITTED[row.required("fitted", tuple(FITTED))],
        population=row["population"],
        why=row["why"],
    )


def _rows(name: str, key: str) -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        return [
            Row(name, reader.line_num, fields[key], {k: (v or "").strip() for k, v in fields.items()})
            for fields in reader
        ]


def _cited(key: str, body: str) -> str:
    fields = dict(re.findall(r"^\s*(\w+)\s*=\s*\{(.*)\},?\s*$", body, re.M))
    authors = [name.split(",")[0] for name in fields.get("author", re.sub(r"\d+$", "", key)).split(" and ")]
    several = len(authors) > 2 or authors[-1] == "others"
    names = f"{authors[0]} et al." if several else " & ".join(authors)
    where = " ".join(fields[f] for f in ("journal", "volume") if f in fields)
    if "volume" in fields and "pages" in fields:
        where += ":" + fields["pages"].replace("--", "–")
    doi = f"doi:{fields['doi']}" if "doi" in fields else ""
    return ". ".join(p for p in (f"{names} {fields['year']}", fields["title"].rstrip("?"), where, doi) if p)
