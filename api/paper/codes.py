"""Codes as squares: drawn as one path, so that they are sharp at any size and on any printer."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import qrcode

QUIET = 4
"""Modules left white around the code, as the standard asks; scanners need them."""


def svg(text: str) -> str:
    """A QR code that survives a coffee stain (a quarter of it may be lost), as SVG."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=QUIET)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(_runs(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(rows)} {len(rows)}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{len(rows)}v{len(rows)}H0z"/>'
        f'<path d="{path}"/></svg>'
    )


def _runs(rows: Sequence[Sequence[bool]]) -> Iterator[str]:
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length
