"""See that nobody has two labels in a recipe, and so is on both sides of the split."""

from __future__ import annotations

from pathlib import Path

from ..errors import RecipeError
from ..noise.match_series import Subject


class PatientLabels:
    """Remembers whose images were read under which label.

    Attributes:
        warnings: Sentences on what is suspicious but may be right.
    """

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._labels: dict[str, str] = {}

    def check(self, label: str, subject: Subject, path: Path) -> None:
        """Compare with what was read before.

        Equal patient IDs are a reason to ask only: those of anonymous images are often all the same.

        Args:
            label: Of the patient.
            subject: Whose images they are, as far as it is known.
            path: Where they lie.

        Raises:
            RecipeError: Images of the same study, or else the same file, have another label.
        """
        same = f"study {subject.study}" if subject.study is not None else f"file {path.resolve()}"
        other = self._labels.setdefault(same, label)
        if other != label:
            what = "images of one and the same study" if subject.study is not None else "the same images"
            raise RecipeError(
                f"Patients {other} and {label} have {what}; name them alike, so that what is held out for validation "
                "is of another patient."
            )
        if subject.patient is None:
            return
        other = self._labels.setdefault(f"patient {subject.patient}", label)
        if other != label:
            self.warnings.append(
                f"The images of patients {other} and {label} have the same patient ID; if they are of one patient, "
                "name them alike, or the figures look better than they are."
            )
