"""Choices: the reference case by default, and one sentence for what is none of them."""

import ast
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest

from counterpull.quantities import InputError
from counterpull.scenarios import Choices, choices
from counterpull.scenarios.choices import allowed


def test_nothing_said_is_the_reference_case():
    assert Choices.of({}) == Choices()
    assert Choices() == Choices(protection=0, force_closure=True, spasm_law="added", exponent=2, mode="held")


@pytest.mark.parametrize("name", ["spasm_law", "exponent", "mode"])
def test_every_alternative_is_read(name):
    for value in allowed(name):
        assert getattr(Choices.of({name: value}), name) == value
    assert getattr(Choices(), name) == allowed(name)[0]


def test_numbers_and_answers_are_read():
    assert Choices.of({"protection": 2, "force_closure": "no"}) == Choices(
        protection=2.0, force_closure=False
    )


SLIPS = [
    ({"protecton": 1}, ["protecton", "protection"]),
    ({"protection": "1"}, ["choices.protection", "quotes"]),
    ({"protection": -1}, ["-1", "100"]),
    ({"protection": float("nan")}, ["nan"]),
    ({"protection": float("inf")}, ["inf"]),
    ({"protection": 10**400}, ["100"]),
    ({"protection": True}, ["True"]),
    ({"force_closure": 1}, ["true or false"]),
    ({"spasm_law": "flor"}, ["flor", "floor"]),
    ({"exponent": 4}, ["4", "2 or 3"]),
    ({"exponent": "2"}, ["exponent"]),
    ({"exponent": 2.0}, ["exponent"]),
    ({"mode": "hold"}, ["hold", "held"]),
    ({"mode": ["held"]}, ["held"]),
]


@pytest.mark.parametrize(("table", "said"), SLIPS, ids=[str(table)[:50] for table, _ in SLIPS])
def test_a_slip_is_one_sentence(table, said):
    with pytest.raises(InputError) as caught:
        Choices.of(table)
    sentence = str(caught.value)
    assert all(word in sentence for word in said) and sentence.endswith((".", "?")), sentence


def test_every_choice_is_described():
    (body,) = (
        n.body
        for n in ast.parse(Path(choices.__file__).read_text(encoding="utf-8")).body
        if isinstance(n, ast.ClassDef)
    )
    described = {
        before.target.id
        for before, after in pairwise(body)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
    }
    assert described == {field.name for field in fields(Choices)}
