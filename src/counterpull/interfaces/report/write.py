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
from counterpull.interfaces.report.sources import grades, topics
from counterpull.interfaces.report.typeset import fine
from counterpull.interfaces.words import report as words
from counterpull.interfaces.words import says
from counterpull.interfaces.words.phrases import percent
from counterpull.interfaces.words.report import Drawn


@dataclass(frozen=True)
class Picture:
    """A picture for the page."""

    png: bytes
    width: int
    height: int
    """Pixels."""
    alt: str
    """What it shows, for whoever does not see it."""
    caption: str
    drawn: tuple[Drawn, ...] = ()
    """Muscles and joints in it."""

    @property
    def address(self) -> str:
        """The picture itself as an address."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


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
        pelvis=rows.pelvis(record) if record["sides"] else [],
        between=rows.between(record) if record["sides"] else [],
        shifts=rows.shifts(record) if record["sides"] else [],
        loads=rows.loads(record) if record["sides"] else [],
        pulls=rows.pulls(record) if record["contributions"] else None,
        modes=rows.modes(record) if record["sides"] and record["findings"] else [],
        reserve=rows.reserve(record) if record["margin"]["limited_by"] else [],
        limits=rows.limits(record) if record["margin"]["limited_by"] else [],
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
    environment.filters["percent"] = percent
    return environment.get_template("report.html")
