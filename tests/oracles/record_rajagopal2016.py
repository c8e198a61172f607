"""Record hip and knee moment arms of Rajagopal 2016 in OpenSim, for test_rajagopal2016.py.

Needs the `opensim` wheel (4.6) and the model file, which is not part of this project:
https://github.com/opensim-org/opensim-models (Models/Rajagopal/Rajagopal2016.osim). Run

    python tests/oracles/record_rajagopal2016.py PATH/TO/Rajagopal2016.osim

Writes rajagopal2016.npz beside this file: moment arms in units of 0.01 mm (flexion, abduction, rotation,
knee, muscle, coordinate), about hip flexion, adduction, internal rotation and knee flexion.
"""

import sys
from itertools import product
from pathlib import Path

import numpy as np
import opensim

MUSCLES = (
    "addbrev addlong addmagDist addmagIsch addmagMid addmagProx bflh bfsh glmax1 glmax2 glmax3 glmed1 glmed2 "
    "glmed3 glmin1 glmin2 glmin3 grac iliacus piri psoas recfem sart semimem semiten tfl vasint vaslat vasmed"
).split()
FLEXION = np.linspace(-15, 110, 11)
ABDUCTION = np.linspace(-20, 30, 6)
ROTATION = np.linspace(-30, 30, 5)
KNEE = np.array([0.0, 90.0])


def main(path: str) -> None:
    opensim.Logger.setLevelString("error")
    model = opensim.Model(path)
    state = model.initSystem()
    names = ("hip_flexion_r", "hip_adduction_r", "hip_rotation_r", "knee_angle_r")
    coordinates = [model.getCoordinateSet().get(name) for name in names]
    muscles = [model.getMuscles().get(f"{name}_r") for name in MUSCLES]
    grid = (FLEXION, ABDUCTION, ROTATION, KNEE)
    arms = np.zeros([len(axis) for axis in grid] + [len(muscles), 4])
    for index in product(*(range(len(axis)) for axis in grid)):
        flexion, abduction, rotation, knee = (axis[i] for axis, i in zip(grid, index, strict=True))
        for coordinate, angle in zip(coordinates, (flexion, -abduction, rotation, knee), strict=True):
            coordinate.setValue(state, float(np.deg2rad(angle)), False)
        model.assemble(state)
        model.realizePosition(state)
        for m, muscle in enumerate(muscles):
            arms[(*index, m)] = [muscle.computeMomentArm(state, c) for c in coordinates]
    np.savez_compressed(
        Path(__file__).with_name("rajagopal2016.npz"),
        opensim=opensim.__version__,
        muscles=np.array(MUSCLES),
        flexion=FLEXION,
        abduction=ABDUCTION,
        rotation=ROTATION,
        knee=KNEE,
        arms=np.round(arms * 1e5).astype(np.int16),
    )


if __name__ == "__main__":
    main(sys.argv[1])
