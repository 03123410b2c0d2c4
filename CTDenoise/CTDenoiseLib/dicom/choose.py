"""Choose one series of those found: by UID, kernel or number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .errors import NoSeriesError, SeriesChoiceError
from .series import Series, SeriesSearch


def choose_series(search: SeriesSearch, wanted: str | None) -> Series:
    """The one series that answers to what the user asked for.

    Args:
        search: What was found.
        wanted: Series Instance UID, kernel name (first value or all values, upper or lower case), place in the listing
            from 1, or Series Number; `None` for the only series there is.

    Raises:
        NoSeriesError: Nothing was found.
        SeriesChoiceError: No series or more than one answers to it; the message lists them.
    """
    if not search.series:
        raise NoSeriesError(_nothing_found(search))
    places = dict(enumerate(search.series, start=1))
    if wanted is None:
        answering = places
        problem = "The folder holds several series and none is named"
    else:
        answering = {place: series for place, series in places.items() if _answers(wanted, place, series)}
        problem = f'More than one series answers to "{wanted}"' if answering else f'No series answers to "{wanted}"'
    if len(answering) != 1:
        raise SeriesChoiceError(f"{problem}; choose one by UID, kernel or number:\n{_listing(answering or places)}")
    return next(iter(answering.values()))


def _answers(wanted: str, place: int, series: Series) -> bool:
    kernel = series.acquisition.kernel
    names = {series.uid, str(place), series.kernel, "\\".join(kernel), *kernel[:1]}
    if series.number is not None:
        names.add(str(series.number))
    return wanted.strip().casefold() in {name.casefold() for name in names if name}


def _listing(places: dict[int, Series]) -> str:
    return "\n".join(
        f"  {place}. {series}, Series Number {'none' if series.number is None else series.number}, UID {series.uid}"
        for place, series in places.items()
    )


def _nothing_found(search: SeriesSearch) -> str:
    if not search.left_out:
        return "The folder is empty; name one that holds the DICOM files of a CT series."
    return (
        f"There is no image series among the {len(search.left_out)} files "
        f"({_most_common(one.reason for one in search.left_out)}); name a folder that holds a CT series."
    )


def _most_common(reasons: Iterable[str]) -> str:
    counted = Counter(reasons).most_common(3)
    return "; ".join(f"{count} × {reason}" for reason, count in counted)
