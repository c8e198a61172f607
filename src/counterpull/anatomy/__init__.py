"""What a body is: sourced tables, scaled to a person, with paths that follow the posture.

`load` gives a Body. Names are imported on first use, so that looking up a muscle does not start JAX.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from counterpull.anatomy.body import Body, Draws, load, reference
    from counterpull.anatomy.names import find, groups
    from counterpull.anatomy.posture import Posture
    from counterpull.anatomy.reading import read
    from counterpull.anatomy.records import Tables
    from counterpull.anatomy.rows import TableError

__all__ = ["Body", "Draws", "Posture", "TableError", "Tables", "find", "groups", "load", "read", "reference"]

_HOME = {
    **dict.fromkeys(("Body", "Draws", "load", "reference"), "body"),
    **dict.fromkeys(("find", "groups"), "names"),
    "Posture": "posture",
    "read": "reading",
    "Tables": "records",
    "TableError": "rows",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'counterpull.anatomy' has no attribute '{name}'")
    return getattr(import_module(f"counterpull.anatomy.{_HOME[name]}"), name)
