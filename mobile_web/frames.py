"""Codes read out of a camera's frame, for browsers that cannot do it themselves.

A frame is looked at once, in a thread, and forgotten. What must never happen: a frame kept, logged or
passed on, or a picture opened that is larger than a frame.
"""

from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

import zxingcpp
from PIL import Image, ImageFilter

FRAME_BYTES_MAX = 200_000
FRAME_PIXELS_MAX = 1280 * 960
FRAMES_A_MINUTE_MAX = 240
CODES_MAX = 4
CODE_CHARACTERS_MAX = 300
PHONES_MAX = 10_000
QR = zxingcpp.barcode_formats_from_str("QRCode")
SOFT, SHARP = ImageFilter.GaussianBlur(1), ImageFilter.UnsharpMask(4, 300, 0)
"""Noise is smoothed and edges are drawn anew: of frames that say nothing as they are, most are read then."""


class NotAFrame(ValueError):
    """It is no JPEG picture of a camera's size."""


def read(frame: bytes) -> list[str]:
    """What the QR codes in a JPEG frame say; none when none can be read.

    Raises:
        NotAFrame
    """
    try:
        with Image.open(BytesIO(frame), formats=["JPEG"]) as opened:
            if opened.width * opened.height > FRAME_PIXELS_MAX:
                raise NotAFrame
            grey = opened.convert("L")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAFrame from error
    return _codes(grey) or _codes(grey.filter(SOFT).filter(SHARP))


def _codes(grey: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(grey, formats=QR)
    return [code.text for code in found if 0 < len(code.text) <= CODE_CHARACTERS_MAX][:CODES_MAX]


@dataclass
class Pace:
    """How many frames each phone has sent in this minute."""

    minute: datetime | None = None
    frames: dict[str, int] = field(default_factory=dict)

    def is_too_fast(self, phone: str, at: datetime) -> bool:
        """Count one more frame of a phone; true when that is one too many."""
        minute = at.replace(second=0, microsecond=0)
        if minute != self.minute or len(self.frames) > PHONES_MAX:
            self.minute, self.frames = minute, {}
        self.frames[phone] = self.frames.get(phone, 0) + 1
        return self.frames[phone] > FRAMES_A_MINUTE_MAX
