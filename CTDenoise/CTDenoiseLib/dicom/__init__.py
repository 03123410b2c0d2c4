"""CT series in DICOM files: find, choose and read them, and write derived series."""
