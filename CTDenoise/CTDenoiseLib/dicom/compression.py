"""How the pixels of a derived series may be stored; all ways are lossless."""

from __future__ import annotations

from typing import Literal

Compression = Literal["none", "jpeg-ls", "jpeg2000"]
