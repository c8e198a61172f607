"""Errors are sentences: near misses, and lists as people write them."""

import pytest

from counterpull.quantities import InputError, nearest, or_list

NAMES = ("iliacus", "psoas major", "gracilis", "Piriformis", "QL")


def test_an_input_error_is_a_value_error():
    # Callers that know nothing of us can still catch it.
    assert issubclass(InputError, ValueError)


@pytest.mark.parametrize(
    ("asked", "first"),
    [("iliacos", "iliacus"), ("PSOAS MAJR", "psoas major"), ("piriformus", "Piriformis"), ("ql", "QL")],
)
def test_a_slip_finds_the_name_as_it_is_written(asked, first):
    assert nearest(asked, NAMES)[0] == first


@pytest.mark.parametrize("asked", ["", "zzzz", "1234"])
def test_nonsense_finds_nothing(asked):
    assert nearest(asked, NAMES) == []


def test_no_more_than_asked_for():
    many = [f"multifidus_l{i}" for i in range(9)]
    assert len(nearest("multifidus_l", many)) == 3
    assert len(nearest("multifidus_l", many, most=1)) == 1


@pytest.mark.parametrize(
    ("names", "shown"),
    [(["deg"], "deg"), (["deg", "rad"], "deg or rad"), (iter(["mm", "cm", "m"]), "mm, cm or m")],
)
def test_lists_read_as_people_write_them(names, shown):
    assert or_list(names) == shown


def test_an_empty_list_is_no_crash():
    # An empty table offers no alternatives; the sentence about it must still come out.
    assert isinstance(or_list([]), str)
