"""The screen: what was answered, what was not, and which answers are red flags."""

import pytest

from counterpull.quantities import InputError
from counterpull.scenarios import Screen
from counterpull.scenarios.screen import QUESTIONS


def test_nothing_answered_is_nothing_known():
    screen = Screen.of({})
    assert (screen.flags, screen.context) == ((), ()) and set(screen.unanswered) == set(QUESTIONS)


@pytest.mark.parametrize("key", QUESTIONS)
@pytest.mark.parametrize("yes", [True, "yes", " Yes"])
def test_a_yes_is_a_flag_or_context(key, yes):
    screen = Screen.of({key: yes})
    assert screen.flags + screen.context == (key,) and key not in screen.unanswered
    assert screen.flags == ((key,) if key != "pregnant_or_recently_gave_birth" else ())


def test_a_no_is_an_answer():
    screen = Screen.of(dict.fromkeys(QUESTIONS, False))
    assert (screen.flags, screen.context, screen.unanswered) == ((), (), ())
    assert Screen.of({"fever_or_unwell": "no"}).flags == ()


@pytest.mark.parametrize("value", [1, 0, "maybe", "", None, [True], 1.0])
def test_neither_yes_nor_no_is_a_sentence(value):
    with pytest.raises(InputError, match=r"screen\.fever_or_unwell: .* neither yes nor no; .*\.$"):
        Screen.of({"fever_or_unwell": value})


def test_an_unknown_question_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"fever_or_unwel.*fever_or_unwell"):
        Screen.of({"fever_or_unwel": True})


def test_questions_are_questions():
    assert all(question.asked.endswith("?") for question in QUESTIONS.values())
    assert sum(question.red for question in QUESTIONS.values()) == len(QUESTIONS) - 1
