"""Structural choices: what the data do not decide. They are reported side by side, never averaged."""

from dataclasses import dataclass, fields
from typing import Literal, get_args

from counterpull.quantities import InputError
from counterpull.scenarios.fields import Table, one_of, only, shown, yes_no

MOST_PROTECTION = 100.0
DRAWS, MOST_DRAWS = 256, 4096
"""Bodies that a person may have: the usual number of an answer, and the most that is drawn."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How the model is put together; the defaults are the reference case."""

    protection: float = 0.0
    """How much the nervous system spares the sacroiliac joints (0: not at all). It adds g/2 times the square of
    each shift over what imaging can detect to the effort."""
    force_closure: bool = True
    """Whether compression stiffens the sacroiliac joints."""
    spasm_law: Literal["added", "floor"] = "added"
    """"added": the involuntary drive comes on top of the voluntary; "floor": it is the least that there is."""
    exponent: Literal[2, 3] = 2
    """Power of the activations in the effort that is least."""
    mode: Literal["held", "yields", "before_reaction"] = "held"
    """"held": muscles are recruited anew and the posture is kept; "yields": a deviation of the posture costs effort
    too, so it gives way; "before_reaction": activations stay as they were before the findings."""

    @classmethod
    def of(cls, table: Table, where: str = "choices") -> "Choices":
        """From the table of a case file; what is left out is the reference case.

        >>> Choices.of({"spasm_law": "floor"}).spasm_law
        'floor'
        """
        only(table, [field.name for field in fields(cls)], where)
        out: dict[str, object] = {}
        for key, value in table.items():
            field = f"{where}.{key}"
            if key == "protection":
                out[key] = _gain(value, field)
            elif key == "force_closure":
                out[key] = yes_no(value, field)
            else:
                out[key] = one_of(value, allowed(key), field)
        return cls(**out)  # type: ignore[arg-type]  # checked one by one


def allowed(key: str) -> tuple[str | int, ...]:
    """What may stand in a choice among a few.

    >>> allowed("exponent")
    (2, 3)
    """
    return get_args(Choices.__annotations__[key])


def _gain(value: object, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_PROTECTION:
        raise InputError(
            f'{field}: "{shown(value)}" is no number from 0 to {MOST_PROTECTION:.0f}; '
            "write it without quotes, as in protection = 0.5."
        )
    return float(value)
