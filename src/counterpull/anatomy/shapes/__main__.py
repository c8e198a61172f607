"""Build the reference bones and write them to the package (some minutes; needs the dependency group `bones`)."""

from counterpull.anatomy.bones import keep
from counterpull.anatomy.shapes.build import build

if __name__ == "__main__":
    bones = {}
    for name, bone in build():
        bones[name] = bone
        print(f"{name}: {len(bone.vertices)} vertices, {len(bone.faces)} triangles", flush=True)
    keep(bones)
