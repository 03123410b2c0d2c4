import json

from CTDenoiseLib import __version__
from CTDenoiseLib.measure.record import ImageIdentity, MeasurementRecord
from CTDenoiseLib.measure.result_table import Column, ResultTable


def test_record_tells_images_settings_figures_software_and_purpose():
    record = MeasurementRecord(
        images=(
            ImageIdentity(name="Input", study_uid="1.2", series_uid="1.2.3"),
            ImageIdentity(name="Denoised", model="hrcnn", weights_sha256="ab", strength=0.8),
        ),
        settings={"width in mm": float("inf"), "resampled": False},
        tables=(ResultTable("T", (Column("a", "A", "HU"),), ((1.5,),)),),
        notes=("SD has the divisor n − 1.",),
    )
    content = json.loads(record.json())
    assert content["software"] == {"name": "CTDenoise", "version": __version__}
    assert content["purpose"].startswith("Research use only")
    assert content["images"][0]["series_uid"] == "1.2.3"
    assert content["images"][0]["model"] is None
    assert content["images"][1]["strength"] == 0.8
    assert content["settings"] == {"width in mm": None, "resampled": False}
    assert content["tables"][0]["rows"] == [{"a": 1.5}]
    assert content["notes"] == ["SD has the divisor n − 1."]


def test_record_is_text_that_people_can_read():
    text = MeasurementRecord(images=(ImageIdentity(name="Schädel"),)).json()
    assert "Schädel" in text
    assert text.endswith("}\n")
