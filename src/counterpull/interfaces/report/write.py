"""An answer as one HTML page that needs nothing but itself: sentences, pictures, tables, sources.

The page is report.html, its looks are report.css on the variables of figures.style. What it says comes from `words`,
what it counts from the record.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from counterpull.interfaces.figures import style
from counterpull.interfaces.report import rows
from counterpull.interfaces.report.marks import Mark, letters, names
from counterpull.interfaces.report.sources import grades, topics
from counterpull.interfaces.report.typeset import fine
from counterpull.interfaces.words import report as words
from counterpull.interfaces.words import says
from counterpull.interfaces.words.report import Drawn


@dataclass(frozen=True)
class Scale:
    """What the colours of a picture mean."""

    words: str
    most: float
    """Where the scale ends, N."""


@dataclass(frozen=True)
class Picture:
    """A picture for the page."""

    webp: bytes
    width: int
    height: int
    """Pixels."""
    per_metre: float
    """Share of its width that a metre of the body takes."""
    alt: str
    """What it shows, for whoever does not see it."""
    caption: str
    marks: Sequence[Mark]
    """Muscles and joints that can be seen in it."""
    scales: Sequence[Scale]
    drawn: Sequence[Drawn]
    """Muscles and joints, seen or not."""

    @property
    def address(self) -> str:
        """The picture itself as an address."""
        return f"data:image/webp;base64,{base64.b64encode(self.webp).decode()}"

    @property
    def over(self) -> Markup:
        """What is written over it."""
        ratio = self.height / self.width
        return names(self.marks, ratio) + letters(self.marks, ratio)


def page(
    record: dict[str, Any],
    pictures: Sequence[Picture] = (),
    case: str = "",
    made: date | None = None,
) -> str:
    """The HTML of a record counterpull.answer/1, with the case file that it answers."""
    return _template().render(
        record=record,
        pictures=pictures,
        case=case.strip(),
        made=words.day(made) if made else "",
        style=Markup(style.css()),
        says=says,
        words=words,
        taken=rows.taken(record),
        cards=rows.cards(record) if record["sides"] else [],
        pelvis=rows.pelvis(record) if record["sides"] else None,
        between=rows.between(record) if record["sides"] else None,
        shifts=rows.shifts(record) if record["sides"] else [],
        loads=rows.loads(record) if record["sides"] else [],
        pulls=rows.pulls(record) if record["contributions"] else None,
        modes=rows.modes(record) if record["sides"] and record["findings"] else [],
        reserve=rows.reserve(record) if record["margin"]["limited_by"] else None,
        limits=rows.limits(record) if record["margin"]["limited_by"] else None,
        sources=topics(record),
        grades=words.grades(grades()),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fine"] = fine
    return environment.get_template("report.html")
