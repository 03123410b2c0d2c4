"""A thoracic spine with contrast medium in the thecal sac, drawn section by section as CT myelography shows it.

The stack is a few millimetres high, so the anatomy drifts along z but keeps its parts: at the level of the pedicles, or
of the neural foramina with ganglia and contrast-filled root sleeves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import spine_bone
from .spine_build import SIDES, Disc, NerveRoot, SpineBuild
from .spine_shapes import Floats, Point, capsule, coverage, ellipse, grain, paint, union

MUSCLE_HU = 55.0

_FAT_HU, _LUNG_HU, _BLOOD_HU, _CORD_HU, _DURA_HU, _LIGAMENT_HU, _CARTILAGE_HU, _PLAQUE_HU = (
    -100.0,
    -860.0,
    42.0,
    40.0,
    60.0,
    75.0,
    90.0,
    700.0,
)
_MARROW_HU, _TRABECULA_HU = 10.0, 620.0
_DURA_MM = 0.35
_WARP_MM = 0.7
_MEDIUM_MARGIN_MM = 0.8


@dataclass(frozen=True)
class DrawnSpine:
    """A drawn stack, shape (z, y, x).

    Attributes:
        hu: Without veins and noise.
        room: Distance in mm from the nearest surface of bone, dura, lung, great vessel or zone for measurements; veins
            may run where it is positive.
        to_bone: Distance from bone in mm.
        medium: Contrast medium in the sac, away from its edges, cord and roots.
    """

    hu: Floats
    room: Floats
    to_bone: Floats
    medium: NDArray[np.bool_]


def draw_spine(build: SpineBuild, z: Floats, y: Floats, x: Floats, *, rng: np.random.Generator) -> DrawnSpine:
    """Draw a stack.

    Args:
        build: The patient.
        z: Heights of the sections in mm, shape (z,).
        y: Of the rows in mm, evenly spaced, shape (y,).
        x: Of the columns, shape (x,), spaced as the rows.
        rng: Decides textures and irregularities.
    """
    shape = (z.size, y.size, x.size)
    pixel = float(y[1] - y[0])
    textures = _Textures.draw(shape, pixel, float(z[1] - z[0]) if z.size > 1 else pixel, rng)
    zones = union([ellipse(y[:, None], x[None], *zone) for zone in (build.muscle_zone, build.rod_zone)])
    hu, room, to_bone = (np.empty(shape, np.float32) for _ in range(3))
    drawn = DrawnSpine(hu, room, to_bone, np.empty(shape, np.bool_))
    for index, height in enumerate(z.tolist()):
        rows = y[:, None] - np.float32(build.drift[0] * height) + textures.warp[0][index]
        columns = x[None] - np.float32(build.drift[1] * height) + textures.warp[1][index]
        section = _Section(build, textures, index, rows, columns, height, pixel, zones)
        section.draw()
        drawn.hu[index], drawn.room[index] = section.hu, section.room()
        drawn.to_bone[index], drawn.medium[index] = section.to_bone, section.medium()
    return drawn


@dataclass(frozen=True)
class _Textures:
    """Random fields of mean 0 and SD 1 (the warp: in mm), shape (z, y, x)."""

    warp: tuple[Floats, Floats]
    septa: Floats
    thickness: Floats
    trabeculae: Floats
    shading: Floats

    @classmethod
    def draw(cls, shape: tuple[int, int, int], pixel: float, step: float, rng: np.random.Generator) -> _Textures:
        def field(mm: float, *, along_z: float = 2.0) -> Floats:
            return grain(shape, (along_z * mm / step, mm / pixel, mm / pixel), rng)

        return cls(
            warp=(_WARP_MM * field(5.0), _WARP_MM * field(5.0)),
            septa=field(2.6, along_z=3),
            thickness=field(4.0, along_z=3),
            trabeculae=field(0.28, along_z=1.6),
            shading=field(1.2),
        )


class _Section:
    """One section while it is drawn, from the background to the front."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that decides the section
        self,
        build: SpineBuild,
        textures: _Textures,
        index: int,
        y: Floats,
        x: Floats,
        height: float,
        pixel: float,
        zones: Floats,
    ) -> None:
        self._build, self._y, self._x, self._height, self._pixel = build, y, x, height, pixel
        self._septa, self._thickness = textures.septa[index], textures.thickness[index]
        self._trabeculae, self._shading = textures.trabeculae[index], textures.shading[index]
        self._zones = zones
        self._vertebra = spine_bone.vertebra(build, y, x)
        self._ribs = spine_bone.ribs(build, y, x, self._vertebra)
        self.to_bone = np.minimum(self._vertebra, self._ribs)
        self._aorta, self._azygos = self._disc(build.aorta), self._disc(build.azygos)
        self._sac, self._lung = self._sac_distance(), self._lung_distance()
        self._cord = self._ellipse(build.cord_centre, build.cord)
        self._roots = union([self._root(root) for root in build.roots])
        self.hu = np.full(y.shape, MUSCLE_HU, np.float32)

    def draw(self) -> None:
        """Paint everything but veins."""
        self._paint_soft_tissue()
        self._paint_great_vessels()
        self._paint_bone()
        self._paint_canal()
        self._paint_sac()

    def room(self) -> Floats:
        """Distance from everything that a vein does not cross."""
        return union([self.to_bone, self._sac - _DURA_MM, self._lung, self._aorta, self._azygos, self._zones - 2.0])

    def medium(self) -> NDArray[np.bool_]:
        """Contrast medium away from all edges."""
        margin = _MEDIUM_MARGIN_MM
        return np.asarray((self._sac < -margin) & (self._cord > margin) & (self._roots > margin))

    def _ellipse(self, centre: Point, half_axes: Point) -> Floats:
        return ellipse(self._y, self._x, centre, half_axes)

    def _disc(self, disc: Disc) -> Floats:
        return self._ellipse(disc.centre, (disc.radius, disc.radius))

    def _bar(self, start: Point, end: Point, radii: tuple[float, float]) -> Floats:
        return capsule(self._y, self._x, (start, end), radii)

    def _paint(self, distance: Floats, hu: float | Floats) -> None:
        paint(self.hu, distance, hu, self._pixel)

    def _sac_distance(self) -> Floats:
        """Thecal sac and its root sleeves."""
        build = self._build
        parts = [self._ellipse(build.sac_centre, build.sac)]
        for sign, radius in zip(SIDES, build.sleeve, strict=True):
            if radius and not build.pedicles:
                neck = (build.sac_centre[0] - 1.0, sign * (build.sac[1] - 0.5))
                pouch = (neck[0] - 1.0, sign * (build.canal[1] + 2.0))
                parts.append(self._bar(neck, pouch, (0.8, 0.9)))
                parts.append(self._ellipse((pouch[0] - 0.4, pouch[1] + sign), (0.8 * radius, radius)))
        return union(parts, fillet_mm=1.0)

    def _lung_distance(self) -> Floats:
        """Both lungs, at a distance from ribs, vertebra and vessels."""
        build = self._build
        beside = np.float32(build.body[1] + 3.5) - np.abs(self._x)
        behind = self._y - np.float32(4.0 - build.canal[0]) - np.float32(0.25) * np.abs(self._x)
        distance = np.maximum(beside, behind)
        for other in (self._ribs - 1.8, self._vertebra - 3.0, self._aorta - 1.5, self._azygos - 1.5):
            distance = -union([-distance, other], fillet_mm=3.0)
        return distance

    def _root(self, root: NerveRoot) -> Floats:
        build = self._build
        reach = 1 + root.share * (build.sac[1] / build.cord[1] - 1)
        angle = root.angle * np.pi / 2 + 0.05 * self._height
        centre = (
            build.cord_centre[0] + reach * build.cord[0] * np.sin(angle),
            build.cord_centre[1] + np.sign(root.angle) * reach * build.cord[1] * np.cos(angle),
        )
        return self._ellipse(centre, (root.radius, 1.2 * root.radius))

    def _paint_soft_tissue(self) -> None:
        """Muscle with septa of fat behind, fat in front and along bone, lungs at the sides."""
        loud = np.asarray(np.clip((self._zones - 0.5) / 2, 0, 1), dtype=np.float32)
        self.hu += loud * np.float32(5) * self._shading
        width = np.maximum(np.float32(0.10) + np.float32(0.16) * self._thickness, 0)
        reach = np.float32(1.4) - np.abs(self._septa) / np.maximum(width, np.float32(0.02))
        strands = np.asarray((width > 0) * np.clip(reach, 0, 1), dtype=np.float32)
        self.hu += strands * loud * (np.float32(_FAT_HU + 10) - self.hu)
        front = np.asarray(self._y + 2.0 + 0.12 * np.abs(self._x), dtype=np.float32)
        self._paint(front, np.float32(_FAT_HU) + np.float32(8) * self._shading + np.float32(60) * strands)
        around = self.to_bone - np.float32(0.5) * (1 + self._thickness)
        self._paint(np.maximum(around, 1 - loud), _FAT_HU + 20)
        self._paint(self._lung - 0.4, MUSCLE_HU)
        self._paint(self._lung, np.float32(_LUNG_HU) + 25 * self._shading)

    def _paint_great_vessels(self) -> None:
        for distance, wall in ((self._aorta, 1.2), (self._azygos, 0.5)):
            self._paint(distance, MUSCLE_HU)
            self._paint(distance + np.float32(wall), _BLOOD_HU)
        (y, x), radius, turn = self._build.aorta.centre, self._build.aorta.radius - 0.9, self._build.plaque
        self._paint(self._ellipse((y + radius * np.sin(turn), x + radius * np.cos(turn)), (0.8, 1.1)), _PLAQUE_HU)

    def _paint_bone(self) -> None:
        """Cartilage in the joints, the cortical shell, and the mesh of trabeculae in the marrow."""
        build = self._build
        joint = np.maximum(self._ribs, self._vertebra) - np.float32(0.75 * spine_bone.JOINT_MM)
        self._paint(np.maximum(joint, -self.to_bone), _CARTILAGE_HU)
        in_body = coverage(self._y - np.float32(1.0 - build.canal[0]), 4.0)
        shell = in_body * np.float32(build.cortex[0]) + (1 - in_body) * np.float32(build.cortex[1])
        shell *= 1 + np.float32(0.2) * self._thickness
        beneath = -self.to_bone - shell
        density = np.float32(0.55) + np.float32(0.35) * np.exp(-np.maximum(beneath, 0) / np.float32(2.5))
        plates = np.exp(-((self._trabeculae / (np.float32(0.55) * density)) ** 2))
        self._paint(self.to_bone, build.cortical_hu)
        self._paint(-beneath, np.float32(_MARROW_HU) + np.float32(_TRABECULA_HU) * plates * density)

    def _paint_canal(self) -> None:
        """Epidural fat, yellow ligaments and the ganglia in the foramina."""
        build = self._build
        canal = self._ellipse((0.0, 0.0), build.canal)
        self._paint(canal, _FAT_HU)
        ligament = np.maximum(np.maximum(canal, -(canal + np.float32(1.6))), np.float32(1.5) - self._y)
        self._paint(np.maximum(ligament, np.float32(0.7) - np.abs(self._x)), _LIGAMENT_HU)
        if not build.pedicles:
            for sign in SIDES:
                self._paint(self._ellipse((-2.2, sign * (build.canal[1] + 7.5)), (2.0, 3.0)), MUSCLE_HU - 5)

    def _paint_sac(self) -> None:
        """Dura, contrast medium, cord with its fissure, and roots."""
        build = self._build
        self._paint(self._sac - np.float32(_DURA_MM), _DURA_HU)
        self._paint(self._sac, np.float32(build.sac_hu) * (1 + np.float32(build.layering) * self._x))
        front = (build.cord_centre[0] - build.cord[0], build.cord_centre[1])
        fissure = self._bar(front, (front[0] + 1.0, front[1]), (0.25, 0.1))
        self._paint(np.maximum(self._cord, -fissure), _CORD_HU)
        self._paint(np.maximum(self._roots, self._sac + np.float32(0.3)), _CORD_HU + 20)
