"""The JSON Schema says the same as the reader: examples conform, slips do not, and the printed one is the built one."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from counterpull.interfaces.cli.new import blank
from counterpull.scenarios.schema import case_schema

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}
HEAD: dict[str, Any] = {"schema": "counterpull.case/1", "person": {"sex": "female"}}
TIGHT = {"kind": "tight", "muscle": "right iliopsoas"}


def faults(schema: dict[str, Any], value: Any, at: str = "") -> list[str]:
    """Where a value does not conform; for the words of JSON Schema that ours is made of, and no other."""
    known = {"$schema", "title", "description", "examples", "type", "const", "enum", "pattern", "minLength"}
    known |= {
        "maxLength",
        "minimum",
        "maximum",
        "properties",
        "additionalProperties",
        "required",
        "items",
        "maxItems",
    }
    assert set(schema) <= known | {"oneOf"}, set(schema) - known
    out = []

    def check(ok: bool, word: str) -> None:
        if not ok:
            out.append(f"{at}: {word}")

    if "type" in schema:
        names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        check(
            any(isinstance(value, TYPES[n]) and (n == "boolean" or value is not True) for n in names), "type"
        )
    if "enum" in schema:
        check(any(type(one) is type(value) and one == value for one in schema["enum"]), "enum")
    check("const" not in schema or value == schema["const"], "const")
    if isinstance(value, str):
        check(re.search(schema.get("pattern", ""), value) is not None, "pattern")
        check(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1e9), "length")
    if isinstance(value, int | float):
        check(schema.get("minimum", value) <= value <= schema.get("maximum", value), "range")
    if isinstance(value, list):
        check(len(value) <= schema.get("maxItems", len(value)), "maxItems")
        for number, one in enumerate(value):
            out += faults(schema.get("items", {}), one, f"{at}[{number}]")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        check(set(schema.get("required", ())) <= set(value), "required")
        check(
            schema.get("additionalProperties", True) or set(value) <= set(properties), "additionalProperties"
        )
        for key in set(properties) & set(value):
            out += faults(properties[key], value[key], f"{at}.{key}")
    if "oneOf" in schema:
        check(sum(not faults(one, value) for one in schema["oneOf"]) == 1, "oneOf")
    return out


def test_the_printed_schema_is_the_built_one():
    # Renew with: counterpull new --schema > docs/reference/case.schema.json
    printed = (ROOT / "docs" / "reference" / "case.schema.json").read_text(encoding="utf-8")
    assert json.loads(printed) == case_schema()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_conform(path):
    assert faults(case_schema(), tomllib.loads(path.read_text(encoding="utf-8"))) == []


def test_the_file_to_start_from_conforms():
    assert faults(case_schema(), tomllib.loads(blank())) == []


ALSO = [
    {"findings": [TIGHT | {"thomas": "-5.5 deg", "uncertainty": "3 deg"}]},
    {"findings": [TIGHT | {"kind": "weak", "mmt": "4-"}, TIGHT | {"kind": "weak", "mmt": 4}]},
    {"findings": [TIGHT | {"kind": "weak", "dynamometer": "85 N", "lever": "35 cm"}]},
    {"findings": [{"kind": "lax", "joint": "pubic symphysis", "softer": "50 %"}]},
    {"choices": {"mode": "yields", "exponent": 3, "protection": 0.5, "force_closure": False}},
    {"screen": {"fever_or_unwell": True}, "person": {"sex": "male", "widths": {"inter_asis": "240 mm"}}},
]


@pytest.mark.parametrize("change", ALSO, ids=str)
def test_what_the_reader_takes_conforms(change):
    assert faults(case_schema(), HEAD | change) == []


SLIPS = [
    {"schema": "counterpull.case/2"},
    {"person": {}},
    {"person": {"sex": "female", "height": 165}},
    {"person": {"sex": "female", "height": "165"}},
    {"person": {"sex": "female", "strength": "120"}},
    {"person": {"sex": "female", "hieght": "165 cm"}},
    {"plan": {}},
    {"findings": [TIGHT]},
    {"findings": [TIGHT | {"size": "mild", "thomas": "5 deg"}]},
    {"findings": [TIGHT | {"size": "midl"}]},
    {"findings": [TIGHT | {"mmt": "4"}]},
    {"findings": [TIGHT | {"kind": "weak", "mmt": "7"}]},
    {"findings": [TIGHT | {"kind": "lax", "size": "mild"}]},
    {"findings": {"kind": "tight"}},
    {"screen": {"fever_or_unwell": 1}},
    {"choices": {"exponent": 4}},
    {"choices": {"protection": -1}},
]


@pytest.mark.parametrize("change", SLIPS, ids=str)
def test_slips_do_not_conform(change):
    assert faults(case_schema(), HEAD | change)
