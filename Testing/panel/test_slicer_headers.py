"""DICOM headers from the database that is open in Slicer."""

from __future__ import annotations

import pytest
import slicer

from support.header_files import HeaderFiles


@pytest.fixture
def headers(slicer_host):
    from CTDenoisePanel.slicer_headers import SlicerHeaders

    return SlicerHeaders()


def test_slicers_database_answers_through_its_own_methods(headers, tmp_path, make_ct_series, monkeypatch):
    files = HeaderFiles(make_ct_series(tmp_path))
    (uid, *_) = files._paths

    class Database:
        """What counts of `ctkDICOMDatabase`."""

        isOpen = True  # noqa: N815
        instanceValue = staticmethod(files.value)  # noqa: N815
        fileForInstance = staticmethod(files.file)  # noqa: N815

    monkeypatch.setattr(slicer, "dicomDatabase", Database())
    assert headers.value(uid, "0018,1210") == "Qr89"
    assert headers.file(uid) == files.file(uid)
    assert headers.value("1.2.3", "0018,1210") == headers.file("1.2.3") == ""


def test_without_an_open_database_nothing_is_known(headers, monkeypatch):
    for database in (None, type("Closed", (), {"isOpen": False})()):
        monkeypatch.setattr(slicer, "dicomDatabase", database)
        assert headers.value("1.2.3", "0018,1210") == headers.file("1.2.3") == ""
