"""The screen: questions that come before any advice. A yes to a red flag belongs to a doctor, not to a model."""

from dataclasses import dataclass

from counterpull.scenarios.fields import Table, only, yes_no


@dataclass(frozen=True, slots=True)
class Question:
    """A yes/no question; `red` when a yes is a reason to see a doctor first, else it is context."""

    asked: str
    red: bool = True


QUESTIONS = {
    "recent_fall_or_accident": Question("A fall, a blow or an accident shortly before this began?"),
    "fever_or_unwell": Question("Fever, chills, or feeling ill?"),
    "unexplained_weight_loss": Question("Weight lost without a reason?"),
    "night_pain_that_does_not_ease": Question("Pain at night that no position eases?"),
    "numbness_between_the_legs": Question("Numbness between the legs or around the anus?"),
    "bladder_or_bowel_change": Question("New trouble holding or passing urine or stool?"),
    "spreading_leg_weakness": Question("A leg that is getting weaker, or weakness that spreads?"),
    "history_of_cancer": Question("Cancer, now or in the past?"),
    "long_steroid_use_or_osteoporosis": Question("Months of cortisone tablets, or osteoporosis?"),
    "pregnant_or_recently_gave_birth": Question("Pregnant, or gave birth in the last year?", red=False),
}


@dataclass(frozen=True)
class Screen:
    """The answers that were given; a question that is not among them was not answered."""

    answers: tuple[tuple[str, bool], ...] = ()

    @classmethod
    def of(cls, table: Table, where: str = "screen") -> "Screen":
        """From the table of a case file.

        >>> Screen.of({"fever_or_unwell": True, "history_of_cancer": False}).flags
        ('fever_or_unwell',)
        """
        only(table, QUESTIONS, where)
        return cls(tuple((key, yes_no(table[key], f"{where}.{key}")) for key in QUESTIONS if key in table))

    @property
    def flags(self) -> tuple[str, ...]:
        """Red flags that were answered with yes."""
        return tuple(key for key, yes in self.answers if yes and QUESTIONS[key].red)

    @property
    def context(self) -> tuple[str, ...]:
        """Other questions that were answered with yes."""
        return tuple(key for key, yes in self.answers if yes and not QUESTIONS[key].red)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Questions without an answer, red flags first."""
        return tuple(key for key in QUESTIONS if key not in dict(self.answers))
