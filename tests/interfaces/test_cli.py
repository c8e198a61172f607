"""The command: what it prints, what it writes, and how it refuses (exit 2, one sentence, no traceback)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from counterpull import __version__
from counterpull.interfaces.cli import main


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command in this process: exit code, stdout, stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["counterpull", *arguments])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


# -- audit ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def audited() -> subprocess.CompletedProcess:
    # In a process of its own, as people and programs run it. Takes about 20 seconds, hence once.
    code = "from counterpull.interfaces.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, "audit", "--json"], capture_output=True, text=True)


def test_the_audit_passes(audited):
    checks = json.loads(audited.stdout)["checks"]
    assert [check for check in checks if not check["ok"]] == []
    assert (audited.returncode, audited.stderr) == (0, "")


def test_the_audit_answers_in_its_schema(audited):
    record = json.loads(audited.stdout)
    assert record["schema"] == "counterpull.audit/1"
    assert record["version"] == __version__
    assert record["parameters"] and record["convention"]
    assert record["elements_per_side"] >= 60
    assert set(record["rows_by_grade"]) == set("ABCD")
    assert sum(record["rows_by_grade"].values()) > 1000
    assert all(set(check) == {"name", "ok", "detail"} and check["detail"] for check in record["checks"])
    names = [check["name"] for check in record["checks"]]
    assert len(names) == len(set(names))


def test_the_audit_asks_all_that_the_design_asks(audited):
    names = " ".join(check["name"] for check in json.loads(audited.stdout)["checks"])
    for asked in ("sources", "cross-sections", "mirror", "actions", "moment arms", "fibre lengths", "bones"):
        assert asked in names


def test_each_muscle_has_the_range_in_which_it_was_checked(audited, tables):
    ranges = json.loads(audited.stdout)["checked_range_deg"]
    assert set(ranges) == set(tables.elements)
    for element, angles in ranges.items():
        assert {"hip_flexion", "knee_flexion", "lordosis"} <= set(angles), element
        assert all(low <= 0 <= high for low, high in angles.values()), element


BREAKS = [
    ("architecture.csv", "piriformis.pcsa", "unit", ""),
    ("architecture.csv", "piriformis.pcsa", "source", ""),
    ("paths.csv", "piriformis.0", "body", "innominate"),
    ("landmarks.csv", "psis", "x", "far"),
]


@pytest.mark.parametrize(("file", "row", "field", "written"), BREAKS, ids=[b[0] + "-" + b[2] for b in BREAKS])
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_broken_tables_fail_the_audit_with_a_sentence(copy, command, form, file, row, field, written):
    copy.cell(file, row, field, written)
    code, out, err = command("audit", "--tables", str(copy.folder), *form)
    assert (code, err) == (1, "")
    sentence = out
    if form:
        record = json.loads(out)
        assert record["ok"] is False and record["schema"] == "counterpull.audit/1"
        (sentence,) = (check["detail"] for check in record["checks"] if not check["ok"])
    assert all(word in sentence for word in (file, row, f"'{field}'")), sentence


def test_a_missing_landmark_fails_the_audit_with_a_sentence(copy, command):
    copy.change("landmarks.csv", lambda lines: [line for line in lines if line[0] != "psis"])
    code, out, _ = command("audit", "--tables", str(copy.folder))
    assert code == 1 and "psis" in out and "landmarks.csv" in out


# -- picture -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "begins"), [("png", b"\x89PNG\r\n"), ("svg", b"<?xml"), ("pdf", b"%PDF-")]
)
def test_a_picture_is_written(command, tmp_path, ending, begins):
    path = tmp_path / f"flexors.{ending}"
    code, out, err = command("picture", "--muscles", "hip flexors", "--view", "front", "--out", str(path))
    assert (code, err) == (0, "")
    assert str(path) in out and "front" in out
    assert path.read_bytes().startswith(begins) and path.stat().st_size > 10_000


@pytest.mark.parametrize("view", ["back", "right", "left", "top"])
def test_every_view_and_a_person_in_a_posture(command, tmp_path, view):
    path = tmp_path / "one.svg"
    person = ("--sex", "male", "--height", "190 cm", "--mass", "90 kg", "--posture", "sitting")
    code, out, _ = command("picture", "--muscles", "left QL", "--view", view, "--out", str(path), *person)
    assert code == 0 and "sitting" in out and path.exists()


def test_a_picture_may_be_solid_dark_and_without_names(command, tmp_path):
    solid, dark = tmp_path / "floor.glb", tmp_path / "floor.png"
    code, out, _ = command("picture", "--muscles", "pelvic floor", "--view", "inside", "--out", str(solid))
    assert code == 0 and "solid" in out and solid.read_bytes()[:4] == b"glTF"
    more = ("--view", "three quarter", "--theme", "dark", "--no-labels", "--colour", "muscle")
    code, out, _ = command("picture", "--muscles", "pelvic floor", "--out", str(dark), *more)
    assert code == 0 and "three quarter" in out and dark.stat().st_size > 10_000


def test_a_picture_is_coloured_by_what_an_activity_asks(command, tmp_path):
    paths = [tmp_path / f"{colour}.svg" for colour in ("group", "pull", "capacity")]
    for path in paths:
        arguments = (
            "--muscles",
            "glutes",
            "--activity",
            "standing",
            "--colour",
            path.stem,
            "--out",
            str(path),
        )
        code, out, _ = command("picture", *arguments)
        assert code == 0 and "standing" in out
    group, pull, capacity = (path.read_text(encoding="utf-8") for path in paths)
    assert "pull of a muscle" in pull and "share of what a muscle can do" in capacity
    assert len({group, pull, capacity}) == 3


def test_the_names_that_the_command_knows_are_those_that_are_drawn():
    from counterpull.interfaces.cli.picture import THEMES, VIEWS
    from counterpull.interfaces.figures import style, views

    assert VIEWS == tuple(views.VIEWS) and THEMES == tuple(style.THEMES)


# -- refusals ------------------------------------------------------------------------------------------------

PICTURE = {"--muscles": "piriformis", "--out": "{folder}/one.png"}
REFUSED = [
    ({"--muscles": "iliacos"}, ["iliacos", "iliacus"]),
    ({"--muscles": ""}, ["no name"]),
    ({"--view": "fron"}, ["fron", "front"]),
    ({"--colour": "pul"}, ["pul", "pull"]),
    ({"--theme": "drak"}, ["drak", "dark"]),
    ({"--activity": "siting"}, ["siting", "sitting"]),
    ({"--activity": "sitting", "--posture": "sitting"}, ["posture", "activity", "both"]),
    ({"--colour": "pull", "--posture": "sitting"}, ["pull", "activity", "sitting"]),
    ({"--posture": "siting"}, ["siting", "sitting"]),
    ({"--posture": "handstand"}, ["handstand", "standing"]),
    ({"--sex": "femal"}, ["femal", "female"]),
    ({"--height": "165"}, ["person.height", "no unit", "cm"]),
    ({"--height": "165 kg"}, ["person.height", "cm"]),
    ({"--height": "9 m"}, ["person.height", "220 cm"]),
    ({"--mass": "640 kg"}, ["person.mass", "640 kg"]),
    ({"--mass": "64 ("}, ["person.mass", "kg"]),
    ({"--out": "{folder}/one.bmp"}, ["one.bmp", ".png"]),
    ({"--out": "{folder}/one"}, [".png", ".svg"]),
    ({"--out": "{folder}/nowhere/one.png"}, ["nowhere", "folder"]),
]


@pytest.mark.parametrize(
    ("change", "words"),
    REFUSED,
    ids=[" ".join(part for item in change.items() for part in item) for change, _ in REFUSED],
)
def test_a_slip_is_one_sentence_and_exit_code_2(command, tmp_path, change, words):
    options = PICTURE | change
    arguments = [part.replace("{folder}", str(tmp_path)) for option in options.items() for part in option]
    refused(command("picture", *arguments), words)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(command):
    refused(command("audit", "--tables", "/no/such/folder"), ["/no/such/folder", "folder"])


def test_a_file_that_cannot_be_written(command, tmp_path):
    taken = tmp_path / "taken.png"
    taken.mkdir()
    refused(command("picture", "--muscles", "piriformis", "--out", str(taken)), ["taken.png"])


def refused(result, words):
    code, out, err = result
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err.count("\n") == 1 and err.rstrip().endswith((".", "?")), err
    assert all(word in err for word in words), err


def test_no_traceback_from_the_real_command():
    code = "from counterpull.interfaces.cli import main; main()"
    arguments = ["picture", "--muscles", "iliacos", "--out", "x.png"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    refused((done.returncode, done.stdout, done.stderr), ["iliacus"])


def test_the_version(command):
    assert command("--version") == (0, f"counterpull {__version__}\n", "")


@pytest.mark.parametrize("arguments", [("--help",), ("audit", "--help"), ("picture", "--help")], ids=" ".join)
def test_help_explains(command, arguments):
    code, out, _ = command(*arguments)
    assert code == 0 and "Usage: " in out
    if arguments == ("--help",):
        assert "audit" in out and "picture" in out and "not a diagnosis" in out


@pytest.mark.parametrize("arguments", [("audt",), ("picture",), ("audit", "--jsn")], ids=" ".join)
def test_a_wrong_call_is_exit_code_2(command, arguments):
    code, _, err = command(*arguments)
    assert code == 2 and "Traceback" not in err


def test_works_where_no_cache_can_be_written(tmp_path):
    # A home that is read-only costs time, never the answer.
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    out = tmp_path / "ql.png"
    done = subprocess.run(
        [Path(sys.executable).with_name("counterpull"), "picture", "--muscles", "left QL", "--out", out],
        env={**os.environ, "XDG_CACHE_HOME": str(blocked), "HOME": str(blocked)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, out.exists()) == (0, True), done.stderr
    assert "Traceback" not in done.stderr
