"""A number carries its papers, or it does not exist; its draws follow its spread."""

from dataclasses import replace

import numpy as np
import pytest

from counterpull.quantities import GRADES, SPREAD_KINDS, InputError, Known, lognormal_sigma, normals

AREA = Known("piriformis.pcsa", 3e-4, "cm^2", 0.5, "cv", "Key2000", "B")
ANGLE = Known("piriformis.tilt", -0.2, "deg", 0.1, "sd", "Key2000", "A", positive=False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit": ""}, "unit"),
        ({"source": ""}, "source"),
        ({"grade": ""}, "grade"),
        ({"grade": "E"}, "grade"),
        ({"spread_kind": ""}, "spread_kind"),
        ({"spread_kind": "iqr"}, "spread_kind"),
        ({"spread": 0.0}, "spread"),
        ({"spread": -0.1}, "spread"),
        ({"spread": float("nan")}, "spread"),
        ({"spread": 0.9, "spread_kind": "factor95"}, "spread"),
        ({"value": 0.0}, "value"),
        ({"value": -3e-4}, "value"),
        ({"value": float("nan")}, "value"),
        ({"value": float("inf")}, "value"),
    ],
)
def test_a_number_without_its_papers_is_refused(change, field):
    with pytest.raises(InputError) as error:
        replace(AREA, **change)
    assert str(error.value).startswith("piriformis.pcsa: ")
    assert f"'{field}'" in str(error.value)


def test_grades_and_kinds_are_the_design():
    assert set(GRADES) == set("ABCD")
    assert set(SPREAD_KINDS) == {"sd", "cv", "factor95", "exact"}


@pytest.mark.parametrize("field", ["value", "source"])
def test_a_known_cannot_be_changed(field):
    with pytest.raises(AttributeError):
        setattr(AREA, field, 4e-4)


@pytest.mark.parametrize("known", [AREA, ANGLE], ids=["positive", "signed"])
def test_the_value_is_the_median(known):
    z = np.array([-1.0, 0.0, 1.0])
    low, middle, high = known.at(z)
    assert middle == known.value
    assert low < middle < high


def test_positive_quantities_have_no_negative_draw():
    wide = replace(AREA, spread=3.0)
    assert (wide.at(np.linspace(-8, 8, 101)) > 0).all()


@pytest.mark.parametrize(
    ("change", "sd"),
    [
        ({"spread": 0.5, "spread_kind": "cv"}, 0.5),
        ({"spread": 1.5e-4, "spread_kind": "sd"}, 0.5),  # the same spread, written in SI
    ],
)
def test_spread_is_the_coefficient_of_variation_of_the_draws(change, sd):
    draws = replace(AREA, **change).at(normals(0, "test", n=200_000))
    assert draws.std() / draws.mean() == pytest.approx(sd, rel=0.02)


def test_factor95_holds_95_percent():
    row = replace(AREA, spread=1.8, spread_kind="factor95")
    draws = row.at(normals(0, "test", n=100_000))
    inside = (draws > row.value / 1.8) & (draws < row.value * 1.8)
    assert inside.mean() == pytest.approx(0.95, abs=0.003)


def test_signed_spread_is_in_its_unit():
    draws = ANGLE.at(normals(0, "test", n=100_000))
    assert draws.mean() == pytest.approx(-0.2, abs=2e-3)
    assert draws.std() == pytest.approx(0.1, rel=0.01)


def test_exact_has_no_spread():
    row = replace(AREA, spread=0.0, spread_kind="exact")
    assert row.sigma == 0
    assert (row.at(np.array([-3.0, 3.0])) == row.value).all()


def test_lognormal_sigma_is_the_closed_form():
    assert lognormal_sigma(0.3) == pytest.approx(np.sqrt(np.log(1 + 0.09)))
