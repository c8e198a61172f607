"""The JSON Schema of a case file, built from what the reader knows, for editors and other programs.

It says what may stand where. What belongs together (a side, a test and its muscles) only read_case can tell.
"""

from dataclasses import fields
from typing import Any

from counterpull.anatomy.scaling import SEXES, WIDTHS
from counterpull.scenarios.case import MOST_FINDINGS, SCHEMA
from counterpull.scenarios.choices import MOST_PROTECTION, Choices, allowed
from counterpull.scenarios.fields import MOST_LETTERS
from counterpull.scenarios.findings import JOINTS, KINDS, MEANING, SIZES
from counterpull.scenarios.measures import Method, methods_of
from counterpull.scenarios.moments import activity_ids
from counterpull.scenarios.screen import QUESTIONS

_NUMBER = r"^\s*[+\-−]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*"
_YES_NO = {"enum": [True, False, "yes", "no"]}

Schema = dict[str, Any]


def case_schema() -> Schema:
    """The schema of counterpull.case/1 (JSON Schema 2020-12)."""
    person = {
        "sex": {"enum": list(SEXES)},
        "height": _quantity("165 cm", "stature; left out: the mean of the sex"),
        "mass": _quantity("64 kg", "body mass; left out: the mean of the sex"),
        "strength": _quantity("120 %", "overall strength, in per cent of the usual for sex and size"),
        "widths": _table({name: _quantity("240 mm", name.replace("_", " ")) for name in WIDTHS}),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        "description": "A person with findings in an activity.",
        **_table(
            {
                "schema": {"const": SCHEMA},
                "person": _table(person, required=["sex"]),
                "findings": {
                    "type": "array",
                    "maxItems": MOST_FINDINGS,
                    "items": {"oneOf": [_finding(kind) for kind in KINDS]},
                },
                "activity": _table({"name": _name(activity_ids()[0], "an activity by name")}),
                "screen": _table({key: _YES_NO | {"description": q.asked} for key, q in QUESTIONS.items()}),
                "choices": _table({field.name: _choice(field.name) for field in fields(Choices)}),
            },
            required=["schema", "person"],
        ),
    }


def _finding(kind: str) -> Schema:
    """One kind of finding: a size or one of its measurements."""
    methods = methods_of(kind)
    where = {"joint": {"examples": list(JOINTS), "type": "string"}}
    if kind != "lax":
        where = {"muscle": _name("right iliopsoas", "muscles by name, each with its side")}
    keys: Schema = {"kind": {"const": kind}, **where, "size": {"enum": list(SIZES)}}
    keys |= {method.name: _measurement(method) for method in methods}
    if kind == "weak":
        keys["lever"] = _quantity("35 cm", "from the joint to the dynamometer")
    keys["uncertainty"] = _quantity("5 deg", "one standard deviation of the measurement, same unit")
    once = [{"required": [name]} for name in ("size", *(method.name for method in methods))]
    return {"description": MEANING[kind], **_table(keys, required=["kind", *where]), "oneOf": once}


def _measurement(method: Method) -> Schema:
    if method.dimension == "grade":
        pattern = {
            "type": ["string", "integer"],
            "pattern": r"^\s*[0-5]\s*[+\-−–]?\s*$",
            "minimum": 0,
            "maximum": 5,
        }
        return pattern | {"description": method.meaning, "examples": [method.example]}
    return _quantity(method.example, method.meaning)


def _choice(key: str) -> Schema:
    if key == "protection":
        return {"type": "number", "minimum": 0, "maximum": MOST_PROTECTION}
    return _YES_NO if key == "force_closure" else {"enum": list(allowed(key))}


def _table(properties: Schema, required: list[str] | None = None) -> Schema:
    closed = {"type": "object", "additionalProperties": False, "properties": properties}
    return closed | ({"required": required} if required else {})


def _quantity(example: str, meaning: str) -> Schema:
    unit = "%" if "%" in example else r"[^\d\s.,]"
    return {"type": "string", "pattern": _NUMBER + unit, "description": meaning, "examples": [example]}


def _name(example: str, meaning: str) -> Schema:
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": MOST_LETTERS,
        "description": meaning,
        "examples": [example],
    }
