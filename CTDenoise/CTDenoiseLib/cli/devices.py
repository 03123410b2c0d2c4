"""`ctdenoise devices`: what this machine can compute on."""

from __future__ import annotations

from rich.markup import escape

from .console import AsJson, plain_table, print_json, terminal


def list_devices(as_json: AsJson = False) -> None:
    """List the devices to compute on, how fast the default model is on each, and what “auto” would take."""
    from ..inference import Backend, available_devices
    from ..inference.calibration import typical_section_seconds
    from ..models import ModelStore

    found = available_devices()
    automatic = Backend.choose()
    store = ModelStore.default()
    model = store.card(store.default_model)
    seconds = {device.name: typical_section_seconds(Backend.choose(device.name), model.network) for device in found}
    if as_json:
        print_json(
            {
                "model": model.name,
                "devices": [
                    {
                        "name": device.name,
                        "description": device.description,
                        "free_memory_bytes": device.free_memory,
                        "total_memory_bytes": device.total_memory,
                        "precisions": list(device.precisions),
                        "seconds_per_section_of_1024": seconds[device.name],
                    }
                    for device in found
                ],
                "auto": {
                    "device": automatic.device,
                    "precision": automatic.precision,
                    "reason": automatic.reason,
                },
            }
        )
        return
    table = plain_table("Device", "Description", "Free memory", "Precisions", "Slice of 1024²")
    for device in found:
        memory = f"{device.free_memory / 2**30:.1f} of {device.total_memory / 2**30:.1f} GiB"
        precisions, pace = ", ".join(device.precisions), f"{seconds[device.name]:.2g} s"
        table.add_row(device.name, escape(device.description), memory, precisions, pace)
    console = terminal()
    console.print(table)
    console.print(f"\nTimes are those of {escape(model.name)}.")
    console.print(f"auto: {automatic.device}, {automatic.precision}. {escape(automatic.reason)}")
