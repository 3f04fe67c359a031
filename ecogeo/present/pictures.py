"""Pictures beside steps: taken as PNG or JPEG by their content, drawn anew without hidden data, named by content."""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from ecogeo.errors import UsageError
from ecogeo.present.steps import PICTURE_NAME
from ecogeo.wording import Text

MOST_PICTURE_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_SIDE_PX = 1920
"""Larger pictures are made smaller: no projector of a meeting room shows more."""

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}


def picture_folder(data_folder: Path) -> Path:
    """Return where a county keeps pictures of its steps."""
    return data_folder / "present" / "pictures"


def picture_names(folder: Path) -> frozenset[str]:
    """Return the names of the pictures there are."""
    if not folder.is_dir():
        return frozenset()
    return frozenset(path.name for path in folder.iterdir() if path.is_file() and PICTURE_NAME.fullmatch(path.name))


def tidy_picture(content: bytes) -> tuple[str, bytes]:
    """Return a picture drawn anew, and the name its content gives it.

    What lies beside the pixels (place and time it was taken, camera, comments, whatever was hidden behind) is gone;
    the turn a camera noted is done.

    Parameters
    ----------
    content
        Bytes of a file somebody gave.

    Raises
    ------
    UsageError
        Where it is too large, or neither a PNG nor a JPEG.
    """
    if len(content) > MOST_PICTURE_BYTES:
        most = MOST_PICTURE_BYTES // (1024 * 1024)
        raise UsageError(Text(f"图片超过 {most} MB", f"the picture is larger than {most} MB"))
    kind = next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)
    if kind is None:
        raise UsageError(Text("只收 PNG 和 JPEG 图片", "only PNG and JPEG pictures are taken"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[kind]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    zh = f"图片 {opened.width} × {opened.height} 像素，太大"
                    raise UsageError(Text(zh, f"the picture has {opened.width} × {opened.height} pixels, too many"))
                image = ImageOps.exif_transpose(opened)
                image = image.convert("RGBA" if kind == "PNG" and image.has_transparency_data else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombWarning) as error:
        raise UsageError(Text("图片损坏，读不出来", "the picture is broken and cannot be read")) from error
    except Image.DecompressionBombError as error:
        raise UsageError(Text("图片像素太多", "the picture has too many pixels")) from error
    image.thumbnail((MOST_SIDE_PX, MOST_SIDE_PX))
    held = io.BytesIO()
    if kind == "PNG":
        image.save(held, "PNG", optimize=True)
    else:
        image.save(held, "JPEG", quality=85)
    drawn = held.getvalue()
    ending = "png" if kind == "PNG" else "jpg"
    return f"{hashlib.sha256(drawn).hexdigest()[:16]}.{ending}", drawn


def keep_picture(folder: Path, content: bytes) -> str:
    """Draw a picture anew, keep it, and return its name.

    Raises
    ------
    UsageError
        As `tidy_picture` does.
    OSError
        Where it cannot be written.
    """
    name, drawn = tidy_picture(content)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / name).is_file():
        waiting = folder / f".{name}.part"
        waiting.write_bytes(drawn)
        waiting.replace(folder / name)
    return name
