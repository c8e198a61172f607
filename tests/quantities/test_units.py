"""Text to SI and back: units stay at the door, and a message names the field and the units allowed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpull.quantities import DIMENSIONS, InputError, parse, si_factor, text

READ = [
    ("12 deg", "angle", math.radians(12)),
    ("-15°", "angle", -math.radians(15)),
    ("−15 deg", "angle", -math.radians(15)),  # a typographic minus, as copied from a paper
    ("1.5 rad", "angle", 1.5),
    ("64 kg", "mass", 64.0),
    ("64kg", "mass", 64.0),
    ("  64   kg ", "mass", 64.0),
    ("140 lb", "mass", 140 * 0.45359237),
    ("165 cm", "length", 1.65),
    ("24.5 mm", "length", 0.0245),
    ("45 N/cm^2", "stress", 450e3),
    ("45 N/cm²", "stress", 450e3),
    ("0.45 MPa", "stress", 450e3),
    ("3.2 cm^2", "area", 3.2e-4),
    ("80 cm³", "volume", 8e-5),
    ("250 N/mm", "stiffness", 250e3),
    ("0.6 Nm/deg", "angular stiffness", 0.6 / math.radians(1)),
    ("30 Nm", "moment", 30.0),
    ("30 N·m", "moment", 30.0),
    ("2 N m", "moment", 2.0),
    ("50 %", "fraction", 0.5),
    ("0.5", "fraction", 0.5),
    ("2e3 N", "force", 2000.0),
    ("9.81 m/s^2", "acceleration", 9.81),
    ("2 week", "time", 14 * 86400.0),
]

REFUSED = [
    ("64", "mass", "has no unit"),
    ("", "mass", "does not start with a number"),
    ("kg", "mass", "does not start with a number"),
    ("nan kg", "mass", "does not start with a number"),
    ("inf kg", "mass", "does not start with a number"),
    ("1e400 kg", "mass", "too large"),
    ("1e308 MPa", "stress", "too large"),  # finite as written, not so in pascals
    ("64,5 kg", "mass", "decimal point"),
    ("64 KG", "mass", "did you mean kg?"),
    ("64 cm", "mass", "use kg, g or lb"),
    ("12", "angle", "has no unit"),
    ("12 %", "angle", "use deg or rad"),
    ("30 deg", "fraction", "%"),
    ("30 %", "mass", "use kg, g or lb"),
    ("20 degC", "angle", "no unit of angle"),
    ("5 kg m", "mass", "no unit of mass"),
    ("5 ft 4 in", "length", "no unit of length"),
    ("5 (", "length", "no unit of length"),
    ("5 kg/(m", "mass", "no unit of mass"),
    ("5 kg**", "mass", "no unit of mass"),
    ("5 *", "mass", "no unit of mass"),
    ("5 __import__", "mass", "no unit of mass"),
    ("9" * 80 + " kg", "mass", "..."),
]


@pytest.mark.parametrize(("written", "dimension", "si"), READ, ids=[row[0] for row in READ])
def test_reads_what_people_write(written, dimension, si):
    assert parse(written, dimension, "field") == pytest.approx(si, rel=1e-12)


@pytest.mark.parametrize(("written", "dimension", "why"), REFUSED, ids=[row[0][:20] for row in REFUSED])
def test_refuses_with_a_sentence_that_names_the_field(written, dimension, why):
    with pytest.raises(InputError) as error:
        parse(written, dimension, "person.mass")
    sentence = str(error.value)
    assert sentence.startswith('person.mass: "')
    assert why in sentence
    assert "\n" not in sentence and len(sentence) < 250
    # Every refusal ends with what would be allowed.
    assert DIMENSIONS[dimension].offered[0] in sentence


@pytest.mark.parametrize("written", [64, 64.0, None])
def test_a_bare_number_is_not_text(written):
    with pytest.raises(InputError, match="is not text"):
        parse(written, "mass", "person.mass")


@given(st.text(alphabet="0123456789.,eE+-*/^()%°µ² kgmNcdPlabs", max_size=70))
def test_any_text_is_a_number_or_a_sentence(written):
    for dimension in ("mass", "fraction", "angle"):
        try:
            assert math.isfinite(parse(written, dimension, "field"))
        except InputError as error:
            assert str(error).startswith("field: ")


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_offered_units_are_accepted(dimension):
    # The messages must not send people to a unit that is then refused.
    for unit in DIMENSIONS[dimension].offered:
        if " " not in unit:
            assert parse(f"2 {unit}", dimension, "field") == pytest.approx(2 * si_factor(unit, dimension))
    assert si_factor(DIMENSIONS[dimension].si, dimension) == 1.0


@given(st.sampled_from(sorted(DIMENSIONS)), st.floats(1e-3, 1e6), st.sampled_from([-1, 1]))
def test_text_and_parse_are_inverse(dimension, size, sign):
    value = sign * size * si_factor(DIMENSIONS[dimension].edge, dimension)
    assert parse(text(value, dimension, 6), dimension, "field") == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "dimension", "digits", "shown"),
    [
        (math.radians(12.34), "angle", 3, "12.3 deg"),
        (1234.4, "force", 3, "1230 N"),
        (0.0, "length", 3, "0 mm"),
        (-0.0035, "length", 2, "-3.5 mm"),
        (0.5, "fraction", 3, "50 %"),
        (99.96, "mass", 3, "100 kg"),
    ],
)
def test_text_shows_so_many_digits(value, dimension, digits, shown):
    assert text(value, dimension, digits) == shown
