"""Which papers the numbers of an answer come from, topic by topic, with their references."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from counterpull.anatomy.posture import SIDES
from counterpull.anatomy.reading import FOLDER as ANATOMY
from counterpull.anatomy.reading import read
from counterpull.anatomy.rows import Row
from counterpull.quantities import GRADES
from counterpull.scenarios.rows import FOLDER as SCENARIOS
from counterpull.scenarios.rows import rows

OWN = "ThisModel"
"""Key of numbers that are judged or derived here: no paper."""
YARDSTICKS = "Kibsgard2012"
"""What imaging can detect, and the most it has found between postures: mechanics.yardsticks."""
_BODY = {
    "joints": ("joints.csv", "ligaments.csv"),
    "muscles": ("architecture.csv", "area_totals.csv", "paths.csv", "wraps.csv"),
    "size": ("landmarks.csv", "person.csv", "proportions.csv", "segments.csv", "size.csv"),
}
"""Tables of the anatomy by topic."""
_ACCENTS = {"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308"}


@dataclass(frozen=True)
class Reference:
    """An entry of a sources.bib in words."""

    key: str
    authors: str
    """Up to three; "" if the entry has none."""
    title: str
    where: str
    """Journal, publisher or institution, with volume and pages."""
    year: str
    link: str
    """An address at doi.org, or ""."""


def topics(record: dict[str, Any]) -> dict[str, list[Reference]]:
    """The references behind an answer: yardsticks, its findings, its activity, joints, muscles, size.

    Each paper stands under the first topic that needs it.
    """
    kinds = {one[key] for one in record["findings"] for key in ("kind", "measured")}
    moment = _without_side(record["activity"])
    moments = {moment, f"{moment}_right"}  # rows of one-sided activities are written for the right side
    found = {
        "yardsticks": [YARDSTICKS],
        "findings": _of(row for row in rows("findings.csv", "finding", "quantity") if row["finding"] in kinds)
        + _of(row for row in rows("mmt.csv", "joint", "grade", grade="evidence") if "mmt" in kinds),
        "activity": _of(row for row in rows("activities.csv", "activity") if row.name in moments)
        + _of(
            row for row in rows("activity_numbers.csv", "activity", "quantity") if row["activity"] in moments
        ),
    } | {topic: _of(row for row in read().rows if row.file in files) for topic, files in _BODY.items()}
    out: dict[str, list[Reference]] = {}
    seen = {OWN}
    for topic, keys in found.items():
        if new := sorted(set(keys) - seen, key=str.lower):
            out[topic] = [references()[key] for key in new]
            seen.update(new)
    return out


def grades() -> dict[str, int]:
    """How many numbers of the anatomy are of which grade."""
    counts = Counter(number.grade for number in read().known.values())
    return {grade: counts[grade] for grade in GRADES}


@cache
def references() -> dict[str, Reference]:
    """Every entry of the bibliographies of the package, by its key."""
    text = "".join((folder / "sources.bib").read_text(encoding="utf-8") for folder in (ANATOMY, SCENARIOS))
    entries = re.findall(r"^@\w+\{([^,\s]+),\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    return {key: _reference(key, body) for key, body in entries}


def _reference(key: str, body: str) -> Reference:
    fields = {
        name: _plain(value) for name, value in re.findall(r"^\s*(\w+) = \{(.*)\},?$", body, re.MULTILINE)
    }
    part = ":".join(fields[name] for name in ("volume", "pages") if name in fields)
    places = (fields.get(name) for name in ("journal", "publisher", "institution", "howpublished"))
    where = [words for words in (next(filter(None, places), ""), part) if words]
    return Reference(
        key=key,
        authors=_authors(fields.get("author", "") or fields.get("editor", "")),
        title=fields["title"],
        where=" ".join(where),
        year=fields.get("year", ""),
        link=f"https://doi.org/{fields['doi']}" if "doi" in fields else "",
    )


def _authors(written: str, most: int = 3) -> str:
    """Family names.

    >>> _authors("Miller, J. A. A. and Schultz, A. B. and Andersson, G. B. J. and Other, O.")
    'Miller, Schultz, Andersson and others'
    """
    names = [name.split(",")[0].strip() for name in written.split(" and ") if name]
    shown = [name for name in names[:most] if name != "others"]
    return ", ".join(shown) + (" and others" if len(names) > len(shown) else "")


def _plain(value: str) -> str:
    r"""Without the marks of TeX.

    >>> _plain(r"Rothk{\"o}tter \& Berner, 269--279")
    'Rothkötter & Berner, 269–279'
    """
    accented = re.sub(
        r"\{?\\([`'^~\"])\{?(\w)\}*",
        lambda match: unicodedata.normalize("NFC", match[2] + _ACCENTS[match[1]]),
        value,
    )
    return accented.replace("\\&", "&").replace("--", "–").translate({ord("{"): None, ord("}"): None})


def _without_side(moment: str) -> str:
    """Id of an activity without its side."""
    stem, _, side = moment.rpartition("_")
    return stem if side in SIDES else moment


def _of(found: Iterable[Row]) -> list[str]:
    return [row["source"] for row in found if "source" in row.fields]
