"""The two measured yardsticks beside which every shift of a sacroiliac joint stands (Kibsgard2012)."""

from math import radians

SEEN_ROTATION, SEEN_SHIFT = radians(0.71), 0.47e-3
"""The least that the best imaging (radiostereometry) can tell from no motion in a patient: rad, m."""
MOST_ROTATION, MOST_SHIFT = radians(3.6), 2e-3
"""The most that it has found between postures of living people: rad, m."""
