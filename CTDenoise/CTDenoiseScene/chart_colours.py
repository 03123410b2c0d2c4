"""Colours of curves: those of the bars above the views, dark enough for thin lines on white."""

from __future__ import annotations

import colorsys

from .comparison import Role
from .measurement_chart import CurveStyle

# Graphical objects are seen by people of weak sight, too, from a contrast of 3 to 1 on (WCAG 2.2, criterion 1.4.11).
_CONTRAST = 3.5
_STYLES = {Role.INPUT: CurveStyle.THIN, Role.SHARP: CurveStyle.DASHED, Role.DENOISED: CurveStyle.BOLD}


def curve_colour(role: Role) -> str:
    """The hue of the bar above a view, such as "#B36A1B"."""
    red, green, blue = (int(role.colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    while _contrast_on_white(colorsys.hls_to_rgb(hue, lightness, saturation)) < _CONTRAST:
        lightness -= 0.01
        saturation = min(0.9, saturation + 0.01)
    return "#" + "".join(f"{round(255 * part):02X}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))


def curve_style(role: Role) -> CurveStyle:
    """The noisy input is thin, so that what lies behind it is seen; the denoised volume is on top and bold."""
    return _STYLES.get(role, CurveStyle.PLAIN)


def _contrast_on_white(colour: tuple[float, float, float]) -> float:
    """Contrast ratio of WCAG 2.2: of the relative luminances, by sRGB's definition."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
