"""What is right: published rigs and people, computed again, with a verdict for each.

`validate` computes rows of `tables/rows.csv`, each a rig or a scenario with the loading and fixation of its paper.
Nothing here is tuned: a row that falls outside stays, with the reason.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from counterpull.evidence.literature import Published, missing, published
    from counterpull.evidence.validation import Result, validate

__all__ = ["Published", "Result", "missing", "published", "validate"]

_HOME = {
    **dict.fromkeys(("Published", "missing", "published"), "literature"),
    **dict.fromkeys(("Result", "validate"), "validation"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'counterpull.evidence' has no attribute '{name}'")
    return getattr(import_module(f"counterpull.evidence.{_HOME[name]}"), name)
