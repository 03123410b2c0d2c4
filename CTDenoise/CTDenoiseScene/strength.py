"""Strength of the denoising after the network, by the noise that it found."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from CTDenoiseLib.errors import CTDenoiseError

from .output_sections import OutputSections, StrengthError
from .provenance import ATTRIBUTE_PREFIX, set_quietly
from .redraw import Redraw
from .section_order import nearest_first
from .section_ranges import to_text

if TYPE_CHECKING:
    import slicer

__all__ = ["StrengthControl", "StrengthError", "checked_strength"]


_AT_ONCE_SECONDS = 0.01


def checked_strength(strength: float) -> float:
    """The strength as a float.

    Raises:
        StrengthError: It is outside 0–1.
    """
    if not 0 <= strength <= 1:
        raise StrengthError(f"The strength must be between 0 and 1, not {strength}.")
    return float(strength)


class StrengthControl:
    """Keeps the output of a run in step with strength and noise: at once on screen, in small steps elsewhere.

    Needs neither worker nor run: the output node refers to its input and its noise, also after loading a scene.

    Args:
        output_node: The output of a run.

    Attributes:
        blank_reach: Sections not denoised are made blank up to so far from those on screen; `None`: everywhere.

    Raises:
        StrengthError: It is none, or its input or noise is gone or does not fit any more.

    Example:
        ```
        control = StrengthControl(output)
        control.preview(0.7, visible_sections(output, slice_nodes))  # while the slider moves
        control.apply(0.7)  # when it is released
        control.work(0.01)  # from a timer, until it returns False
        ```
    """

    def __init__(self, output_node: slicer.vtkMRMLScalarVolumeNode) -> None:
        self._output = output_node
        self._sections = OutputSections(output_node)
        results = self._sections.parts().results
        self._strength = results.strength
        self._denoised = set(results.sections)
        self._shown: dict[int, float] = {}
        self._waiting: deque[int] = deque()
        self._untold = False
        self._output_views = Redraw(output_node)
        self._noise_views = Redraw(results.noise)
        self.blank_reach: int | None = None
        self.look_at(())

    @property
    def strength(self) -> float:
        """What was asked for last, 0 to 1."""
        return self._strength

    @property
    def remaining(self) -> int:
        """Denoised sections that wait for the strength asked for."""
        return len(self._waiting)

    def look_at(self, sections: Iterable[int]) -> None:
        """Say what is on screen: its changes redraw the views at once, and what is near it comes first."""
        self._visible = tuple(sections)
        blank: Iterable[int] = self._sections.never_written()
        if self.blank_reach is not None and self._visible:
            low, high = min(self._visible) - self.blank_reach, max(self._visible) + self.blank_reach
            blank = (index for index in blank if low <= index <= high)
        elif self.blank_reach is not None:
            blank = ()
        self._blank = deque(nearest_first(blank, self._visible))

    def blank_on_screen(self) -> None:
        """Make sections on screen blank that hold nothing yet; until then they look like water, of 0 HU.

        Raises:
            TemporaryFileError: The disk is full or fails.
        """
        deadline = time.perf_counter() + _AT_ONCE_SECONDS
        while self._blank and self._blank[0] in self._visible and time.perf_counter() < deadline:
            self._make_blank(self._blank.popleft())
        self.refresh()

    def preview(self, strength: float, sections: Iterable[int], *, budget_seconds: float = 0.03) -> None:
        """Show a strength in the sections on screen now.

        Args:
            strength: 0 to 1.
            sections: Those on screen; sections not denoised stay blank.
            budget_seconds: Sections that do not fit into this time are left to `work`; one is done in any case.

        Raises:
            StrengthError: A strength outside 0–1; input, noise or output are gone.
            CTDenoiseError: As for `work`.
        """
        sections = tuple(sections)
        if sections != self._visible:
            self.look_at(sections)
        # All who follow the output are told once.
        blocked = self._output.StartModify()
        try:
            self._ask_for(strength)
            self._waiting = deque(index for index in self._visible if index in self._denoised)
            self.work(budget_seconds)
        finally:
            self._output.EndModify(blocked)

    def apply(self, strength: float) -> None:
        """Ask for a strength in the whole volume; `work` does it.

        Raises:
            StrengthError: A strength outside 0–1; input, noise or output are gone.
        """
        self._ask_for(strength)
        stale = (index for index in self._denoised if self._shown.get(index) != strength)
        self._waiting = deque(nearest_first(stale, self._visible))

    def take(self, section: int) -> None:
        """Show a section whose noise has just arrived. Errors as for `step`."""
        self._show(section)
        self._denoised.add(section)
        self._noise_views.note(section)
        self._untold = True

    def step(self) -> bool:
        """Do what is most urgent in one section.

        Returns:
            Whether there was something to do.

        Raises:
            StrengthError: Input, noise or output are gone.
            CTDenoiseError: As for `work`.
        """
        if self._waiting:
            self._show(self._waiting.popleft())
            return True
        while self._blank:
            if self._make_blank(self._blank.popleft()):
                return True
        return False

    def refresh(self, *, everything: bool = False, new_range: bool = False) -> None:
        """Draw the views anew if what they show has changed, or anything at all if `everything`; see `Redraw.flush`."""
        if self._untold and self._output.GetScene() is not None:
            set_quietly(self._output, "sections", to_text(self._denoised))
            self._untold = False
        for views in (self._output_views, self._noise_views):
            views.flush(self._visible, everything=everything, new_range=new_range)

    def work(self, budget_seconds: float) -> bool:
        """Change at least one section; for a timer. Takes the budget and at most one section more.

        Returns:
            Whether there may be more to do. False also when a node is gone: then there is nothing left to change.

        Raises:
            InputError: The input was replaced, or holds values that it did not hold when it was denoised.
            TemporaryFileError: The disk is full or fails.
        """
        deadline = time.perf_counter() + budget_seconds
        more = False
        try:
            while (more := self.step()) and time.perf_counter() < deadline:
                pass
        except CTDenoiseError as error:
            more = False
            self._waiting.clear()
            self._blank.clear()
            if not isinstance(error, StrengthError):
                raise
        finally:
            self.refresh(everything=not more)
        return more

    def _ask_for(self, strength: float) -> None:
        self._strength = checked_strength(strength)
        self._sections.parts()
        self._output.SetAttribute(f"{ATTRIBUTE_PREFIX}strength", f"{self._strength:g}")

    def _make_blank(self, section: int) -> bool:
        made = self._sections.make_blank(section)
        if made:
            self._output_views.note(section)
        return made

    def _show(self, section: int) -> None:
        self._sections.show(section, self._strength)
        self._shown[section] = self._strength
        self._output_views.note(section)
