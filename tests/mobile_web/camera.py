"""What a camera sees: codes on paper in all light and at all angles, as single frames and as a film."""

import random
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import qrcode
from PIL import Image, ImageFilter

SIZE = (640, 480)


@cache
def sharp(text: str) -> Image.Image:
    """A QR code as it is printed, with its quiet border; choosing its pattern takes longest of all."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
    code.add_data(text)
    code.make(fit=True)
    signs = np.array(code.get_matrix(), dtype=np.uint8)
    small = Image.fromarray(np.where(signs, 20, 245).astype(np.uint8))
    return small.resize((small.width * 8,) * 2, Image.Resampling.NEAREST)


def drawn(text: str, size: int) -> Image.Image:
    return sharp(text).resize((size, size))


def poster(text: str, size: int, *, at: tuple[int, int] = (0, 0), paper: int = 200) -> Image.Image:
    """The code in the middle of a sheet, moved by `at`."""
    page = Image.new("L", SIZE, paper)
    page.paste(drawn(text, size), ((SIZE[0] - size) // 2 + at[0], max(0, (SIZE[1] - size) // 2 + at[1])))
    return page


def tilted(page: Image.Image, sideways: float, upwards: float) -> Image.Image:
    """As seen from the side and from above or below."""
    centre = np.array([[1, 0, SIZE[0] / 2], [0, 1, SIZE[1] / 2], [0, 0, 1]])
    lean = np.array([[1, 0, 0], [0, 1, 0], [sideways, upwards, 1]])
    back = centre @ np.linalg.inv(lean) @ np.linalg.inv(centre)
    cells = tuple((back / back[2, 2]).flatten()[:8])
    return page.transform(SIZE, Image.Transform.PERSPECTIVE, cells, Image.Resampling.BICUBIC, fillcolor=128)


def frame(text: str, seed: int, *, blur: float = 1.0) -> bytes:
    """One frame as JPEG: turned up to 35 degrees, tilted, blurred, badly lit and noisy, all by `seed`."""
    dice, noise = random.Random(seed), np.random.default_rng(seed)
    page = poster(
        text,
        dice.randint(190, 360),
        at=(dice.randint(-80, 80), dice.randint(-50, 50)),
        paper=dice.randint(150, 225),
    )
    page = page.rotate(dice.uniform(-35, 35), Image.Resampling.BICUBIC, fillcolor=dice.randint(90, 190))
    page = tilted(page, dice.uniform(-0.0009, 0.0009), dice.uniform(-0.0007, 0.0007))
    seen = np.asarray(page.filter(ImageFilter.GaussianBlur(dice.uniform(0.4, 1.9) * blur)), dtype=float)
    across = np.linspace(dice.uniform(0.55, 1), dice.uniform(0.55, 1.05), SIZE[0])[None, :]
    down = np.linspace(dice.uniform(0.7, 1), dice.uniform(0.7, 1.05), SIZE[1])[:, None]
    seen = seen * across * down * dice.uniform(0.7, 1.05)
    seen += noise.normal(0, dice.uniform(4, 22), seen.shape)
    return jpeg(Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8)))


def jpeg(picture: Image.Image) -> bytes:
    kept = BytesIO()
    picture.save(kept, "JPEG", quality=70)
    return kept.getvalue()


def film(path: Path, pictures: list[Image.Image]) -> Path:
    """A camera's film as Y4M, five pictures a second, for a browser's stand-in camera."""
    grey = bytes([128]) * (SIZE[0] * SIZE[1] // 2)
    with path.open("wb") as made:
        made.write(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F5:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            made.write(b"FRAME\n" + picture.convert("L").tobytes() + grey)
    return path
