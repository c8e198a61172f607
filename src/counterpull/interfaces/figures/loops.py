"""The loops of the rasteriser, over bands of rows of the page; compiled by numba, and run by `raster`."""

from typing import Any

import numpy as np
from numba import njit

SAMPLES = 2
"""Samples along a side of a pixel."""
COARSE = 2 * SAMPLES
"""Light is worked out at every so many samples."""
NOTHING, CAP = -1, -2
"""Instead of a face: the page; the surface where the object CAP - n was cut open."""
_SLACK = np.float32(1e-4)
"""Share of a face that it reaches beyond its edges, so that rounding leaves no holes between faces."""
_WHOLE = np.float32(1) + _SLACK


def _compiled(function: Any) -> Any:
    """Compiled by numba, its code kept beside the source or in numba's own folder; not kept where neither can be
    written to."""
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:
        return njit(nogil=True, error_model="numpy")(function)


@_compiled
def fill(first, last, page, faces, numbers, plane, depth, seen):
    """The z-buffer's rows first..last: the nearest face behind the plane at every sample."""
    wide = depth.shape[1]
    for i in range(len(faces)):
        a, b, c = faces[i, 0], faces[i, 1], faces[i, 2]
        ax, ay, az = page[a, 0], page[a, 1], page[a, 2]
        bx, by, bz = page[b, 0] - ax, page[b, 1] - ay, page[b, 2] - az
        cx, cy, cz = page[c, 0] - ax, page[c, 1] - ay, page[c, 2] - az
        area = bx * cy - by * cx
        if area == 0.0:
            continue
        y0 = max(first, int(np.ceil(ay + min(0.0, by, cy))))
        y1 = min(last - 1, int(np.floor(ay + max(0.0, by, cy))))
        x0 = max(0, int(np.ceil(ax + min(0.0, bx, cx))))
        x1 = min(wide - 1, int(np.floor(ax + max(0.0, bx, cx))))
        one = np.float32(1.0) / area
        for y in range(y0, y1 + 1):
            down = np.float32(y) - ay
            for x in range(x0, x1 + 1):
                right = np.float32(x) - ax
                u = (right * cy - down * cx) * one
                v = (bx * down - by * right) * one
                if u >= -_SLACK and v >= -_SLACK and u + v <= _WHOLE:
                    z = az + u * bz + v * cz
                    if plane <= z < depth[y, x]:
                        depth[y, x] = z
                        seen[y, x] = numbers[i]


@_compiled
def _weights(page, faces, i, x, y):
    """Shares of a face's three corners at a place of the page."""
    ax, ay = page[faces[i, 0], 0], page[faces[i, 0], 1]
    bx, by = page[faces[i, 1], 0] - ax, page[faces[i, 1], 1] - ay
    cx, cy = page[faces[i, 2], 0] - ax, page[faces[i, 2], 1] - ay
    area = bx * cy - by * cx
    u = ((x - ax) * cy - (y - ay) * cx) / area
    v = (bx * (y - ay) - by * (x - ax)) / area
    return np.float32(1.0) - u - v, u, v


@_compiled
def _normal(page, faces, normals, i, x, y):
    """The unit normal at a place of a face, turned toward the viewer."""
    if i < 0:
        return np.float32(0.0), np.float32(0.0), np.float32(-1.0)
    a, b, c = _weights(page, faces, i, x, y)
    j, k, m = faces[i]
    nx = a * normals[j, 0] + b * normals[k, 0] + c * normals[m, 0]
    ny = a * normals[j, 1] + b * normals[k, 1] + c * normals[m, 1]
    nz = a * normals[j, 2] + b * normals[k, 2] + c * normals[m, 2]
    size = np.sqrt(nx * nx + ny * ny + nz * nz) + np.float32(1e-12)
    if nz > 0:
        nz = -nz * np.float32(0.2)
    return nx / size, ny / size, nz / size


@_compiled
def lit(first, last, page, faces, normals, z, face, shadow, to_map, offset, skies, lamps, reach, out):
    """Sky and lamp of every place of the coarse grid."""
    high, wide = z.shape
    one = np.float32(1.0)
    for y in range(first, last):
        for x in range(wide):
            i = face[y, x]
            if i == NOTHING:
                continue
            here = z[y, x]
            nx, ny, nz = _normal(page, faces, normals, i, np.float32(x * COARSE), np.float32(y * COARSE))
            turn = (x % 4) * 4 + (y % 4)
            hidden = np.float32(0.0)
            for direction in range(8):
                first_far = skies[turn, direction, 0, 2]
                dx, dy = skies[turn, direction, 0, 0] / first_far, skies[turn, direction, 0, 1] / first_far
                slope = (nx * dx + ny * dy) / -min(nz, np.float32(-0.15))
                base = -slope / np.sqrt(one + slope * slope)  # rise of the surface itself toward the viewer
                most = base
                for step in range(6):
                    far = skies[turn, direction, step, 2]
                    px = int(x + skies[turn, direction, step, 0] + np.float32(0.5))
                    py = int(y + skies[turn, direction, step, 1] + np.float32(0.5))
                    if px < 0 or py < 0 or px >= wide or py >= high:
                        break
                    rise = here - z[py, px]
                    if rise > np.float32(2.5) * reach:
                        continue
                    sine = rise / np.sqrt(rise * rise + far * far)
                    if sine > most:
                        most += (sine - most) * (one - np.float32(0.7) * far / reach)
                hidden += max(np.float32(0.0), most - base)
            sky = max(np.float32(0.0), one - hidden / np.float32(8.0))
            out[y, x, 0] = sky * np.sqrt(np.sqrt(sky))
            # A step along the normal keeps a surface from shadowing itself.
            bx, by, bz = x + nx * np.float32(1.2), y + ny * np.float32(1.2), here + nz * np.float32(1.2)
            mx = to_map[0, 0] * bx + to_map[0, 1] * by + to_map[0, 2] * bz + offset[0]
            my = to_map[1, 0] * bx + to_map[1, 1] * by + to_map[1, 2] * bz + offset[1]
            mz = to_map[2, 0] * bx + to_map[2, 1] * by + to_map[2, 2] * bz + offset[2]
            free = np.float32(0.0)
            for k in range(16):
                sx = int(mx + lamps[turn, k, 0] + np.float32(0.5))
                sy = int(my + lamps[turn, k, 1] + np.float32(0.5))
                inside = 0 <= sx < shadow.shape[1] and 0 <= sy < shadow.shape[0]
                if not inside or mz <= shadow[sy, sx] + lamps[turn, k, 2]:
                    free += one
            out[y, x, 1] = free / np.float32(16.0)


@_compiled
def smooth(first, last, z, face, rough, out):
    """The mean of the 4 x 4 places around each that lie on the same surface: what the pattern has left over."""
    high, wide = z.shape
    for y in range(first, last):
        for x in range(wide):
            if face[y, x] == NOTHING:
                continue
            sky, lamp, count = np.float32(0.0), np.float32(0.0), np.float32(0.0)
            for dy in range(-2, 2):
                for dx in range(-2, 2):
                    px, py = x + dx, y + dy
                    if px < 0 or py < 0 or px >= wide or py >= high or face[py, px] == NOTHING:
                        continue
                    if abs(z[py, px] - z[y, x]) > np.float32(4.0):
                        continue
                    sky += rough[py, px, 0]
                    lamp += rough[py, px, 1]
                    count += 1
            out[y, x, 0] = sky / count
            out[y, x, 1] = lamp / count
            out[y, x, 2] = z[y, x] * COARSE


@_compiled
def _looked_up(light, row, column, depth):
    """Sky and lamp at a sample: between the four places of the grid around it, those at its depth first."""
    y, x = row // COARSE, column // COARSE
    fy = np.float32(row % COARSE) / np.float32(COARSE)
    fx = np.float32(column % COARSE) / np.float32(COARSE)
    sky, lamp, total = np.float32(0.0), np.float32(0.0), np.float32(0.0)
    for dy in range(2):
        for dx in range(2):
            py, px = min(y + dy, light.shape[0] - 1), min(x + dx, light.shape[1] - 1)
            share = (fy if dy else np.float32(1.0) - fy) * (fx if dx else np.float32(1.0) - fx)
            apart = (light[py, px, 2] - depth) / np.float32(2.0 * COARSE)
            share = (share + np.float32(1e-3)) / (np.float32(1e-3) + apart * apart * apart * apart)
            sky += share * light[py, px, 0]
            lamp += share * light[py, px, 1]
            total += share
    return sky / total, lamp / total


@_compiled
def _noise(n):
    """A number from 0 to 1 for every whole number, always the same."""
    h = (n * 374761393 + 668265263) & 0x7FFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0x7FFFFFFF
    return (h ^ (h >> 16)) / 2147483647.0


@_compiled
def shade(
    first, last, page, faces, normals, colour, fibre, gloss, objects, depth, seen, light, ink, resolution,
    out, what, tone,
):  # fmt: skip
    """Colour of every pixel: the mean over its samples. Where all are of one surface, one is enough."""
    near = np.float32(0.0025) * resolution * SAMPLES  # steps in depth of 2.5 mm are edges
    for y in range(first, last):
        for x in range(out.shape[1]):
            covered = 0
            plain = True
            one = seen[y * SAMPLES, x * SAMPLES]
            what[y, x] = NOTHING if one == NOTHING else (CAP - one if one <= CAP else objects[one])
            for sy in range(SAMPLES):
                for sx in range(SAMPLES):
                    i = seen[y * SAMPLES + sy, x * SAMPLES + sx]
                    if i != NOTHING:
                        covered += 1
                    same = i == one or (i >= 0 and one >= 0 and objects[i] == objects[one])
                    step = abs(depth[y * SAMPLES + sy, x * SAMPLES + sx] - depth[y * SAMPLES, x * SAMPLES])
                    plain = plain and same and step < near
            if covered == 0:
                continue
            red, green, blue, lit, share = 0.0, 0.0, 0.0, 0.0, 0
            for sample in range(SAMPLES * SAMPLES):
                row, column = y * SAMPLES + sample // SAMPLES, x * SAMPLES + sample % SAMPLES
                i = seen[row, column]
                if i == NOTHING:
                    continue
                r, g, b, t = _sample(
                    i, row, column, page, faces, normals, colour, fibre, gloss, objects, depth, seen, light,
                    ink, near,
                )  # fmt: skip
                red += r
                green += g
                blue += b
                lit += t
                share += 1
                if plain:
                    break
            tone[y, x] = lit / share
            out[y, x, 0] = _encoded(red / share)
            out[y, x, 1] = _encoded(green / share)
            out[y, x, 2] = _encoded(blue / share)
            out[y, x, 3] = covered / (SAMPLES * SAMPLES)


@_compiled
def _sample(
    i, row, column, page, faces, normals, colour, fibre, gloss, objects, depth, seen, light, ink, near
):  # fmt: skip
    """Linear colour and tone of a sample."""
    nx, ny, nz = _normal(page, faces, normals, i, np.float32(column), np.float32(row))
    sky, lamp = _looked_up(light, row, column, depth[row, column])
    toward = -0.5 * nx - 0.69 * ny - 0.52 * nz  # nearly toward the lamp, a little flatter
    key = max(0.0, 0.18 + 0.82 * toward)
    fill = max(0.0, 0.45 * nx + 0.1 * ny - 0.85 * nz)
    t = sky * (0.30 + 0.26 * fill - 0.08 * ny) + (0.25 + 0.75 * lamp) * 0.78 * key * (0.55 + 0.45 * sky)
    shine = 0.0
    if i >= 0:
        a, b, c = _weights(page, faces, i, np.float32(column), np.float32(row))
        j, k, m = faces[i]
        r = a * colour[j, 0] + b * colour[k, 0] + c * colour[m, 0]
        g = a * colour[j, 1] + b * colour[k, 1] + c * colour[m, 1]
        bl = a * colour[j, 2] + b * colour[k, 2] + c * colour[m, 2]
        f = a * fibre[j] + b * fibre[k] + c * fibre[m]
        if not np.isnan(f):
            whole = np.floor(f)
            inside = f - whole
            blend = inside * inside * (3 - 2 * inside)
            n = int(whole)
            streak = (1 - blend) * _noise(n) + blend * _noise(n + 1)
            t *= 0.86 + 0.24 * streak
        # Half way between lamp (-0.45, -0.62, -0.64) and viewer (0, 0, -1).
        half = max(0.0, -0.249 * nx - 0.343 * ny - 0.906 * nz)
        shine = gloss[objects[i]] * half**28 * lamp
    else:
        r, g, bl = np.float32(0.70), np.float32(0.48), np.float32(0.36)
        t = 0.9 + 0.1 * sky
    # Ink where something nearer begins within a sample or two.
    nearest = depth[row, column]
    edge = False
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            py, px = row + dy, column + dx
            if py < 0 or px < 0 or py >= depth.shape[0] or px >= depth.shape[1]:
                continue
            other = seen[py, px]
            if other == NOTHING:
                edge = True
            elif depth[py, px] > nearest + near:
                edge = True
            elif other != i and (other < 0 or i < 0 or objects[other] != objects[i]):
                edge = True
    if edge:
        t *= 1 - ink
    return r * t + shine, g * t + shine, bl * t + shine, t


@_compiled
def _encoded(light):
    """As written in #rrggbb, 0 to 1."""
    light = max(0.0, min(1.0, light))
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
