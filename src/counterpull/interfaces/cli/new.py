"""`counterpull new`: a case file to start from, with a comment on every line that can be written."""

import json
from dataclasses import fields
from pathlib import Path
from textwrap import fill, indent

from counterpull.anatomy.reading import read
from counterpull.anatomy.scaling import WIDTHS
from counterpull.quantities import InputError, or_list
from counterpull.scenarios.case import SCHEMA
from counterpull.scenarios.choices import Choices, allowed
from counterpull.scenarios.fields import shown_path
from counterpull.scenarios.findings import KINDS, MEANING
from counterpull.scenarios.measures import methods_of
from counterpull.scenarios.moments import activity_ids
from counterpull.scenarios.schema import case_schema
from counterpull.scenarios.screen import QUESTIONS


def run(*, file: str | None, schema: bool) -> int:
    """Write the file, or print the schema. A file that is there stays as it is."""
    if schema and file is None:
        print(json.dumps(case_schema(), indent=2, ensure_ascii=False))
        return 0
    if schema or file is None:
        raise InputError("new: give the name of a file, as in counterpull new me.toml, or --schema alone.")
    path = Path(file)
    if path.suffix.lower() != ".toml":
        raise InputError(f'new: "{shown_path(file)}" does not end in .toml; write it as in "me.toml".')
    if not path.parent.is_dir():
        raise InputError(f'new: there is no folder "{shown_path(path.parent)}"; make it first.')
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(blank())
    except FileExistsError:
        raise InputError(
            f'new: "{shown_path(file)}" is there already and stays as it is; give another name.'
        ) from None
    print(f"{path}: a case to change in any editor.")
    return 0


def blank() -> str:
    """A case that can be answered as it stands; every other key is there as a comment.

    >>> from counterpull.scenarios import read_case
    >>> read_case(blank()).findings[0].where
    'right iliopsoas'
    """
    return f"""\
# A case for Counterpull. Education and research, not a diagnosis.
# Text and numbers with units stand in quotes. A line that begins with # is a comment: take the # away to use it.
schema = "{SCHEMA}"

[person]
sex = "female"                 # female or male
height = "165 cm"              # left out: the mean of the sex
mass = "64 kg"                 # left out: the mean of the sex
# strength = "120 %"           # all muscles, in per cent of the usual for sex and size

# Of the pelvis, where it was measured; docs/reference/case-file.md says from where to where.
# [person.widths]
{_comments([(f'{width} = "{usual * 1e3:.0f} mm"', "") for width, usual in _widths()])}

# What an examination found, one [[findings]] table each. A muscle has its side: right, left or both.
[[findings]]
kind = "tight"                 # {", ".join(KINDS)}
muscle = "right iliopsoas"     # any name, such as "left QL" or "both glutes, both hamstrings"
size = "moderate"              # mild, moderate, marked; or a measurement in its place, as below

# What else could be written, kind by kind. Beside a measurement may stand how sure it is, as one standard
# deviation in its own unit: uncertainty = "5 deg".
{_kinds()}
[activity]
name = "standing"              # or one of these:
{_names()}

# Before any advice. A yes (true) to one of these is a reason to see a doctor first; the last is for context.
# [screen]
{_comments([(f"{key} = false", question.asked) for key, question in QUESTIONS.items()])}

# What the data do not decide. These values are taken where nothing is said.
# [choices]
{_comments([_choice(field.name, field.default) for field in fields(Choices)])}
"""


def _widths() -> list[tuple[str, float]]:
    """The widths with a woman's mean, m."""
    return [(width, read().number(f"{width}.female").value) for width in WIDTHS]


def _kinds() -> str:
    """Every kind of finding with its measurements, as comments."""
    out = []
    for kind in KINDS:
        where = 'joint = "right sacroiliac"' if kind == "lax" else 'muscle = "left gluteus medius"'
        lines = [
            ("[[findings]]", ""),
            (f'kind = "{kind}"', MEANING[kind]),
            (where, ""),
            ('size = "mild"', "or:"),
        ]
        lines += [(f'{method.name} = "{method.example}"', method.meaning) for method in methods_of(kind)]
        if kind == "weak":
            lines.append(('lever = "35 cm"', "beside a dynamometer in N: from the joint to the dynamometer"))
        out.append(_comments(lines) + "\n")
    return "#\n".join(out)


def _names() -> str:
    """The other activities, as comments."""
    return indent(fill(", ".join(activity_ids()[1:]), 100, break_on_hyphens=False), "# ")


def _choice(name: str, default: object) -> tuple[str, str]:
    several = name not in ("protection", "force_closure")
    return f"{name} = {json.dumps(default)}", or_list(map(str, allowed(name))) if several else ""


def _comments(lines: list[tuple[str, str]]) -> str:
    """Lines of a case file as comments, each with what it means, in two columns."""
    width = max(29, *(len(line) + 1 for line, meaning in lines if meaning), 0)
    return "\n".join(f"# {line:<{width}}# {meaning}" if meaning else f"# {line}" for line, meaning in lines)
