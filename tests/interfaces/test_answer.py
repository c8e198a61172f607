"""`counterpull answer`: its record, its page, its words, and how it refuses."""

import copy
import importlib
import io
import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from counterpull.anatomy.body import Body
from counterpull.interfaces.cli import answer_page
from counterpull.interfaces.words import reply, says
from counterpull.interfaces.words.record import INTERVAL, written
from counterpull.mechanics.readings import SHIFTS
from counterpull.numerics.problem import Outcome
from counterpull.scenarios import read_case, run

command = importlib.import_module("counterpull.interfaces.cli.answer")
"""The module; the package's own `answer` is the command."""
ROOT = Path(__file__).parents[2]
TIGHT = ROOT / "examples" / "tight-hip-flexors.toml"
HEAD = {"schema", "version", "parameters", "convention", "activity", "mode", "held"}
BODY = {"pelvis", "sides", "between_sides", "margin", "contributions", "modes", "solver"}
MORE = {
    *("label", "holds", "choices", "person", "screen", "context", "findings", "draws", "sentence", "shares"),
    *("causes", "holding", "imaging"),
}
PELVIS = {"tilt_deg", "obliquity_deg", "rotation_deg"}
SHIFT = {f"{name}_deg" for name in SHIFTS[:3]} | {f"{name}_mm" for name in SHIFTS[3:]}
COMPARED = {"baseline", "with_findings", "change"}


@pytest.fixture
def typed(command):
    return partial(command, "answer")


def page(record: dict[str, Any], width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    answer_page.show(record, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


def compared(part: dict[str, Any]) -> None:
    """It is {baseline, with_findings, change} of {median, low, high} in order."""
    assert set(part) == COMPARED
    for value in part.values():
        assert set(value) == {"median", "low", "high"}
        assert value["low"] <= value["median"] <= value["high"]


# -- the record ----------------------------------------------------------------------------------------------


def test_the_record_has_its_keys_and_each_quantity_its_form(record):
    assert set(record) == HEAD | BODY | MORE
    assert record["schema"] == "counterpull.answer/1" and record["convention"] == "counterpull.pelvis/1"
    assert (record["activity"], record["mode"], record["draws"]) == ("standing", "held", 8)
    assert set(record["held"]) == {"baseline", "with_findings", "both"} and record["sentence"] is None
    assert set(record["modes"]) == {"held", "yields", "before_reaction"}
    for one in (record, *record["modes"].values()):
        assert set(one["pelvis"]) == PELVIS and set(one["sides"]) == {"right", "left"}
        assert set(one["between_sides"]) == {"torsion_deg", "upslip_mm"}
        for side in one["sides"].values():
            assert set(side) == SHIFT | {"compression_N", "shear_N", "load_N"}
        for part in (one["pelvis"], one["between_sides"], *one["sides"].values()):
            for value in part.values():
                compared(value)
    assert {key: record["modes"]["held"][key] for key in ("pelvis", "sides")} == {
        key: record[key] for key in ("pelvis", "sides")
    }
    assert record["solver"]["residual"] < 1e-8 and record["solver"]["outcome"] == "converged"


def test_changes_are_those_of_the_answer_forward_and_up_positive(answer, record):
    for side in ("right", "left"):
        for name in SHIFTS:
            unit, factor = ("deg", np.rad2deg(1.0)) if "rotation" in name else ("mm", 1e3)
            low, median, high = np.quantile(factor * answer.change(side, name), INTERVAL)
            change = record["sides"][side][f"{name}_{unit}"]["change"]
            assert change == {"median": written(median), "low": written(low), "high": written(high)}
    torsion = answer.change("right", "sagittal_rotation") - answer.change("left", "sagittal_rotation")
    upslip = answer.change("right", "superior_shift") - answer.change("left", "superior_shift")
    between = {name: value["change"]["median"] for name, value in record["between_sides"].items()}
    assert between["torsion_deg"] == pytest.approx(np.rad2deg(np.median(torsion)), rel=1e-4)
    assert between["upslip_mm"] == pytest.approx(1e3 * np.median(upslip), rel=1e-4)


def test_shares_count_draws(answer, record):
    shares, imaging = record["shares"], record["imaging"]
    up = 1e3 * answer.change("right", "superior_shift")
    mine = shares["right"]["superior_shift_mm"]
    assert mine["positive"] == (up > 0).mean() and mine["negative"] == (up < 0).mean()
    assert mine["detectable"] == (np.abs(up) >= imaging["detects_mm"]).mean()
    for key in ("detectable", "beyond_measured", "beyond_measured_baseline"):
        for side in ("right", "left"):
            each = [shares[side][name][key] for name in SHIFT]
            assert max(each) <= shares[side]["any"][key] <= min(sum(each), 1)
        assert shares["any"][key] >= max(shares[side]["any"][key] for side in ("right", "left"))


def test_the_margin_says_what_limits(record):
    margin = record["margin"]
    compared({key: margin[key] for key in COMPARED})
    compared(margin["capacity"])
    assert set(margin) == COMPARED | {"capacity", "most", "draws", "limited_by"}
    for shares in margin["limited_by"].values():
        assert set(shares) == {"muscles", "shift_right", "shift_left"}
        assert sum(shares.values()) == pytest.approx(1)
    assert 0 <= margin["baseline"]["median"] <= margin["capacity"]["baseline"]["median"] <= margin["most"]


def test_contributions_name_the_tight_muscles_first(record):
    rows = record["contributions"]
    assert {(row["muscle"], row["side"]) for row in rows[:2]} == {
        ("psoas_major", "right"),
        ("iliacus", "right"),
    }
    assert 10 <= len(rows) <= reply.LISTED and 10 <= len(record["holding"]) <= reply.LISTED
    for row in rows:
        compared(row["tension_N"])
    for part in (*(row["part_of_change"] for row in rows), *record["causes"].values()):
        assert set(part) == {"right", "left"}
        assert all(set(side) == {"sagittal_rotation_deg", "superior_shift_mm"} for side in part.values())
    assert set(record["causes"]) == set(says.CAUSES)
    sizes = [abs(row["moment_Nm"]["median"]) for row in record["holding"]]
    assert max(sizes) == pytest.approx(sizes[0], rel=0.5)


def test_a_finding_is_written_with_what_was_drawn_for_it(records):
    tight, mmt, sized = records["tight-hip-flexors-weak-glutes"]["findings"]
    assert tight["size"] == "moderate" and set(tight["model"]) == {"shorter_percent", "thomas_rise_deg"}
    assert (mmt["size"], mmt["measured"], mmt["reading"]) == (None, "mmt", "4-")
    assert (sized["size"], sized["measured"], sized["reading"]) == ("moderate", None, None)


def test_every_key_is_documented(records, not_held):
    text = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    part = text[text.index("## counterpull answer") : text.index("## Exit codes")]

    def keys(part: Any):
        for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from keys(one)
        if isinstance(part, dict):
            yield from part

    said = {*keys(list(records.values())), *keys(not_held)} - {"median", "low", "high"}
    assert [key for key in sorted(said) if f"`{key}`" not in part] == []


def test_without_findings_nothing_changes(tables, through_json):
    body = Body(tables, read_case(TIGHT).person)
    record = through_json(reply.record(run(body, [], "standing", draws=8)))
    for side in record["sides"].values():
        assert all(value["change"] == {"median": 0, "low": 0, "high": 0} for value in side.values())
    assert (record["contributions"], record["causes"], record["holding"]) == ([], {}, [])
    text = flat(page(record))
    assert "No findings were given" in text and "change" not in text.split("as usual seen")[1]


# -- a posture that cannot be held ---------------------------------------------------------------------------


def test_a_posture_that_cannot_be_held_is_an_answer(not_held, typed, monkeypatch):
    monkeypatch.setattr(command, "answered", lambda *_: not_held)
    code, out, err = typed(str(TIGHT), "--json")
    record = json.loads(out)
    assert (code, err) == (0, "") and set(record) == HEAD | BODY | MORE
    assert [record[key] for key in ("sides", "pelvis", "between_sides", "shares")] == [None] * 4
    assert record["held"]["both"] == 0 < record["held"]["baseline"] and record["contributions"] == []
    assert record["sentence"] == Outcome.INFEASIBLE.sentence and record["margin"]["limited_by"] is None
    code, out, err = typed(str(TIGHT))
    said = flat(out)
    assert (code, err) == (0, "") and "the posture cannot be held with these findings" in said
    assert "no shift to report" in said and "None" not in out and "on sacrum" not in out


# -- the page ------------------------------------------------------------------------------------------------


def test_sentences_come_before_tables_and_the_pelvis_before_the_joints(records):
    for record in records.values():
        text = page(record)
        order = ["Answer:", "Compared:", "whole pelvis", "The right hip bone", "The left hip bone", "So "]
        order += [
            "right hip bone on sacrum",
            "left hip bone on sacrum",
            "What pulls",
            "Three ways",
            "Reserve",
        ]
        order += ["whether it hurts", "not a diagnosis"]
        places = [flat(text).index(words) for words in order]
        assert places == sorted(places)


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_than_the_screen_and_no_interval_is_broken(records, width):
    for record in records.values():
        lines = page(record, width).splitlines()
        assert max(map(len, lines)) <= width
        table = [line for line in lines if line.startswith("   ")]
        assert len(table) > 20 and all(line.count("(") == line.count(")") for line in table)


ALARM = re.compile(
    r"out of place|out of align|dislocat|sublux|damage|unstable|torn|danger|fragile|slipped|injur|serious|"
    r"pelvis is out|diagnos|\b(?:cure|heal|fix)\w*|guarantee|\bnan\b|none\b.*\bnone|inf\b",
    re.IGNORECASE,
)


def test_nothing_alarms_diagnoses_or_promises(records, not_held):
    for record in (*records.values(), not_held):
        text = flat(page(record)).replace("not a diagnosis", "")
        assert ALARM.findall(text) == []
        assert "not a diagnosis" in flat(page(record)) and "whether it hurts" in flat(page(record))


def test_red_flags_come_first(records):
    lines = page(records["freshly-injured"], 200).splitlines()
    assert lines[1].startswith("You answered yes to") and "doctor" in lines[1]
    assert "doctor" not in page(records["tight-hip-flexors"])


def test_pregnancy_is_context_and_not_a_red_flag(record):
    said = says.opening(record | {"context": ["pregnant_or_recently_gave_birth"]})
    assert len(said) == 1 and "midwife or doctor" in said[0] and "lax" in said[0]
    assert says.opening(record) == []


def test_a_name_with_a_comma_is_one_name():
    weak = {"kind": "weak", "size": "mild", "measured": None}
    one = says.one_finding(weak | {"where": "biceps femoris, long head left, right piriformis"})
    assert one == "biceps femoris, long head left and right piriformis mildly weak"


def test_zero_has_no_sign():
    assert str(written(-1e-12 * 0)) == str(written(-0.0)) == "0.0"


def test_few_bodies_that_hold_are_said_before_the_findings(record):
    few = record | {"held": {"baseline": 1.0, "with_findings": 0.5, "both": 0.5}}
    text = flat(page(few))
    assert text.index("50% with them") < text.index("Compared:") and "50% with them" not in flat(page(record))


def test_findings_read_well(records):
    assert says.findings(records["tight-hip-flexors-weak-glutes"]) == (
        "Compared: this person as usual, and with right iliopsoas moderately tight; right gluteus maximus weak "
        "(manual muscle test 4-); and right gluteus medius and right gluteus minimus moderately weak."
    )


# -- the sentences -------------------------------------------------------------------------------------------


def changed(
    record: dict[str, Any], low: float, median: float, high: float, **shares: float
) -> dict[str, Any]:
    """The record with this tip of the right hip bone."""
    out = copy.deepcopy(record)
    out["sides"]["right"]["sagittal_rotation_deg"]["change"] = {"median": median, "low": low, "high": high}
    out["shares"]["right"]["sagittal_rotation_deg"] |= shares
    return out


def test_a_direction_that_is_not_sure_is_said(record):
    said = says.side(changed(record, -0.2, 0.1, 0.3, positive=0.75, negative=0.25), "right")
    assert (
        "tip in no sure direction (0.20 degrees backward to 0.30 forward; forward in 75% of bodies)" in said
    )
    said = says.side(changed(record, 0.1, 0.2, 0.3, positive=1.0), "right")
    assert "tip forward 0.20 degrees (0.10 to 0.30; forward in all bodies)" in said
    said = says.side(changed(record, -0.03, 0.01, 0.04), "right")
    assert "hardly tips (less than 0.1 degrees)" in said


def test_a_change_that_can_be_seen_is_called_so(record):
    seen = changed(record, 1.0, 1.2, 1.4, positive=1.0)
    assert "one that the best imaging could detect" in says.side(seen, "right")
    seen["shares"]["any"] |= {"detectable": 0.9, "beyond_measured": 0.2, "beyond_measured_baseline": 0.0}
    assert "In 90% of the possible bodies" in says.verdict(seen)
    assert "In 20% of the bodies (none without the findings)" in says.within(seen)
    seen["shares"]["any"] |= {"detectable": 0.0, "beyond_measured": 0.0}
    assert "not predicted to move a sacroiliac joint visibly" in says.verdict(seen)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((40.0, 60.0, 80.0), "rises by 30%, 60 N (40 to 80), from 200 N."),
        ((-80.0, -60.0, -40.0), "falls by 30%, 60 N (40 to 80), from 200 N."),
        ((-30.0, 10.0, 50.0), "may rise or fall, from 200 N by -30 to +50 N."),
        ((-1.0, 0.0, 1.0), "stays about 200 N."),
    ],
)
def test_the_load_rises_falls_or_stays(record, ends, said):
    one = copy.deepcopy(record)
    load = one["sides"]["left"]["load_N"]
    load["baseline"]["median"] = 200.0
    load["change"] = dict(zip(("low", "median", "high"), ends, strict=True))
    assert says.side(one, "left").endswith(f"The load across the left joint {said}")


def test_one_body_has_no_intervals(record):
    one = copy.deepcopy(record)

    def single(part: Any) -> None:
        if isinstance(part, dict) and set(part) == {"median", "low", "high"}:
            part.update(low=None, high=None)
        elif isinstance(part, dict | list):
            for value in part.values() if isinstance(part, dict) else part:
                single(value)

    single(one)
    assert not re.search(r"\d to \d", page(one))


# -- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((str(TIGHT), "--draws", "0"), ["--draws 0", "4096"]),
        ((str(TIGHT), "--draws", "4097"), ["--draws 4097", "4096"]),
        ((str(TIGHT), "--activity", "siting"), ["siting", "sitting"]),
        (("nowhere.toml",), ["nowhere.toml"]),
        ((str(ROOT),), [ROOT.name]),
    ],
    ids=str,
)
def test_a_slip_is_one_sentence_and_exit_code_2(typed, arguments, said):
    code, out, err = typed(*arguments)
    assert (code, out) == (2, "") and err.count("\n") == 1 and err.rstrip().endswith((".", "?")), err
    assert all(word in err for word in said), err


BROKEN = [
    ("iliopsoas", "iliopsaos", "iliopsoas"),
    ("tight", "tigth", "tight"),
    ("moderate", "medium", "moderate"),
    ("[person]", "[persn]", "person"),
    ('"63 kg"', '"63"', "unit"),
    ("standing", "standign", "standing"),
    ("[person]", "[person", "line"),
]


def test_a_broken_file_is_told_before_jax_starts(tmp_path):
    files = []
    for number, (old, new, _) in enumerate(BROKEN):
        files.append(tmp_path / f"{number}.toml")
        lines = [line for line in TIGHT.read_text().splitlines() if not line.startswith("#")]
        files[-1].write_text("\n".join(lines).replace(old, new))
    code = (
        "import sys\nfrom counterpull.interfaces.cli import main\n"
        "for file in sys.argv[1:]:\n"
        "    sys.argv = ['counterpull', 'answer', file]\n"
        "    try: main()\n"
        "    except SystemExit as stop: print(stop.code)\n"
        "print('jax' in sys.modules, 'rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, files)], capture_output=True, text=True)
    assert done.stdout.split() == ["2"] * len(BROKEN) + ["False", "False"], done
    said = done.stderr.splitlines()
    assert len(said) == len(BROKEN)
    for (_, _, word), sentence in zip(BROKEN, said, strict=True):
        assert word in sentence and sentence.endswith((".", "?")), sentence
