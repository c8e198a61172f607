"""How far our bones lie from public coarse meshes, by eye of a ruler: measured only, nothing of them is kept.

    python benchmarks/bones.py FOLDER

FOLDER holds r_pelvis.stl, sacrum.stl, lumbar5.stl and r_femur.stl of the Apache-licensed `myo-sim` wheel
(myo_sim/models/meshes; install it in an environment of its own, it needs mujoco < 4). They are in our frame
but for the femur, which begins at the hip centre, and L5, which begins at the joint L5/S1.
"""

import sys
from pathlib import Path

import numpy as np

from counterpull.anatomy import reference
from counterpull.anatomy.bones import surfaces
from counterpull.anatomy.surface import Surface

FILES = {
    "innominate_right": ("r_pelvis.stl", None),
    "sacrum": ("sacrum.stl", None),
    "l5": ("lumbar5.stl", "l5_s1_joint_centre"),
    "femur_right": ("r_femur.stl", "hip_centre_right"),
}


def stl(path: Path) -> Surface:
    """A binary STL file."""
    record = np.dtype([("normal", "<f4", 3), ("corner", "<f4", (3, 3)), ("spare", "<u2")])
    corner = np.fromfile(path, record, offset=84)["corner"].astype(float)
    vertices, faces = np.unique(corner.reshape(-1, 3), axis=0, return_inverse=True)
    return Surface(vertices, faces.reshape(-1, 3).astype(np.int32))


def spread_over(surface: Surface, count: int) -> np.ndarray:
    """Places spread evenly over a surface, (count, 3)."""
    rng = np.random.default_rng(1)
    corner = surface.vertices[surface.faces]
    area = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
    face = rng.choice(len(area), count, p=area / area.sum())
    weight = rng.dirichlet(np.ones(3), count)
    return np.einsum("ni,nid->nd", weight, corner[face])


def main(folder: Path) -> None:
    body = reference()
    ours = surfaces(body)
    print("bone               public to ours, mm: median  90 %    ours to public: median  90 %")
    for name, (file, begin) in FILES.items():
        public = stl(folder / file)
        if begin:
            public = Surface(public.vertices + body.landmarks[begin], public.faces)
        low, high = ours[name].vertices.min(0), public.vertices.min(0)
        there, here = spread_over(public, 6000), spread_over(ours[name], 6000)
        if name == "femur_right":  # ours is the upper half
            there = there[there[:, 1] > low[1]]
        if name == "sacrum":  # theirs has no coccyx
            here = here[here[:, 1] > high[1]]
        away, back = np.abs(ours[name].distance(there)) * 1e3, np.abs(public.distance(here)) * 1e3
        figures = [np.median(away), np.percentile(away, 90), np.median(back), np.percentile(back, 90)]
        print(f"{name:18s} {figures[0]:26.1f} {figures[1]:5.1f} {figures[2]:25.1f} {figures[3]:5.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
