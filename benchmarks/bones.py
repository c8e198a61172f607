"""How far our bones lie from public coarse meshes, by eye of a ruler: measured only, nothing of them is kept.

    python benchmarks/bones.py FOLDER

FOLDER holds r_pelvis.stl, sacrum.stl, lumbar5.stl and r_femur.stl of the Apache-licensed `myo-sim` wheel
(myo_sim/models/meshes; install it in an environment of its own, it needs mujoco < 4). They are in our frame
but for the femur, which begins at the hip centre, and L5, which begins at the joint L5/S1 and stands upright:
it is turned forward by the tilt that tables/landmarks.csv names at l5_vertebral_centre. That puts the places
where muscles are attached to L5 within 1.2 mm of it; upright they are up to 5.6 mm away.

From ours to public is measured twice: from all of our surface, and from what is outside, where the way straight
out meets no bone within 25 mm. Canals, foramina and sockets are not outside; some public meshes are solid there.
"""

import sys
from pathlib import Path

import numpy as np

from counterpull.anatomy import reference
from counterpull.anatomy.bones import surfaces
from counterpull.anatomy.surface import Surface

FILES = {
    # file, where it begins, by how many degrees it is turned about z
    "innominate_right": ("r_pelvis.stl", None, 0),
    "sacrum": ("sacrum.stl", None, 0),
    "l5": ("lumbar5.stl", "l5_s1_joint_centre", -21),
    "femur_right": ("r_femur.stl", "hip_centre_right", 0),
}


def stl(path: Path) -> Surface:
    """A binary STL file."""
    record = np.dtype([("normal", "<f4", 3), ("corner", "<f4", (3, 3)), ("spare", "<u2")])
    corner = np.fromfile(path, record, offset=84)["corner"].astype(float)
    vertices, faces = np.unique(corner.reshape(-1, 3), axis=0, return_inverse=True)
    return Surface(vertices, faces.reshape(-1, 3).astype(np.int32))


def spread_over(surface: Surface, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Places spread evenly over a surface, and which way is out there, both (count, 3)."""
    rng = np.random.default_rng(1)
    corner = surface.vertices[surface.faces]
    out = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    area = np.linalg.norm(out, axis=1)
    face = rng.choice(len(area), count, p=area / area.sum())
    weight = rng.dirichlet(np.ones(3), count)
    return np.einsum("ni,nid->nd", weight, corner[face]), out[face] / area[face, None]


def is_outside(surface: Surface, places: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Whether the way straight out from places of a surface meets none of it within 25 mm, (count,)."""
    steps = np.arange(1.5e-3, 25e-3, 1e-3)
    return np.all([surface.distance(places + step * out) > 0 for step in steps], axis=0)


def placed(path: Path, begin: np.ndarray, turn: float) -> Surface:
    """A public bone in our frame; `turn` in degrees."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    there = stl(path)
    return Surface(there.vertices @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) + begin, there.faces)


def main(folder: Path) -> None:
    body = reference()
    ours = surfaces(body)
    print("mm, median and 90 %    public to ours    ours to public: all    what is outside    share outside")
    for name, (file, begin, turn) in FILES.items():
        bone = ours[name]
        public = placed(folder / file, body.landmarks[begin] if begin else np.zeros(3), turn)
        (there, _), (here, out) = spread_over(public, 6000), spread_over(bone, 6000)
        if name == "femur_right":  # ours is the upper half
            there = there[there[:, 1] > bone.vertices[:, 1].min()]
        if name == "sacrum":  # theirs has no coccyx
            kept = here[:, 1] > public.vertices[:, 1].min()
            here, out = here[kept], out[kept]
        outside = is_outside(bone, here, out)
        away, back = bone.distance(there), public.distance(here)
        figures = [np.percentile(np.abs(d) * 1e3, (50, 90)) for d in (away, back, back[outside])]
        print(f"{name:18s}" + "".join(f"{m:14.1f}{n:6.1f}" for m, n in figures) + f"{outside.mean():14.0%}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
