"""One row of a table with its papers. Every message names the file, the row and the field."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterpull.quantities import GRADES, InputError, Known, nearest, or_list, si_factor

_DIMENSIONS = {
    "mm": "length",
    "cm": "length",
    "cm^2": "area",
    "cm^3": "volume",
    "deg": "angle",
    "N": "force",
    "N/cm^2": "stress",
    "N/mm": "stiffness",
    "N*m/deg": "angular stiffness",
    "kg": "mass",
    "N*m": "moment",
    "kPa": "stress",
    "s": "time",
}


class TableError(InputError):
    """A row of the tables is at fault; the message names file, row and field."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of one table: text fields, and where it stands."""

    file: str
    line: int
    name: str
    fields: dict[str, str]

    def __getitem__(self, field: str) -> str:
        """The text of a field; a TableError when the table has no such column."""
        if field not in self.fields:
            raise self.error(field, "is missing; the table has no such column")
        return self.fields[field]

    def error(self, field: str, why: str) -> TableError:
        """The sentence that names this row."""
        return TableError(f"{self.file}, line {self.line}, row {self.name}: the field '{field}' {why}.")

    def required(self, field: str, allowed: tuple[str, ...] | None = None) -> str:
        """A text field that must not be empty, and be one of `allowed` when given."""
        value = self[field].strip()
        if not value:
            raise self.error(field, "is empty")
        if allowed is not None and value not in allowed:
            near = nearest(value, allowed)
            hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(allowed)}"
            raise self.error(field, f"is '{value}'; {hint.rstrip('?')}")
        return value

    def number(self, field: str, unit_field: str = "unit") -> float:
        """A number in SI, by the unit named in `unit_field`."""
        written, unit = self.required(field), self.required(unit_field)
        try:
            value = float(written)
        except ValueError:
            raise self.error(field, f"is '{written}', which is not a number") from None
        if not np.isfinite(value):
            raise self.error(field, f"is '{written}'; it must be finite")
        return value * self._factor(unit, unit_field)

    def plain(self, field: str, low: float = -np.inf, high: float = np.inf) -> float:
        """A number without a unit: a direction, a share, a factor; between `low` and `high`."""
        try:
            value = float(self.required(field))
        except ValueError:
            raise self.error(field, f"is '{self[field]}', which is not a number") from None
        if not (np.isfinite(value) and low <= value <= high):
            allowed = "be finite" if np.isinf(low) else f"lie between {low:g} and {high:g}"
            raise self.error(field, f"is '{self[field]}'; it must {allowed}")
        return value

    def whole(self, field: str) -> int:
        """A whole number."""
        value = self.plain(field)
        if value != int(value):
            raise self.error(field, f"is '{self[field]}'; it must be a whole number")
        return int(value)

    def spread(self) -> float:
        """The standard deviation of a place, in metres; a TableError for any other kind of spread."""
        if self.fields.get("spread_kind", "sd") != "sd":
            raise self.error("spread_kind", f"is '{self['spread_kind']}'; the spread of a place is an sd")
        value = self.number("spread")
        if value <= 0:
            raise self.error("spread", f"is '{self['spread']}'; it must be a positive number")
        return value

    def known(self, key: str, value: str = "value", prefix: str = "", *, positive: bool = True) -> Known:
        """The number in the field `value` with its papers. `prefix` picks columns such as preload_unit."""
        unit_field, spread_field, kind_field = f"{prefix}unit", f"{prefix}spread", f"{prefix}spread_kind"
        unit, kind = self.required(unit_field), self.required(kind_field)
        source = "preload_source" if prefix == "preload_" else "source"
        grade = "preload_grade" if prefix == "preload_" else "grade"
        spread = 0.0
        if kind != "exact":
            spread = self.plain(spread_field) * (self._factor(unit, unit_field) if kind == "sd" else 1.0)
        n = self.fields.get("n", "")
        try:
            return Known(
                id=key,
                value=self.number(value, unit_field),
                unit=unit,
                spread=spread,
                spread_kind=kind,
                source=self.required(source),
                grade=self.required(grade, tuple(GRADES)),
                locator=self.fields.get("locator", ""),
                n=int(n) if n.isdigit() else None,
                population=self.fields.get("population", "") or n,
                note=self.fields.get("note", ""),
                positive=positive,
            )
        except InputError as error:
            if isinstance(error, TableError):
                raise
            sentence = (
                str(error).removeprefix(f"{key}: ").replace("the field 'value'", f"the field '{value}'")
            )
            raise TableError(f"{self.file}, line {self.line}, row {self.name}: {sentence}") from None

    def point(self, x: str = "x", y: str = "y", z: str = "z") -> NDArray[np.float64]:
        """Coordinates in metres, (3,)."""
        at = np.array([self.number(field) for field in (x, y, z)])
        at.flags.writeable = False
        return at

    def _factor(self, unit: str, field: str) -> float:
        if unit == "fraction":
            return 1.0
        if unit == "cm^3/(m*kg)":
            return 1e-6
        if unit not in _DIMENSIONS:
            raise self.error(field, f"is '{unit}'; use {or_list([*_DIMENSIONS, 'fraction'])}")
        return si_factor(unit, _DIMENSIONS[unit])
