"""The verdict: what lies inside, what is too wide, what is outside; signs apart."""

from dataclasses import replace

import numpy as np
import pytest

from counterpull.evidence import published
from counterpull.evidence.verdict import VERDICTS, ours, verdict

NUMBER = replace(published()["miller_anterior"], value=10.0, spread=1.0)  # published 8 to 12
SIGN = published()["pool_sacrum_women"]  # less than 0


def judged(row, values):
    return verdict(row, ours(row, values))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.linspace(9, 11, 101), "inside"),
        (np.linspace(10, 14, 101), "inside"),  # the median, 12, is on the edge
        (np.linspace(10.1, 14.1, 101), "outside"),
        (
            np.linspace(-3, 23, 101),
            "too wide to judge",
        ),  # 90 % interval 23.4 wide, three times the band is 12
        (np.linspace(4, 16, 101), "inside"),  # 10.8 wide
        (np.linspace(-40, 14, 101), "outside"),  # width excuses nothing
    ],
)
def test_a_number_is_judged_by_median_and_width(values, said):
    assert judged(NUMBER, values) == said


def test_three_times_the_published_interval_is_the_limit():
    for width, said in ((11.99, "inside"), (12.01, "too wide to judge")):
        values = 10 + np.linspace(-width / 2, width / 2, 1001) / 0.9
        assert judged(NUMBER, values) == said


def test_a_sign_is_right_or_wrong_and_says_how_many_agree():
    values = np.array([-1.0, -2.0, -3.0, 1.0])
    assert judged(SIGN, values) == "sign right"
    assert ours(SIGN, values).agree == 0.75
    assert judged(SIGN, -values) == "sign wrong"


def test_draws_that_do_not_hold_do_not_count():
    found = ours(NUMBER, [10.0, np.nan, 10.0, 10.0])
    assert (found.median, found.held) == (10.0, 0.75)
    assert np.isnan(found.agree)


def test_nothing_held_and_nothing_printed_are_not_comparable():
    assert judged(NUMBER, [np.nan, np.nan]) == "not comparable"
    assert judged(replace(NUMBER, kind="shown"), [10.0]) == "not comparable"
    assert set(VERDICTS) >= {judged(NUMBER, [10.0]), judged(SIGN, [0.0])}
