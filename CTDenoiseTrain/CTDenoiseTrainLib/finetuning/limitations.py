"""What a model that a site trained cannot do, by the way its pairs came about."""

from __future__ import annotations

from collections.abc import Mapping

from ..recipe.content import NoiseMethod, Recipe, Source
from ..validation.before_after import BeforeAfter
from .data_facts import DataFacts

_BY_SOURCE: Mapping[Source, str] = {
    "dose-pairs": "Noise that the full dose has as well was never seen, and stays.",
    "kernel-pairs": "The output takes the resolution of the smooth kernel: fine detail is blurred on purpose.",
    "resolution-pairs": "Detail finer than the input can hold is the guess of the network.",
    "repeats": "Trained without clean images (Noise2Noise): what moved between the repeats is blurred or stays.",
    "self-supervised": (
        "Trained on noisy images alone (Noisier2Noise): noise that sections {apart} apart share was taken for anatomy, "
        "and stays."
    ),
    "averages": "What moved between the repeats that were averaged is blurred or stays.",
}
_BY_METHOD: Mapping[NoiseMethod, str] = {
    "reconstructions": "Noise that the iterative reconstruction leaves as well was never seen, and stays.",
    "adjacent-sections": "Noise that sections {apart} apart share was never seen, and stays.",
    "repeated-scans": "Its noise came from scans of one object; that of larger or smaller ones was never seen.",
}
_ONE_PATIENT = (
    "Trained and validated on one patient or phantom: the figures tell nothing about others, nor about other regions "
    "or scanners."
)
_ALWAYS = (
    "Fine structure of little more contrast than the noise may go with it; look at the residual.",
    "Blind to lesions: whether a finding survives was not tested with readers.",
)


def limitations(recipe: Recipe, facts: DataFacts, table: BeforeAfter, *, parent: str | None) -> tuple[str, ...]:
    """Sentences for the model card.

    Args:
        recipe: How the model was trained.
        facts: On which images.
        table: How it did on sections held out.
        parent: Name of the model that was fine-tuned.
    """
    data = recipe.data
    of_source = _BY_METHOD[data.method] if data.source == "noise-maps" else _BY_SOURCE[data.source]
    found = [of_source.format(apart=data.sections_apart)]
    if facts.patients == 1:
        found.append(_ONE_PATIENT)
    if not table.is_better:
        found.append(f"On the held-out sections it was no better than its {table.before_is}.")
    if parent is not None:
        found.append(f"What limits its parent “{parent}” may limit it as well; see that card.")
    return tuple(dict.fromkeys((*found, *table.cautions, *facts.warnings, *_ALWAYS)))
