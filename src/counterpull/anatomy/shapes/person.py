"""Whom the reference bones belong to: an average woman and an average man, in millimetres."""

from dataclasses import dataclass

import numpy as np

from counterpull.anatomy.arrays import skeleton
from counterpull.anatomy.ensemble import person_measures
from counterpull.anatomy.posture import BODIES
from counterpull.anatomy.records import Tables
from counterpull.anatomy.scaling import Cloud, Floats, Measures, Person, Skeleton


@dataclass(frozen=True)
class Reference:
    """An average person of one sex: carries places of the model skeleton, both in mm, to hers or his."""

    sex: str
    skeleton: Skeleton
    measures: Measures

    def at(self, places, body: str = "innominate_right") -> Floats:
        """Where places (N, 3) or (3,) of the model skeleton are in this person."""
        places = np.asarray(places, dtype=float)
        points = places.reshape(-1, 3) * 1e-3
        cloud = Cloud(points, np.full(len(points), BODIES.index(body)))
        return self.skeleton.place(cloud, self.measures)[0].reshape(places.shape) * 1e3

    @property
    def hip(self) -> Floats:
        """Centre of the right hip, (3,)."""
        return self.at(self.skeleton.mark("hip_centre") * 1e3)

    @property
    def head(self) -> float:
        """Radius of the femoral head."""
        return 24.0 if self.sex == "male" else 21.8

    @property
    def stout(self) -> float:
        """Thickness of the bones over a man's."""
        return 1.0 if self.sex == "male" else 0.92

    @property
    def bow(self) -> Floats:
        """By how much the lower rami of the pubis bow outward more than a man's (subpubic concavity)."""
        return np.array([0.0, 1.5, 4.0]) if self.sex == "female" else np.zeros(3)


def average(tables: Tables, sex: str) -> Reference:
    """The average woman or man of the tables; "model" is the unscaled model skeleton, a man."""
    person = None if sex == "model" else Person.of(tables, sex)
    return Reference(
        "male" if sex == "model" else sex, skeleton(tables), person_measures(tables, person, 1, None)
    )
