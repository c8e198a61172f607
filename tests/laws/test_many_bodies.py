"""Large counts: random people, their geometry variants and random postures. Run by `make soak`.

Writes what it found to benchmarks/results/soak_anatomy.json.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from counterpull.anatomy import load, paths, read
from counterpull.anatomy.ensemble import standing_lengths
from counterpull.anatomy.posture import COORDINATES

PEOPLE, POSTURES, SEED = 250, 48, 20261123
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "soak_anatomy.json"
# Degrees: the range over which the audit sweeps, a little inside where several angles combine.
RANGE = {
    "hip_flexion": (-15, 110),
    "hip_abduction": (-20, 30),
    "hip_rotation": (-30, 30),
    "knee_flexion": (0, 120),
    "lordosis": (-45, 25),
    "trunk_bend": (-25, 25),
    "trunk_rotation": (-20, 20),
    "trunk_lean": (-20, 90),
}


@pytest.mark.soak
def test_many_people_variants_and_postures():
    rng, tables = np.random.default_rng(SEED), read()
    low, high = np.deg2rad([RANGE[c.removesuffix("_right").removesuffix("_left")] for c in COORDINATES]).T
    step, checked, apart, standing = 1e-6, 0, [], []
    for person in range(PEOPLE):
        sex = ("female", "male")[person % 2]
        height = float(np.clip(rng.normal(1.63 if sex == "female" else 1.76, 0.09), 1.40, 2.10))
        mass = float(np.clip(rng.normal(24.5, 4.5) * height**2, 40, 160))
        body = load(sex, f"{height:.3f} m", f"{mass:.1f} kg", tables=tables)
        draws = body.draw(16, seed=person)
        half = len(body.elements)
        upright = standing_lengths(tables, draws.geometry)
        standing.append(((upright - draws.slack_length) / draws.fibre_length).ravel())
        for _ in range(POSTURES // 16):
            angles = rng.uniform(low, high, (16, 12))
            lengths, arms = (
                of(body.topology, draws.geometry, angles) for of in (paths.lengths, paths.moment_arms)
            )
            way = rng.normal(size=12)
            way /= np.linalg.norm(way)
            ahead, behind = (
                paths.lengths(body.topology, draws.geometry, angles + s * step * way) for s in (1, -1)
            )
            assert np.isfinite(lengths).all() and np.isfinite(arms).all()
            assert (lengths > 0).all()
            slope = -(ahead - behind) / (2 * step)
            apart.append(np.abs(slope - arms @ way).ravel())
            checked += 16 * half
    gap = np.concatenate(apart)
    found = {
        "people": PEOPLE,
        "variants_each": 16,
        "element_postures": checked,
        "not_finite": 0,
        "share_where_arm_is_not_minus_dL_dq_within_1e-6_m": float((gap > 1e-6).mean()),
        "largest_difference_m": float(gap.max()),
        "fibre_over_optimal_standing": [
            round(float(q), 2) for q in np.quantile(np.concatenate(standing), (0.001, 0.5, 0.999))
        ],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    # A difference across the very posture at which a string leaves its wrap sees half of two slopes.
    assert (gap > 1e-6).mean() < 1e-5, found
