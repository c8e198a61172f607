"""The case file: what is read, the examples, and that whatever is broken is answered with one sentence."""

import os
import random
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from counterpull.quantities import InputError
from counterpull.scenarios import Case, Choices, read_case
from counterpull.scenarios.case import MOST_BYTES, MOST_FINDINGS

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
WHOLE = """\
schema = "counterpull.case/1"
[person]
sex = "male"
height = "180 cm"
mass = "82 kg"
strength = "120 %"
[person.widths]
inter_asis = "240 mm"
[[findings]]
kind = "tight"
muscle = "right iliopsoas"
thomas = "5 deg"
uncertainty = "3 deg"
[[findings]]
kind = "weak"
muscle = "left gluteus medius"
dynamometer = "85 N"
lever = "35 cm"
[[findings]]
kind = "spasm"
muscle = "left QL"
size = "mild"
[[findings]]
kind = "lax"
joint = "both sacroiliac"
softer = "50 %"
[activity]
name = "single leg standing left"
[screen]
fever_or_unwell = false
[choices]
spasm_law = "floor"
protection = 0.5
"""
HEAD = 'schema = "counterpull.case/1"\n[person]\nsex = "female"\n'


def sentence(written: Path | str) -> str:
    """The one sentence with which a case is refused."""
    with pytest.raises(InputError) as caught:
        read_case(written)
    said = str(caught.value)
    assert said and "\n" not in said and said.isprintable() and said.endswith((".", "?")), said
    assert len(said) < 900 and "Traceback" not in said, said
    return said


# -- what is read --------------------------------------------------------------------------------------------


def test_everything_is_read():
    case = read_case(WHOLE)
    assert (case.person.sex, case.person.stature, case.person.mass) == ("male", pytest.approx(1.8), 82.0)
    assert case.person.measured == (("inter_asis", pytest.approx(0.24)),) and case.strength == 1.2
    assert [finding.kind for finding in case.findings] == ["tight", "weak", "spasm", "lax"]
    assert case.activity == "single_leg_standing_left"
    assert case.choices == Choices(spasm_law="floor", protection=0.5)
    assert case.screen.answers == (("fever_or_unwell", False),) and case.text == WHOLE


def test_what_is_left_out():
    case = read_case(HEAD)
    assert (case.findings, case.activity, case.choices, case.strength) == ((), "standing", Choices(), 1.0)
    assert case.person.stature == pytest.approx(1.63, abs=0.05) and case.screen.answers == ()


def test_a_file_and_its_text_are_the_same_case(tmp_path):
    path = tmp_path / "whole.toml"
    for start, encoding in (("", "utf-8"), ("", "utf-8-sig")):
        path.write_text(start + WHOLE, encoding=encoding)
        assert read_case(path) == read_case(str(path)) == read_case(WHOLE)
    path.write_bytes(WHOLE.replace("\n", "\r\n").encode())
    assert read_case(path).findings == read_case(WHOLE).findings


def test_moments_per_body_mass_use_the_mass_of_the_case():
    written = WHOLE.replace('"85 N"', '"1.5 Nm/kg"').replace('lever = "35 cm"\n', "")
    measure = read_case(written).findings[1].measure
    assert measure is not None and measure.value == pytest.approx(1.5 * 82)


def test_there_are_examples():
    assert {path.stem for path in EXAMPLES} >= {
        "tight-hip-flexors",
        "tight-hip-flexors-weak-glutes",
        "quadratus-lumborum-spasm",
        "glutes-in-spasm-strong",
        "freshly-injured",
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_cases(path):
    case = read_case(path)
    assert isinstance(case, Case) and case.findings
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_examples_hold_what_their_names_say():
    tight, weak, spasm, strong, injured = (
        read_case(ROOT / "examples" / f"{name}.toml")
        for name in (
            "tight-hip-flexors",
            "tight-hip-flexors-weak-glutes",
            "quadratus-lumborum-spasm",
            "glutes-in-spasm-strong",
            "freshly-injured",
        )
    )
    assert [one.sides for one in tight.findings] == [("right",)]
    assert weak.findings[0] == tight.findings[0] and weak.person == tight.person
    assert {one.kind for one in weak.findings[1:]} == {"weak"}
    assert spasm.findings[0].elements[0].startswith("quadratus_lumborum")
    assert strong.strength > 1 and {one.kind for one in injured.findings} == {"lax", "inhibited", "weak"}


# -- slips ---------------------------------------------------------------------------------------------------

SLIPS = [
    ("", ["empty"]),
    ("\n\n", ["empty"]),
    ("# only a comment\n", ["schema", "counterpull.case/1"]),
    (WHOLE.replace("case/1", "case/2"), ["case/2", "case/1"]),
    ('schema = "counterpull.case/1"\n', ["no person", "[person]"]),
    (HEAD.replace('sex = "female"', ""), ["sex is missing"]),
    (HEAD.replace("female", "femal"), ["person.sex", "femal", "female"]),
    (HEAD + "hieght = '165 cm'\n", ["person", "hieght", "height"]),
    (HEAD + "height = '165'\n", ["person.height", "no unit"]),
    (HEAD + "height = 165\n", ["person.height", "quotes"]),
    (HEAD + "height = '165 kg'\n", ["person.height", "kg", "cm"]),
    (HEAD + "height = '9 m'\n", ["person.height", "220 cm"]),
    (HEAD + "height = '1,65 m'\n", ["person.height", "comma"]),
    (HEAD + "mass = 'nan kg'\n", ["person.mass", "nan kg"]),
    (HEAD + "mass = nan\n", ["person.mass", "nan"]),
    (HEAD + "mass = '1e999 kg'\n", ["person.mass", "too large"]),
    (HEAD + "strength = '120'\n", ["person.strength", "120 %"]),
    (HEAD + "strength = '12000 %'\n", ["person.strength", "300 %"]),
    (HEAD + "widths = '240 mm'\n", ["person.widths", "[person.widths]"]),
    (HEAD + "[person.widths]\ninter_aiss = '240 mm'\n", ["inter_aiss", "inter_asis"]),
    (HEAD + "[person.widths]\ntables = '240 mm'\n", ["tables"]),
    (HEAD + "[person.widths]\ninter_asis = '24 mm'\n", ["inter_asis", "half and twice"]),
    (HEAD + "[finding]\nkind = 'tight'\n", ["finding", "findings"]),
    (HEAD + "[findings]\nkind = 'tight'\n", ["[[findings]]"]),
    (HEAD + "[plan]\n", ["plan"]),
    (HEAD + "[[findings]]\n", ["finding 1", "kind"]),
    (HEAD + "[activity]\nname = 'siting'\n", ["siting", "sitting"]),
    (HEAD + "[activity]\nnmae = 'sitting'\n", ["nmae", "name"]),
    (HEAD + "[activity]\nname = 3\n", ["activity.name", "quotes"]),
    (HEAD + "[[activity]]\nname = 'sitting'\n", ["activity", "[activity]"]),
    (HEAD + "[screen]\nfever = true\n", ["fever", "fever_or_unwell"]),
    (HEAD + "[choices]\nmode = 'hold'\n", ["hold", "held"]),
    (HEAD + "[person]\n", ["line 4", "[person]", "second time"]),
    (HEAD + "sex = 'male'\n", ["line 4", "sex = 'male'", "second time"]),
    (HEAD + "mass = 60 kg\n", ["line 4", "mass = 60 kg"]),
    (HEAD + "height = female\n", ["line 4", "quotes"]),
    (HEAD + "height = “165 cm”\n", ["line 4", "straight"]),
    (HEAD + "height '165 cm'\n", ["line 4", "="]),
    (HEAD + "height = '165 cm\n", ["line 4", "height = '165 cm"]),
    (HEAD + 'height = """165 cm\n\n', ["line", "cannot be read"]),
    (HEAD + "height = " + "9" * 5000 + "\n", ["line"]),
    (HEAD + 'mass = "64 \\u001b[31mkg"\n', ["person.mass"]),
    (HEAD + "mass = " + "[" * 5000 + "]" * 5000 + "\n", ["nested"]),
    (HEAD + "[[findings]]\n" * (MOST_FINDINGS + 1), [str(MOST_FINDINGS)]),
    (
        WHOLE + "[[findings]]\nkind='spasm'\nmuscle='left quadratus lumborum'\nsize='marked'\n",
        ["finding 5", "finding 3"],
    ),
]


@pytest.mark.parametrize(("written", "said"), SLIPS, ids=[str(said) for _, said in SLIPS])
def test_a_slip_is_one_sentence(written, said, tmp_path):
    path = tmp_path / "slip.toml"
    path.write_text(written, encoding="utf-8")
    got = sentence(path)
    assert all(word in got for word in said), got


def test_files_that_are_no_cases(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(WHOLE, encoding="utf-8")
    assert "case.toml" in sentence(tmp_path / "csae.toml") and "case.toml" in sentence(tmp_path / "csae.toml")
    assert "counterpull new" in sentence(tmp_path / "nowhere" / "zzz.toml")
    assert "folder" in sentence(tmp_path)
    assert sentence(Path("nul\0folder/case.toml"))
    assert sentence("x" * 5000)
    path.write_bytes(WHOLE.encode("utf-16"))
    assert "UTF-8" in sentence(path)
    path.write_bytes(b"# " + b"x" * MOST_BYTES)
    assert str(MOST_BYTES) in sentence(path)
    os.mkfifo(tmp_path / "pipe.toml")
    assert "no ordinary file" in sentence(tmp_path / "pipe.toml")
    assert "no ordinary file" in sentence(Path("/dev/zero"))


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    # Root may read everything, so the refusal is acted.
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    path = tmp_path / "secret.toml"
    path.write_text(WHOLE, encoding="utf-8")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "secret.toml" in (said := sentence(path)) and "Permission denied" in said


# -- a thousand broken files ---------------------------------------------------------------------------------

LINES = WHOLE.splitlines()
VALUES = [i for i, line in enumerate(LINES) if " = " in line]
UNITS = [i for i, line in enumerate(LINES) if re.search(r'"[\d.]+ (cm|kg|%|mm|deg|N)"', line)]
HEADERS = [i for i, line in enumerate(LINES) if line.startswith("[")]
WRONG: dict[str, list[str]] = {
    "type": [
        "3",
        "2.5",
        "nan",
        "-inf",
        "[]",
        "[[[]]]",
        "{}",
        "{ a = { b = 1 } }",
        "2026-01-01",
        "07:00:00",
        '""',
    ],
    "number": [
        "nan {}",
        "inf {}",
        "-inf {}",
        "1e999 {}",
        "{}",
        "1,5 {}",
        "--5 {}",
        "5 5 {}",
        "1e6 {}",
        "-1e6 {}",
        "0x10 {}",
    ],
    "unit": ["5", "5 parsec", "5 Pa", "5 °C", "5 kat", "5 __import__('os')", "5 (", "5 **", "5 N N", "5 min"],
}


def swapped(line: int, value: str) -> str:
    key = LINES[line].split(" = ")[0]
    return "\n".join([*LINES[:line], f"{key} = {value}", *LINES[line + 1 :]]) + "\n"


def broken(chance: random.Random) -> bytes:
    """A file that is surely at fault, in one of the ways in which files are."""

    def word() -> str:
        return "q" + "".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 30)))

    value = chance.choice([i for i in VALUES if "protection" not in LINES[i] and "fever" not in LINES[i]])
    unit = chance.choice(UNITS)
    of = re.sub(r'.*"[\d.]+ (.*)"', r"\1", LINES[unit])
    muscle = next(i for i, line in enumerate(LINES) if "iliopsoas" in line)
    thomas = next(i for i, line in enumerate(LINES) if "thomas" in line)
    ways: dict[str, Any] = {
        "wrong type": lambda: swapped(value, chance.choice(WRONG["type"])),
        "bad number": lambda: swapped(unit, f'"{chance.choice(WRONG["number"]).format(of)}"'),
        "wrong unit": lambda: swapped(unit, f'"{chance.choice(WRONG["unit"])}"'),
        "unknown key": lambda: WHOLE.replace(header := LINES[chance.choice(HEADERS)], f"{header}\n{word()} = 1", 1),
        "unknown table": lambda: WHOLE + f"[{word()}]\n",
        "unknown name": lambda: swapped(value, f'"{word()} {word()}"'),
        "duplicate key": lambda: "\n".join([*LINES[: value + 1], LINES[value], *LINES[value + 1 :]]),
        "no side": lambda: swapped(muscle, chance.choice(['"iliopsoas"', '"psoas, right iliacus"', '"hip flexors"'])),
        "two answers": lambda: swapped(thomas, f'"5 deg"\n{chance.choice(("size", "shorter", "stiffer"))} = "8 %"'),
        "deep": lambda: HEAD + f"mass = {'[' * (n := chance.randint(1, 4000))}{']' * n}\n",
        "deep keys": lambda: HEAD + f"[{'.'.join(['a'] * chance.randint(2, 3000))}]\n",
        "cut off": lambda: WHOLE[: WHOLE.index('= "', chance.randrange(len(WHOLE) - 120)) + 3],
        "not UTF-8": lambda: WHOLE.encode()[: (at := chance.randrange(len(WHOLE)))] + b"\xff\xfe" + WHOLE.encode()[at:],
        "noise": lambda: bytes(chance.randrange(256) for _ in range(chance.randint(1, 400))),
        "punctuation": lambda: "".join(chance.choices("[]{}=\"'.,#\\\n\t ab1-", k=chance.randint(1, 200))) + "=",
        "empty": lambda: " \n\t"[: chance.randint(0, 3)],
    }  # fmt: skip
    made = ways[chance.choice(list(ways))]()
    return made if isinstance(made, bytes) else made.encode()


def test_a_thousand_broken_files_are_a_thousand_sentences(tmp_path):
    path, chance = tmp_path / "broken.toml", random.Random(4)
    seen = set()
    for _ in range(1000):
        content = broken(chance)
        path.write_bytes(content)
        try:
            seen.add(sentence(path))
        except BaseException:
            print(content.decode(errors="replace"))
            raise
    assert len(seen) > 300


def test_a_broken_file_starts_no_jax(tmp_path):
    path = tmp_path / "slip.toml"
    path.write_text(WHOLE.replace("iliopsoas", "iliopsaos"), encoding="utf-8")
    code = (
        "import sys\nfrom counterpull.quantities import InputError\nfrom counterpull.scenarios import read_case\n"
        "try: read_case(sys.argv[1])\nexcept InputError as error: print(error)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules} & {'jax', 'rich', 'pydantic'}))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    said, loaded = done.stdout.splitlines()
    assert "iliopsaos" in said and "iliopsoas" in said and loaded == ""
