"""How text and numbers are set on the page."""

import re

from markupsafe import Markup

from counterpull.interfaces.words.phrases import text
from counterpull.interfaces.words.record import Quantity


def fine(written: str) -> str:
    """Text with the minus sign before numbers, and round quotation marks.

    >>> fine('-0.3 to -0.1, "grade 4-"')
    '−0.3 to −0.1, “grade 4-”'
    """
    minus = re.sub(r"(?<![\w.])-(?=\d)", "−", str(written))
    return re.sub(r'"([^"]*)"', r"“\1”", minus)


def cell(value: Quantity, digits: int = 0) -> Markup:
    """A middle value and, smaller, its range."""
    middle, _, between = text(value, digits).partition(" ")
    small = (
        Markup(' <span class="range">{}</span>').format(fine(between).replace(" to ", " to\u00a0"))
        if between
        else Markup()
    )
    return Markup("{}{}").format(fine(middle), small)
