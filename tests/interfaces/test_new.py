"""`counterpull new`: what it writes is a case, says every key, and never takes the place of a file."""

import csv
import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from counterpull.anatomy.scaling import WIDTHS
from counterpull.interfaces.cli.new import blank
from counterpull.scenarios import Choices, Screen, read_case
from counterpull.scenarios.findings import KINDS, SIZES
from counterpull.scenarios.measures import METHODS
from counterpull.scenarios.moments import FOLDER, activity_ids
from counterpull.scenarios.screen import QUESTIONS

ROOT = Path(__file__).parents[2]


def block(header: str) -> str:
    """The commented lines from a header on, up to the next gap, with their # taken away."""
    lines = blank()[blank().index(f"# {header}\n") :].splitlines()
    end = next((i for i, line in enumerate(lines) if line in ("", "#")), len(lines))
    return "\n".join(line.removeprefix("# ") for line in lines[:end]) + "\n"


def test_it_writes_a_case(command, tmp_path):
    path = tmp_path / "me.toml"
    code, out, err = command("new", str(path))
    assert (code, err) == (0, "") and out.count("\n") == 1 and str(path) in out
    case = read_case(path)
    assert case.findings and case.text == blank()
    assert (case.activity, case.choices, case.screen) == ("standing", Choices(), Screen())


def test_every_key_is_explained():
    keys = set(re.findall(r"^(?:# )?(\w+) = ", blank(), re.MULTILINE))
    wanted = {
        "schema",
        "sex",
        "height",
        "mass",
        "strength",
        "kind",
        "muscle",
        "joint",
        "size",
        "lever",
        "name",
    }
    assert wanted | {*WIDTHS, *METHODS, *QUESTIONS, *(field.name for field in fields(Choices))} <= keys
    assert all(name in blank() for name in (*KINDS, *activity_ids(), "uncertainty", "moderate", "marked"))


def test_the_comments_are_lines_that_can_be_used():
    rest = blank().replace('# strength = "120 %"', 'strength = "120 %"')
    for header in ("[person.widths]", "[screen]", "[choices]"):
        rest += block(header)
    case = read_case(rest)
    assert case.strength == 1.2 and len(case.person.measured) == len(WIDTHS)
    assert case.choices == Choices() and case.screen.unanswered == () and case.screen.flags == ()


@pytest.mark.parametrize("kind", KINDS)
def test_the_comment_of_a_kind_is_a_finding(kind):
    (lines,) = re.findall(
        rf"^# \[\[findings\]\]\n# kind = \"{kind}\".*?(?=^#?$)", blank(), re.MULTILINE | re.DOTALL
    )
    lines = re.sub("^# ", "", lines, flags=re.MULTILINE)
    ((table),) = tomllib.loads(lines)["findings"]
    written = "".join(
        f"{key} = {json.dumps(table[key])}\n" for key in table if key in ("kind", "muscle", "joint", "size")
    )
    case = read_case(blank() + "[[findings]]\n" + written)
    assert case.findings[-1].kind == kind and case.findings[-1].size == "mild"


def test_no_line_is_too_long_for_a_screen():
    assert max(map(len, blank().splitlines())) <= 120


def test_a_file_that_is_there_stays(command, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("my own words\n")
    code, out, err = command("new", str(path))
    assert (code, out) == (2, "") and err.count("\n") == 1 and "mine.toml" in err and "stays" in err
    assert path.read_text() == "my own words\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), ["me.toml", "--schema"]),
        (("me.txt",), ["me.txt", ".toml"]),
        (("{folder}/nowhere/me.toml",), ["nowhere", "folder"]),
        (("{folder}/me.toml", "--schema"), ["--schema"]),
        (("{folder}/folder.toml",), ["folder.toml"]),
        (("{folder}/" + "x" * 300 + ".toml",), ["xxx"]),
        (("{folder}/two\nlines/me.toml",), ["no folder"]),
    ],
    ids=str,
)
def test_a_slip_is_one_sentence_and_exit_code_2(command, tmp_path, arguments, said):
    (tmp_path / "folder.toml").mkdir()
    code, out, err = command("new", *(one.replace("{folder}", str(tmp_path)) for one in arguments))
    assert (code, out) == (2, "") and "Traceback" not in err
    assert err.count("\n") == 1 and err.rstrip().endswith((".", "?")), err
    assert all(word in err for word in said), err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.toml"]


def test_the_schema_is_printed(command):
    code, out, err = command("new", "--schema")
    assert (code, err) == (0, "")
    assert out == (ROOT / "docs" / "reference" / "case.schema.json").read_text(encoding="utf-8")


def test_the_page_says_every_key():
    page = (ROOT / "docs" / "reference" / "case-file.md").read_text(encoding="utf-8")
    keys = {
        *WIDTHS,
        *METHODS,
        *QUESTIONS,
        *(field.name for field in fields(Choices)),
        "lever",
        "uncertainty",
        "strength",
    }
    assert [key for key in keys if f"`{key}`" not in page] == []
    assert all(f"| `{key}` | {question.asked} |" in page for key, question in QUESTIONS.items())


def test_the_page_says_the_sizes_and_uncertainties_of_the_table():
    page = (ROOT / "docs" / "reference" / "case-file.md").read_text(encoding="utf-8")
    with (FOLDER / "findings.csv").open(encoding="utf-8", newline="") as stream:
        rows = {(row["finding"], row["quantity"]): row for row in csv.DictReader(stream)}
    for kind in KINDS:
        part = page[page.index(f"### {kind.capitalize()}\n") :]
        for size in SIZES:
            value = float(rows[kind, size]["value"]) - (kind == "lax")
            assert f"| `{size}` | {100 * value:.0f} % |" in part[: part.index("| measurement |")], (
                kind,
                size,
            )
    for method in METHODS.values():
        if (method.name, "uncertainty") in rows:
            row = rows[method.name, "uncertainty"]
            value, unit = float(row["value"]), row["unit"]
            said = f"{value:g} deg |" if unit == "deg" else f"{100 * value:.0f} % of"
            (line,) = (
                line
                for line in page[page.index("### Tight") :].splitlines()
                if line.startswith(f"| `{method.name}` |")
            )
            assert line.split(" | ")[-1].startswith(said), line
