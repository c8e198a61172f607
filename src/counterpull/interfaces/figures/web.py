"""A scene as a GLB file (glTF 2.0): for web pages and for programs that show solid things.

Metres; glTF's axes: y up, z toward the front of the body, x toward its left. Every bone and muscle is a mesh of its
own name, with colours at its vertices.
"""

import numpy as np
import trimesh
from trimesh.exchange.gltf import export_glb
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

from counterpull.interfaces.figures.raster import linear_light
from counterpull.interfaces.figures.scene import Scene

_TO_GLTF = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


def glb(scene: Scene, half: str | None = None) -> bytes:
    """The file's bytes."""
    tissue = PBRMaterial(name="tissue", metallicFactor=0.0, roughnessFactor=0.65, doubleSided=True)
    out = trimesh.Scene()
    for mesh in scene.meshes(half):
        solid = trimesh.Trimesh(
            mesh.vertices @ _TO_GLTF.T,
            mesh.faces,
            vertex_normals=mesh.normals @ _TO_GLTF.T,
            process=False,
        )
        colours = np.rint(255 * linear_light(mesh.colour)).astype(np.uint8)
        solid.visual = TextureVisuals(material=tissue)
        solid.visual.vertex_attributes["color"] = np.column_stack(
            [colours, np.full(len(colours), 255, np.uint8)]
        )
        out.add_geometry(solid, node_name=mesh.name, geom_name=mesh.name)
    return export_glb(out, include_normals=True)
