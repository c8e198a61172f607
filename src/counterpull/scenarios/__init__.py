"""A moment and its what-ifs: the case file, findings, and the activities of everyday life.

Names are imported on first use, so that reading a case file does not start JAX.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from counterpull.scenarios.answer import Answer, run
    from counterpull.scenarios.case import Case, read_case
    from counterpull.scenarios.catalogue import Activity, activities, activity
    from counterpull.scenarios.choices import Choices
    from counterpull.scenarios.findings import Finding, Measure, finding
    from counterpull.scenarios.moments import activity_id
    from counterpull.scenarios.screen import Screen

__all__ = [
    "Activity",
    "Answer",
    "Case",
    "Choices",
    "Finding",
    "Measure",
    "Screen",
    "activities",
    "activity",
    "activity_id",
    "finding",
    "read_case",
    "run",
]

_HOME = {
    **dict.fromkeys(("Answer", "run"), "answer"),
    **dict.fromkeys(("Activity", "activities", "activity"), "catalogue"),
    **dict.fromkeys(("Case", "read_case"), "case"),
    "Choices": "choices",
    **dict.fromkeys(("Finding", "Measure", "finding"), "findings"),
    "activity_id": "moments",
    "Screen": "screen",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'counterpull.scenarios' has no attribute '{name}'")
    return getattr(import_module(f"counterpull.scenarios.{_HOME[name]}"), name)
