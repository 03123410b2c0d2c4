"""Output that is there whole or not at all: made in a hidden folder on the same disk, moved into place at the end."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import CTDenoiseError

OUT_OF_SPACE = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
# File managers leave these in folders a person would call empty.
_LEFT_BY_THE_DESKTOP = {".DS_Store", "Thumbs.db", "desktop.ini"}
_TRIES_TO_DISCARD = 10

# Hidden folders being filled, each with the parents that were made for it, innermost first.
_in_the_making: dict[Path, list[Path]] = {}
# Held while what was made moves into place.
_moving = threading.RLock()


class OutputExistsError(CTDenoiseError):
    """Something already lies where the output belongs."""


class WriteFailedError(CTDenoiseError):
    """The system did not let the output be written; nothing is left of it.

    Attributes:
        place: Where the output belongs.
        cause: What the system said.
    """

    def __init__(self, place: Path, cause: OSError) -> None:
        super().__init__(_sentence(place, cause))
        self.place = place
        self.cause = cause


def _nothing(_: Path) -> bool:
    return False


@contextmanager
def folder_in_the_making(
    target: Path, *, overwrite: bool = False, replaceable: Callable[[Path], bool] = _nothing
) -> Iterator[Path]:
    """Give a hidden folder to fill; its content becomes `target` at the end, or vanishes if the block fails in any way.

    A new target is renamed into being, all files at once. An existing one stays the same folder (it may be a mount
    point, somebody's current folder, or carry permissions of its own): the hidden folder lies inside it and what was
    made is moved up, one rename a file.

    Args:
        target: The folder to be. Missing parents are made; it may exist if it is empty.
        overwrite: Whether the content of a target that is not empty may be replaced, after success only.
        replaceable: Says of a file in the old target whether it may go. By default none may, so that `overwrite` alone
            never deletes anything.

    Raises:
        OutputExistsError: The target is a file, is not empty, or holds files that may not go.
        WriteFailedError: Disk full, no permission, or another failure of the system while writing here.
    """
    target = Path(target).resolve()
    _check_folder(target, overwrite, replaceable)
    exists = target.exists()
    with _workplace(target if exists else target.parent, target) as workplace:
        yield workplace
        _check_folder(target, overwrite, replaceable, workplace)
        with _moving:
            if exists:
                _replace_content(target, workplace)
            else:
                workplace.rename(target)
            del _in_the_making[workplace]


@contextmanager
def file_in_the_making(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a path with the same name in a hidden folder; the file made there is moved to `path` at the end.

    Files written beside it in that folder (the data of a detached header) are moved along.

    Args:
        path: The file to be. Missing parents are made.
        overwrite: Whether an existing file may be replaced, after success only.

    Raises:
        OutputExistsError: The file exists, or a folder has its name.
        WriteFailedError: Disk full, no permission, or another failure of the system while writing here.
    """
    path = Path(path).absolute()
    _check_file(path, overwrite)
    with _workplace(path.parent, path) as workplace:
        yield workplace / path.name
        made = sorted(workplace.iterdir())
        for file in made:
            _check_file(path.parent / file.name, overwrite)
        with _moving:
            _move(made, path.parent)
            del _in_the_making[workplace]


def check_file(path: Path, *, overwrite: bool = False) -> None:
    """See that a file may be written, before the work for it.

    Raises:
        OutputExistsError: It exists and may not be replaced, or a folder has its name.
    """
    _check_file(Path(path).absolute(), overwrite)


def check_folder(folder: Path, *, overwrite: bool = False) -> None:
    """See that a folder may be filled, before the work for it; which files in it may go, only writing shows.

    Raises:
        OutputExistsError: It holds something that may not be replaced, or a file has its name.
    """
    if not (overwrite and folder.is_dir()):
        _check_folder(Path(folder).resolve(), overwrite, _nothing)


def discard_unfinished() -> None:
    """Remove whatever is in the making: the last act of a process that ends without unwinding, such as by `os._exit`.

    May be called from any thread. Another one that still writes fails, as its folder is no longer there.
    """
    with _moving:
        for workplace, made_for_it in tuple(_in_the_making.items()):
            for _ in range(_TRIES_TO_DISCARD):
                shutil.rmtree(workplace, ignore_errors=True)
                if not workplace.exists():
                    break
            _remove_empty(made_for_it)


@contextmanager
def _workplace(parent: Path, target: Path) -> Iterator[Path]:
    """A hidden folder in `parent`; if the block fails, the parents made for it vanish too."""
    missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    workplace = parent / f".ctdenoise-{secrets.token_hex(6)}"
    _in_the_making[workplace] = missing
    try:
        workplace.mkdir(parents=True)
        yield workplace
    except BaseException as error:
        shutil.rmtree(workplace, ignore_errors=True)
        _remove_empty(missing)
        cause = error
        if isinstance(error, WriteFailedError) and workplace in (error.place, *error.place.parents):
            # Made inside this output in the making: the user knows the outer place only.
            cause = error.cause
        if isinstance(cause, OSError) and _is_about_writing(cause, workplace, target):
            raise WriteFailedError(target, cause) from cause
        raise
    finally:
        _in_the_making.pop(workplace, None)
    shutil.rmtree(workplace, ignore_errors=True)


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _is_about_writing(error: OSError, workplace: Path, target: Path) -> bool:
    """Whether the error comes from our output; a full disk does not name its file, every other error does."""
    if error.errno in OUT_OF_SPACE:
        return True
    above = {workplace, target, *target.parents}
    names = (Path(os.fsdecode(name)) for name in (error.filename, error.filename2) if isinstance(name, (str, bytes)))
    return any(name in above or {workplace, target} & set(name.parents) for name in names)


def _sentence(place: Path, cause: OSError) -> str:
    if cause.errno in OUT_OF_SPACE:
        return f"The disk is full, so {place} was not written; free some space or choose another place."
    if cause.errno in _NOT_ALLOWED:
        return f"There is no permission to write {place}; choose another place."
    return f"{place} could not be written ({cause.strerror or cause}); choose another place."


def _check_folder(
    target: Path, overwrite: bool, replaceable: Callable[[Path], bool], workplace: Path | None = None
) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise OutputExistsError(f"{target} is a file; name a folder for the output.")
    content = _content(target, workplace)
    if content and not overwrite:
        raise OutputExistsError(f"{target} is not empty; choose another folder or ask for it to be overwritten.")
    for file in _files(content):
        if file.is_symlink() or not replaceable(file):
            raise OutputExistsError(
                f"{target} holds files that may not be overwritten ({file.name}); choose another folder."
            )


def _content(folder: Path, workplace: Path | None) -> list[Path]:
    """What a folder holds besides our own hidden folder and the traces of a file manager."""
    return sorted(entry for entry in folder.iterdir() if entry != workplace and entry.name not in _LEFT_BY_THE_DESKTOP)


def _files(entries: Iterable[Path]) -> Iterator[Path]:
    """The files among and below the entries; links to folders count as files and are not followed."""
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            yield from _files(sorted(entry.iterdir()))
        else:
            yield entry


def _check_file(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise OutputExistsError(f"{path} is a folder; name a file for the output.")
    if path.exists() and not overwrite:
        raise OutputExistsError(f"{path} already exists; choose another name or ask for it to be overwritten.")


def _replace_content(target: Path, workplace: Path) -> None:
    """Put what the workplace holds in place of the target's content, which comes back if that fails."""
    old = workplace / ".old"
    made = sorted(workplace.iterdir())
    old.mkdir()
    try:
        _move(_content(target, workplace), old)
        _move(made, target)
    except BaseException:
        _move(sorted(old.iterdir()), target)
        raise


def _move(entries: list[Path], folder: Path) -> None:
    """Rename all entries into the folder, or none."""
    moved: list[tuple[Path, Path]] = []
    try:
        for entry in entries:
            moved.append((entry.replace(folder / entry.name), entry))
    except BaseException:
        for now, before in reversed(moved):
            now.replace(before)
        raise
