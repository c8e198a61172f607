"""`counterpull export`: what it writes, what it says, what it refuses. The engines are not needed here."""

from xml.etree import ElementTree

import pytest

from counterpull.interfaces.cli.export import run
from counterpull.quantities import InputError

ASKED = {
    "file": None,
    "to": "mujoco",
    "out": None,
    "activity": None,
    "sex": None,
    "height": None,
    "mass": None,
    "wraps": "follow",
}
CASE = """
schema = "counterpull.case/1"
person = { sex = "male", height = "180 cm" }
findings = [{ kind = "spasm", muscle = "left quadratus lumborum", force = "60 N" }]
"""


@pytest.mark.parametrize(
    ("to", "end", "root"), [("mujoco", "xml", "mujoco"), ("opensim", "osim", "OpenSimDocument")]
)
def test_a_case_becomes_a_file(to, end, root, tmp_path, capsys):
    case, out = tmp_path / "case.toml", tmp_path / f"person.{end}"
    case.write_text(CASE, encoding="utf-8")
    assert run(**ASKED | {"file": str(case), "to": to, "out": str(out), "wraps": "fixed"}) == 0
    said = capsys.readouterr().out
    text = out.read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag == root
    assert "274 muscle elements" in said
    assert "replace the wraps of 66 elements: " in said and "replace the wraps of 66 elements: " in text
    assert "gluteus_maximus_iliac_right" in said


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"to": "mojoco"}, 'no engine "mojoco"; did you mean mujoco'),
        ({"wraps": "fix"}, 'no way of wrapping "fix"; did you mean fixed'),
        ({"out": "person.osim"}, "does not end in .xml"),
        ({"out": "nowhere/person.xml"}, "there is no folder"),
        ({"activity": "stading"}, "standing"),
        ({"file": "none.toml"}, "there is no file"),
        ({"file": "none.toml", "sex": "male"}, "leave one of them out"),
        ({"sex": "man"}, "male"),
    ],
)
def test_what_is_at_fault_is_said(asked, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        run(**ASKED | asked)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_a_posture_that_is_not_held_cannot_be_frozen(tmp_path):
    case = tmp_path / "weak.toml"
    weak = '[[findings]]\nkind = "weak"\nmuscle = "both glutes"\nstrength = "1 %"\n'
    case.write_text(
        f'schema = "counterpull.case/1"\nperson = {{ sex = "female", strength = "30 %" }}\n{weak}',
        encoding="utf-8",
    )
    asked = {"file": str(case), "activity": "single leg standing right", "out": str(tmp_path / "a.xml")}
    with pytest.raises(InputError, match="does not hold the posture"):
        run(**ASKED | asked)
