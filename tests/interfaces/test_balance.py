"""`counterpull balance`: what it prints and writes, that others can check it, and how it refuses."""

import contextlib
import copy
import dataclasses
import importlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clarabel
import numpy as np
import pytest
from rich.console import Console
from scipy import sparse

from counterpull.interfaces.cli import efforts, main, page, sheet
from counterpull.interfaces.words import balance as words
from counterpull.interfaces.words.phrases import text
from counterpull.mechanics.equilibrium import Equilibrium, solve
from counterpull.mechanics.model import Situation, situation
from counterpull.numerics.problem import Outcome
from counterpull.scenarios import activity

balance = importlib.import_module("counterpull.interfaces.cli.balance")
"""The module; the package's own `balance` is the command."""
CLARABEL: Any = clarabel  # its names come from Rust, which no type checker sees
Ran = tuple[int, str, str]
DOCS = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"


def ran(*arguments: str) -> Ran:
    """Run the command in this process: exit code, stdout, stderr."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["counterpull", *arguments])
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("balance")


@pytest.fixture(scope="module")
def answered(folder) -> Ran:
    # Compiles the solver, hence once for all tests.
    file = str(folder / "problem.npz")
    person = ("--height", "165 cm", "--mass", "60 kg")
    return ran("balance", "--activity", "sitting", *person, "--draws", "4", "--json", "--arrays", file)


@pytest.fixture(scope="module")
def record(answered) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(answered[1], parse_constant=refuse)


@pytest.fixture(scope="module")
def arrays(answered, folder) -> dict[str, np.ndarray]:
    with np.load(folder / "problem.npz", allow_pickle=False) as file:
        return dict(file)


@pytest.fixture(scope="module")
def sitting(woman) -> tuple[Situation, Equilibrium]:
    here = situation(woman, activity("sitting").setting)
    return here, solve(here.model())


def shown(record: dict[str, Any], width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    page.show(record, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def quantities(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every quantity of a record, with its path."""
    if isinstance(part, dict) and set(part) == {"median", "low", "high"}:
        yield path, part
    elif isinstance(part, dict | list):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from quantities(value, f"{path}.{key}")


# -- the record ----------------------------------------------------------------------------------------------


def test_the_record_answers_in_its_schema(answered, record, folder):
    code, _, err = answered
    assert code == 0
    assert err == f"{folder / 'problem.npz'}: the problem of the mean body. {Outcome.CONVERGED.sentence}\n"
    assert record["schema"] == "counterpull.balance/1"
    assert record["version"] and record["parameters"] and record["convention"] == "counterpull.pelvis/1"
    assert record["activity"]["id"] == "sitting" and "pelvis_tilt" in record["activity"]["holds"]
    assert record["person"] == {"sex": "female", "height_cm": 165.0, "mass_kg": 60.0}
    assert record["draws"] == 4 and 0 < record["held"] <= 1
    assert record["answer"] == Outcome.CONVERGED.sentence


def test_every_quantity_has_a_unit_and_an_interval_in_order(record):
    found = dict(quantities(record))
    assert len(found) > 80
    for path, value in found.items():
        assert path.endswith(("_N", "_mm", "_deg", "_percent", "_percent_BW", "_factor")), path
        assert value["low"] <= value["median"] <= value["high"], path


def test_every_key_is_documented(record):
    text = DOCS.read_text(encoding="utf-8")

    def check(part: Any) -> None:
        if isinstance(part, dict):
            for key, value in part.items():
                assert f"`{key}`" in text or f".{key}`" in text, key
                check(value)
        elif isinstance(part, list):
            for value in part:
                check(value)

    check(record)


def test_the_sheet_adds_up(record):
    assert record["supports"]["all"]["push_percent_BW"]["median"] == pytest.approx(100, abs=0.01)
    assert set(record["supports"]) == {"seat_right", "seat_left", "foot_right", "foot_left", "all"}
    trunk, whole = record["trunk"]["weight_N"]["median"], record["supports"]["all"]["push_N"]["median"]
    assert 0.3 < trunk / whole < 0.6
    outcomes = record["solver"]["outcomes"]
    assert sum(outcomes.values()) == 4 and outcomes["converged"] == 4 * record["held"]
    assert record["solver"]["unbalanced_fraction"] < 1e-8
    assert sum(record["margin"]["limited_by"].values()) == pytest.approx(1)


def test_the_hardest_working_muscles_come_first(record):
    drive = [row["activation_percent"]["median"] for row in record["muscles"]]
    assert len(drive) == efforts.HARDEST
    assert drive == sorted(drive, reverse=True) and 0 <= drive[-1] <= drive[0] <= 100


# -- for people ----------------------------------------------------------------------------------------------


def test_the_text_shows_the_record(record, monkeypatch):
    monkeypatch.setattr(balance, "balanced", lambda *_: record)
    code, out, err = ran("balance", "--activity", "sitting", "--draws", "4")
    assert (code, err) == (0, "")
    assert "not a diagnosis" in out and "three things" in out and "a woman of 165 cm and 60 kg" in out.lower()
    for section in range(1, 7):
        assert f"\n{section}  " in out
    for word in ("L5/S1", "sacrotuberous", "symphysis", "seat", "obliquity", "psoas", "limit of seeing"):
        assert word in " ".join(out.split())
    assert text(record["trunk"]["weight_N"]) in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "nan" not in out.lower().replace("resonan", "")


def test_one_body_has_no_interval(record):
    one = copy.deepcopy(record) | {"draws": 1, "held": 1.0}
    for _, value in quantities(one):
        value.update(low=None, high=None)
    text = shown(one)
    assert "mean body" in text and " to " not in text.split("2  Loads")[1].split("3  Shifts")[0]


def test_no_muscle_pushes(record):
    for _, value in quantities([record["muscles"], record["trunk"]["muscles"]]):
        assert value["low"] >= 0


def test_a_small_share_is_said_first(record):
    text = shown(record | {"held": 0.75})
    assert text.index("75% of 4") < text.index("medians") < text.index("1  What")
    assert "All 4" in shown(record | {"held": 1.0})


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (0.1, "All of these are smaller than the best imaging can detect."),
        (1.0, "Enough for the best imaging to detect: shift up (both sides)."),
        (9.0, "More than has been found in living people: shift up (both sides)."),
    ],
)
def test_what_the_shifts_mean(record, size, sentence):
    changed = copy.deepcopy(record)
    for side in changed["shifts"].values():
        for name, value in side.items():
            value["median"] = -size if name == "superior_shift_mm" else 0.0
    assert words.meaning(changed).startswith(sentence)


@pytest.fixture
def not_held(sitting) -> dict[str, Any]:
    here, found = sitting
    lost = dataclasses.replace(found, outcome=np.array([int(Outcome.INFEASIBLE)]))
    return sheet.record(activity("sitting"), here, lost, None)


def test_a_posture_that_cannot_be_held_is_an_answer(not_held, monkeypatch):
    monkeypatch.setattr(balance, "balanced", lambda *_: not_held)
    code, out, _ = ran("balance", "--json")
    record = json.loads(out)
    assert code == 0 and record["held"] == 0 and record["muscles"] == []
    assert all(value == {"median": None, "low": None, "high": None} for _, value in quantities(record))
    assert record["margin"]["limited_by"] is None and record["solver"]["unbalanced_fraction"] is None
    code, out, _ = ran("balance")
    assert code == 0
    assert Outcome.INFEASIBLE.sentence in " ".join(out.split()) and "1 cannot be held" in out
    assert "1  What" not in out and "None" not in out


# -- arrays --------------------------------------------------------------------------------------------------


def test_another_solver_finds_the_same_activations(arrays):
    size = np.linalg.norm(arrays["rows"], axis=1)
    elements, rows = arrays["rows"].shape[1], len(size)
    one = np.eye(elements)
    settings = CLARABEL.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-12
    found = CLARABEL.DefaultSolver(
        sparse.csc_matrix(np.diag(arrays["weight"])),
        -arrays["weight"] * arrays["target"],
        sparse.csc_matrix(np.vstack([arrays["rows"] / size[:, None], one, -one])),
        np.concatenate([arrays["aim"] / size, arrays["high"], -arrays["low"]]),
        [CLARABEL.ZeroConeT(rows), CLARABEL.NonnegativeConeT(2 * elements)],
        settings,
    ).solve()
    theirs = np.array(found.x)
    assert arrays["activation"].max() > 0.05
    np.testing.assert_allclose(theirs, arrays["activation"], atol=1e-6)
    moved = np.linalg.solve(arrays["K"], arrays["f"] + arrays["R"] @ theirs + arrays["offset"])
    np.testing.assert_allclose(moved, arrays["x"], atol=1e-7)
    np.testing.assert_allclose(arrays["P"] @ moved, 0, atol=1e-7)


def test_the_arrays_say_what_the_docs_say(arrays):
    a, x = arrays["activation"], arrays["x"]
    load = arrays["f"] + arrays["R"] @ a
    force = {"atol": 1e-7 * np.abs(load).max(), "rtol": 0}
    np.testing.assert_allclose(arrays["restoring"], load, **force)
    np.testing.assert_allclose(arrays["K"] @ x, load + arrays["offset"], **force)
    through = np.linalg.solve(arrays["K"].T, arrays["P"].T).T
    np.testing.assert_allclose(arrays["rows"], through @ arrays["R"], atol=1e-9)
    np.testing.assert_allclose(arrays["aim"], -through @ (arrays["f"] + arrays["offset"]), atol=1e-9)
    np.testing.assert_allclose(arrays["R"], arrays["pull"] * arrays["active"], atol=1e-9)
    assert arrays["passive"].min() >= 0
    tension = arrays["passive"] + a * arrays["active"]
    np.testing.assert_allclose(arrays["tension"], tension, atol=1e-6)
    free = (a > arrays["low"] + 1e-6) & (a < arrays["high"] - 1e-6)
    slope = arrays["weight"] * (a - arrays["target"]) - arrays["rows"].T @ arrays["multiplier"]
    np.testing.assert_allclose(slope[free], 0, atol=1e-6)


def test_the_arrays_name_what_they_hold(arrays):
    text = DOCS.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in arrays)
    m, n = arrays["P"].shape
    assert len(arrays["coordinates"]) == n and len(arrays["elements"]) == len(arrays["activation"])
    assert len(arrays["held"]) == m and "pelvis_tilt" in arrays["held"]
    assert "SI" in str(arrays["units"]) and arrays["outcome"] == 0


# -- refusals ------------------------------------------------------------------------------------------------

REFUSED = [
    (["--activity", "siting"], ["siting", "sitting"]),
    (["--activity", "handstand"], ["handstand", "standing"]),
    (["--activity", "zzz"], ["zzz", "supine"]),
    (["--sex", "femal"], ["femal", "female"]),
    (["--height", "165"], ["person.height", "no unit"]),
    (["--mass", "60 cm"], ["person.mass", "kg"]),
    (["--draws", "-1"], ["--draws", "4096"]),
    (["--draws", "4097"], ["--draws", "4096"]),
    (["--arrays", "problem.csv"], ["problem.csv", ".npz"]),
    (["--arrays", "/no/such/folder/problem.npz"], ["/no/such/folder", "folder"]),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED, ids=[" ".join(a) for a, _ in REFUSED])
def test_a_slip_is_one_sentence_and_exit_code_2(arguments, said):
    code, out, err = ran("balance", *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and err.rstrip().endswith((".", "?")), err
    assert all(word in err for word in said), err


def test_a_folder_is_no_file(tmp_path):
    taken = tmp_path / "taken.npz"
    taken.mkdir()
    code, _, err = ran("balance", "--arrays", str(taken))
    assert code == 2 and "taken.npz" in err


def test_activities_that_are_known_pass_the_check(tables):
    from counterpull.scenarios import activities, activity_id

    for name in (*activities(), "single leg standing", "Mid-Stance left"):
        assert activity_id(name) in activities()


def test_a_slip_is_told_before_jax_starts():
    code = "import sys\nfrom counterpull.interfaces.cli import main\ntry: main()\nfinally: print('jax' in sys.modules)"
    arguments = ["balance", "--activity", "siting", "--mass", "60 kg"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "False\n") and "sitting" in done.stderr


def test_help_explains():
    code, out, _ = ran("balance", "--help")
    assert code == 0 and all(option in out for option in ("--activity", "--draws", "--arrays", "--json"))
