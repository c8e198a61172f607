"""Pictures of a person for the report: their own pelvis at true scale, with the muscles that the answer is about."""

import io
from typing import Any

from counterpull.interfaces.figures.anatomy import draw
from counterpull.interfaces.report.write import Picture
from counterpull.interfaces.words import report as words
from counterpull.scenarios.answer import Answer

VIEWS = ("front", "back")


def pictures(answer: Answer) -> list[Picture]:
    """One picture per view of the muscles that were found."""
    elements = list(dict.fromkeys(name for one in answer.findings for name in one.elements))
    if not elements:
        return []
    return [_picture(answer, elements, view) for view in VIEWS]


def _picture(answer: Answer, elements: list[str], view: str) -> Picture:
    figure = draw(answer.body, elements, view=view, posture=answer.activity.setting.posture)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    width, height = (round(float(size) * figure.dpi) for size in figure.get_size_inches())
    said: dict[str, Any] = {"png": stream.getvalue(), "width": width, "height": height}
    return Picture(**said, alt=words.seen(view), caption=words.seen(view))
