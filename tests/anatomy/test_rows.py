"""Broken rows do not load, and the sentence names file, row and field; what reading cannot see, the audit does."""

import re

import numpy as np
import pytest

from counterpull.anatomy import TableError, audit, load, read, reference
from counterpull.anatomy.reading import FOLDER
from counterpull.quantities import GRADES

# file, row, field, what is written there, and words of the sentence beyond file, row and field
BROKEN = [
    # a number without its papers
    ("architecture.csv", "piriformis.pcsa", "unit", "", "is empty"),
    ("architecture.csv", "piriformis.pcsa", "unit", "furlong", "use mm"),
    ("architecture.csv", "piriformis.pcsa", "source", "", "is empty"),
    ("architecture.csv", "piriformis.pcsa", "source", "Nobody2031", "sources.bib does not hold"),
    ("architecture.csv", "piriformis.pcsa", "grade", "", "is empty"),
    ("architecture.csv", "piriformis.pcsa", "grade", "E", "use A, B, C or D"),
    ("architecture.csv", "piriformis.pcsa", "spread", "", "spread"),
    ("architecture.csv", "piriformis.pcsa", "spread", "-0.2", "positive"),
    ("architecture.csv", "piriformis.pcsa", "spread", "wide", "not a number"),
    ("architecture.csv", "piriformis.pcsa", "spread_kind", "", "is empty"),
    ("architecture.csv", "piriformis.pcsa", "spread_kind", "iqr", "sd, cv, factor95 or exact"),
    ("architecture.csv", "limb.specific_tension", "spread", "0.9", "must exceed 1"),
    # values that are none
    ("architecture.csv", "piriformis.pcsa", "value", "", "is empty"),
    ("architecture.csv", "piriformis.pcsa", "value", "much", "not a number"),
    ("architecture.csv", "piriformis.pcsa", "value", "nan", "finite"),
    ("architecture.csv", "piriformis.pcsa", "value", "-3", "positive"),
    ("architecture.csv", "piriformis.fibre_length", "value", "0", "positive"),
    ("segments.csv", "torso.female.mass", "value", "-0.3", "positive"),
    ("person.csv", "inter_asis.female", "grade", "", "is empty"),
    ("proportions.csv", "thigh_length.male", "source", "Nobody2031", "sources.bib"),
    ("size.csv", "limb_volume.constant", "unit", "", "is empty"),
    ("joints.csv", "sacroiliac.sagittal_stiffness", "value", "0", "positive"),
    # paths: which point on which bone
    ("paths.csv", "piriformis.0", "body", "innominate", "elements.csv says 'sacrum'"),
    ("paths.csv", "piriformis.0", "body", "pelvis", "use"),
    ("paths.csv", "piriformis.0", "body", "sacrun", "did you mean sacrum"),
    ("paths.csv", "piriformis.1", "element", "piriformus", "did you mean piriformis"),
    ("paths.csv", "piriformis.1", "index", "3", "the next point of this path is 1"),
    ("paths.csv", "piriformis.1", "index", "one", "not a number"),
    ("paths.csv", "piriformis.1", "index", "nan", "index"),
    ("paths.csv", "piriformis.1", "index", "1.5", "index"),
    ("paths.csv", "piriformis.0", "kind", "via", "one origin"),
    ("paths.csv", "piriformis.0", "kind", "start", "origin, via or insertion"),
    ("paths.csv", "piriformis.0", "wrap", "femoral_heat", ""),
    ("paths.csv", "piriformis.0", "unit", "", "is empty"),
    ("paths.csv", "piriformis.0", "x", "far", "not a number"),
    ("paths.csv", "piriformis.0", "spread", "", "is empty"),
    ("paths.csv", "piriformis.0", "spread", "-5", ""),
    ("paths.csv", "piriformis.0", "spread_kind", "cv", "is an sd"),
    ("paths.csv", "piriformis.0", "source", "", "is empty"),
    ("paths.csv", "piriformis.0", "reason", "", "is empty"),
    # elements and muscles
    ("elements.csv", "piriformis", "muscle", "piriformus", "did you mean piriformis"),
    ("elements.csv", "piriformis", "actions", "hip_flexion", "with + or -"),
    ("elements.csv", "piriformis", "actions_source", "", "is empty"),
    ("elements.csv", "piriformis", "label", "", "is empty"),
    ("muscles.csv", "piriformis", "class", "arm", "limb or trunk"),
    ("muscles.csv", "piriformis", "latin", "", "is empty"),
    # wraps
    ("wraps.csv", "pelvic_brim_psoas", "shape", "cone", "cylinder or sphere"),
    ("wraps.csv", "pelvic_brim_psoas", "body", "pelvis", "use"),
    ("wraps.csv", "pelvic_brim_psoas", "radius", "-50", "positive"),
    ("wraps.csv", "pelvic_brim_psoas", "axis_x", "0.9", "no unit vector"),
    ("wraps.csv", "pelvic_brim_psoas", "winding", "0", "use 1 or -1"),
    ("wraps.csv", "pelvic_brim_psoas", "winding", "nan", ""),
    ("wraps.csv", "pelvic_brim_psoas", "source", "", "is empty"),
    # bones, joints and ligaments
    ("landmarks.csv", "psis", "source", "", "is empty"),
    ("landmarks.csv", "psis", "grade", "Z", "use"),
    ("landmarks.csv", "psis", "unit", "", "is empty"),
    ("landmarks.csv", "psis", "x", "far", "not a number"),
    ("landmarks.csv", "psis", "body", "pelvis", ""),
    ("landmarks.csv", "psis", "side", "rihgt", ""),
    ("landmarks.csv", "psis", "spread", "", "is empty"),
    ("ligaments.csv", "sacrospinous_sacral", "preload_source", "", "is empty"),
    ("ligaments.csv", "sacrospinous_sacral", "stiffness", "-1", "positive"),
    ("ligaments.csv", "sacrospinous_sacral", "from_body", "pelvis", ""),
    ("ligaments.csv", "sacrospinous_sacral", "x1", "far", "not a number"),
    ("ligaments.csv", "sacrospinous_sacral", "unit", "", "is empty"),
    ("ligaments.csv", "sacrospinous_sacral", "spread", "", "is empty"),
    ("joint_axes.csv", "sacroiliac", "normal_x", "sideways", "not a number"),
    ("knee.csv", "tibia.10", "x", "far", "not a number"),
    ("lumbar_rhythm.csv", "l5_s1.lordosis", "level", "l5_l6", "did you mean l5_s1"),
    # what the draws, the postures and the audit need
    ("sharing.csv", "pcsa", "of_cause", "half", "not a number"),
    ("sharing.csv", "pcsa", "of_cause", "1.5", ""),
    ("sharing.csv", "pcsa", "of_side", "-0.1", ""),
    ("postures.csv", "sitting.hip_flexion", "value", "far", ""),
    ("postures.csv", "sitting.hip_flexion", "coordinate", "hip_flexoin", "hip_flexion"),
    ("postures.csv", "sitting.hip_flexion", "source", "", "is empty"),
    ("area_totals.csv", "hip_flexors", "low", "some", "not a number"),
    ("bone_checks.csv", "iliacus_inside_ilium", "low", "some", "not a number"),
    ("bone_checks.csv", "iliacus_inside_ilium", "muscles", "iliacos", "iliacus"),
    ("aliases.csv", "glmax2", "ids", "gluteus_maximus_scaral", "gluteus_maximus_sacral"),
]


@pytest.mark.parametrize(
    ("file", "row", "field", "written", "why"),
    BROKEN,
    ids=[f"{file}-{row}-{field}-{written or 'empty'}" for file, row, field, written, _ in BROKEN],
)
def test_a_broken_cell_is_refused_by_name(copy, file, row, field, written, why):
    copy.cell(file, row, field, written)
    with pytest.raises(TableError) as error:
        read(copy.folder)
    sentence = str(error.value)
    # A changed name or index is part of how the row is named, so the old name may be gone.
    stem = row.split(".")[0]
    assert re.match(re.escape(file) + r"\b", sentence), sentence
    assert stem in sentence or written in sentence, sentence
    assert field in sentence, sentence
    assert why in sentence, sentence
    assert "\n" not in sentence and sentence.endswith((".", "?"))


def test_the_line_number_is_where_an_editor_finds_it(copy):
    copy.cell("architecture.csv", "piriformis.pcsa", "source", "")
    lines = (copy.folder / "architecture.csv").read_text(encoding="utf-8").splitlines()
    (at,) = (i for i, line in enumerate(lines, 1) if line.startswith("piriformis,pcsa,"))
    with pytest.raises(TableError, match=rf"^architecture\.csv, line {at}, row piriformis\.pcsa: "):
        read(copy.folder)


# -- whole rows, columns and files ---------------------------------------------------------------------------


@pytest.mark.parametrize("quantity", ["share", "fibre_length", "slack_length", "pcsa", "pennation"])
def test_a_missing_number_is_named(copy, quantity):
    copy.change(
        "architecture.csv", lambda lines: [line for line in lines if line[:2] != ["piriformis", quantity]]
    )
    with pytest.raises(TableError, match=rf"architecture\.csv.*piriformis.*{quantity}"):
        read(copy.folder)


@pytest.mark.parametrize(
    ("file", "row", "needle"),
    [
        ("elements.csv", "piriformis", "paths.csv.*piriformis"),
        ("muscles.csv", "piriformis", "elements.csv.*piriformis"),
        ("landmarks.csv", "psis", "psis"),
        ("landmarks.csv", "hip_centre", "hip_centre"),
        ("knee.csv", "tibia", "knee.csv"),
        ("lumbar_rhythm.csv", "l3_l4", "l3_l4"),
        ("sharing.csv", "measure", "measure"),
        ("size.csv", "area_reference", "area_reference"),
        ("person.csv", "inter_asis", "inter_asis"),
    ],
)
def test_a_missing_row_is_a_sentence(copy, file, row, needle):
    # At the latest when the body is built, and never as a bare KeyError.
    copy.change(file, lambda lines: [line for i, line in enumerate(lines) if i == 0 or line[0] != row])
    with pytest.raises(TableError, match=needle):
        load(tables=read(copy.folder)).draw(2)


@pytest.mark.parametrize(
    "file", ["paths.csv", "architecture.csv", "landmarks.csv", "aliases.csv", "sharing.csv"]
)
def test_a_row_twice_is_refused(copy, file):
    copy.change(file, lambda lines: [*lines, lines[1]])
    with pytest.raises(TableError, match=rf"^{re.escape(file)}, .*already there"):
        read(copy.folder)


@pytest.mark.parametrize(
    "change", [lambda row: [*row, "one more"], lambda row: row[:-1]], ids=["long", "short"]
)
@pytest.mark.parametrize("file", ["paths.csv", "architecture.csv", "muscles.csv"])
def test_a_row_that_does_not_fit_the_columns_is_refused(copy, file, change):
    copy.change(file, lambda lines: [*lines[:2], change(lines[2]), *lines[3:]])
    with pytest.raises(TableError, match=rf"^{re.escape(file)}, line 3, .*does not fit the table's columns"):
        read(copy.folder)


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("architecture.csv", "source"),
        ("architecture.csv", "grade"),
        ("paths.csv", "source"),
        ("paths.csv", "wrap"),
        ("landmarks.csv", "source"),
        ("wraps.csv", "source"),
        ("postures.csv", "source"),
        ("sharing.csv", "source"),
        ("area_totals.csv", "source"),
        ("bone_checks.csv", "source"),
    ],
)
def test_a_missing_column_is_refused(copy, file, column):
    # Without its column no row has a source.
    copy.change(
        file, lambda lines: [[name + "_" if name == column else name for name in lines[0]], *lines[1:]]
    )
    with pytest.raises(TableError, match=rf"^{re.escape(file)}.*'{column}'"):
        read(copy.folder)


@pytest.mark.parametrize("file", sorted(path.name for path in FOLDER.iterdir()))
def test_a_missing_file_is_named(copy, file):
    (copy.folder / file).unlink()
    with pytest.raises(TableError, match=rf"^{re.escape(file)}: the file is missing"):
        read(copy.folder)


@pytest.mark.parametrize(
    "file", ["muscles.csv", "elements.csv", "wraps.csv", "landmarks.csv", "postures.csv"]
)
def test_an_empty_table_is_a_sentence(copy, file):
    copy.change(file, lambda lines: lines[:1])
    with pytest.raises(TableError, match=r"\.csv"):
        read(copy.folder)


def test_a_file_that_is_no_text_is_named(copy):
    (copy.folder / "paths.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TableError, match=r"^paths\.csv: .*UTF-8"):
        read(copy.folder)


# -- good tables ---------------------------------------------------------------------------------------------


def test_the_tables_load(tables):
    assert len(tables.elements) >= 60  # a side, as the design asks
    assert {element.muscle for element in tables.elements.values()} == set(tables.muscles)
    assert read() is tables  # read once, while no file changes


def test_a_copy_says_the_same(copy, tables):
    other = read(copy.folder)
    assert other.known == tables.known
    assert list(other.elements) == list(tables.elements)


def test_a_changed_file_is_read_again(copy):
    before = read(copy.folder).number("piriformis.pcsa").value
    copy.cell("architecture.csv", "piriformis.pcsa", "value", "99")
    assert read(copy.folder).number("piriformis.pcsa").value == pytest.approx(99e-4) != before


def test_every_number_has_its_papers(tables):
    for row in tables.rows:
        if "grade" in row.fields:
            assert row["grade"] in GRADES
            assert row["source"] in tables.sources, (row.file, row.name)
    for known in tables.known.values():
        assert known.unit and known.source in tables.sources


def test_every_source_named_anywhere_is_in_the_bibliography(tables):
    fields = ("source", "actions_source", "preload_source")
    named = {row.fields[f] for row in tables.rows for f in fields if row.fields.get(f)}
    assert named - tables.sources == set()
    bib = (tables.folder / "sources.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{([^,\s]+),", bib, re.MULTILINE)
    assert len(keys) == len(set(keys)), "a source is there twice"


def test_every_attachment_has_a_reason(tables):
    # Sacrum or hip bone is a decision; each point says why.
    for element in tables.elements.values():
        assert element.path[0].kind == "origin" and element.path[-1].kind == "insertion"
        for point in element.path:
            assert point.row["reason"] and point.spread > 0


def test_an_unknown_number_answers_with_near_misses(tables):
    with pytest.raises(TableError, match=r"piriformis\.pcsa"):
        tables.number("piriformus.pcsa")


# -- adding a row --------------------------------------------------------------------------------------------


def _with_twin(lines):
    """All rows of piriformis again, as `imaginarius` and in front: nothing may hang on the order."""
    twin = [line for line in lines[1:] if line[0] == "piriformis"]
    return [
        lines[0],
        *([cell.replace("piriformis", "imaginarius") for cell in line] for line in twin),
        *lines[1:],
    ]


def test_adding_a_row_changes_no_other_rows_draws(copy, woman):
    for file in ("muscles.csv", "elements.csv", "architecture.csv", "paths.csv"):
        copy.change(file, _with_twin)
    copy.change("ligaments.csv", lambda lines: [lines[0], ["imaginarium", *lines[1][1:]], *lines[1:]])
    other = load("female", tables=read(copy.folder))
    assert len(other.elements) == len(woman.elements) + 2
    few, more = woman.draw(20, seed=4), other.draw(20, seed=4)
    here = [other.elements.index(name) for name in woman.elements]

    def same(one, two):
        # Not to the last bit: sums over arrays of another size may round differently.
        return np.allclose(one, two, rtol=1e-12, atol=0)

    for name in ("pcsa", "specific_tension", "fibre_length", "slack_length", "pennation"):
        assert same(getattr(few, name), getattr(more, name)[:, here]), name
    assert same(few.segment_mass, more.segment_mass)
    assert all(same(few.joints[key], more.joints[key]) for key in few.joints)
    assert all(same(few.ligaments[key], more.ligaments[key][:, :, 1:]) for key in few.ligaments)
    points = [_points(body, draws) for body, draws in ((woman, few), (other, more))]
    assert all(same(at, points[1][key]) for key, at in points[0].items())
    assert same(few.geometry.wrap_radius, more.geometry.wrap_radius)


def _points(body, draws):
    """Path points (G, 3) by element, side and index."""
    keys = [
        (side, element.id, i)
        for side in ("right", "left")
        for element in body.tables.elements.values()
        for i in range(len(element.path))
    ]
    return dict(zip(keys, np.moveaxis(np.asarray(draws.geometry.points), 1, 0), strict=True))


# -- what reading cannot see, the audit does -----------------------------------------------------------------


def test_sacrum_for_innominate_in_both_tables_fails_the_audit(copy):
    # The tables agree with each other and are wrong together: the point lies on the other side of the joint.
    copy.cell("paths.csv", "piriformis.0", "body", "innominate")
    copy.cell("elements.csv", "piriformis", "from_bone", "innominate")
    check = audit.bones(reference(read(copy.folder)), "the model")
    assert not check.ok and "paths.csv, piriformis.0" in check.detail


def test_a_point_on_the_wrong_side_of_a_bone_fails_the_audit(copy, model):
    copy.cell("paths.csv", "gluteus_medius_middle.0", "z", "20")
    check = audit.bones(reference(read(copy.folder)), "the model")
    assert not check.ok and "gluteus_medius_middle.0" in check.detail
    assert audit.bones(model, "the model").ok


def test_impossible_lengths_fail_the_audit(copy):
    # One body for three faults: each compiles anew.
    copy.cell("architecture.csv", "piriformis.fibre_length", "value", "0.9")
    copy.cell("architecture.csv", "sartorius.slack_length", "value", "900")
    body = reference(read(copy.folder))
    fibres, slack = audit.fibre_lengths(body, "the model"), audit.slack_lengths(body)
    assert not fibres.ok and "architecture.csv, piriformis_right" in fibres.detail
    assert "fibre_length" in fibres.detail
    assert not (fibres.ok and slack.ok) and "sartorius" in fibres.detail + slack.detail


@pytest.mark.parametrize(
    ("row", "value", "named"),
    [("gluteus_maximus.pcsa", "300", "gluteus_maximus"), ("gluteus_maximus_iliac.share", "0.9", "shares")],
)
def test_areas_beyond_published_ones_fail_the_audit(copy, row, value, named):
    copy.cell("architecture.csv", row, "value", value)
    check = audit.areas(read(copy.folder))
    assert not check.ok and named in check.detail


def test_a_source_that_nobody_uses_fails_the_audit(copy):
    with (copy.folder / "sources.bib").open("a", encoding="utf-8") as bib:
        bib.write("\n@article{Idle2031,\n  title = {Nothing}\n}\n")
    check = audit.sources_and_grades(read(copy.folder))
    assert not check.ok and "Idle2031" in check.detail


def test_a_notch_given_to_the_sacrum_fails_the_audit(copy):
    # No element ends there, so only the landmarks around it know the bone.
    copy.cell("paths.csv", "obturator_internus.1", "body", "sacrum")
    check = audit.bones(reference(read(copy.folder)), "the model")
    assert not check.ok and "obturator_internus.1: the field 'body' is 'sacrum'" in check.detail


def test_points_that_share_a_cause_lie_in_one_place(copy):
    copy.cell("paths.csv", "psoas_l3_process.1", "body", "sacrum")
    with pytest.raises(TableError, match=r"^paths\.csv, .*row psoas_l3_process\.1: the field 'body'"):
        read(copy.folder)
