"""Names and media types of files that come from strangers, and how much of them a page takes."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from datetime import datetime, timedelta

MAX_FILES = 500
"""Files that can be put into one page, those that its answers do not name in the end included."""
MAX_AT_ONCE = 20
"""Files that can be on their way into one page at the same time: what they have is counted only when it has come."""
UPLOAD_TIME = timedelta(hours=6)
"""How long one upload may take."""
PIECE_TIME = timedelta(hours=1)
"""How long one piece of a file may take, and making the file of all pieces."""
KEPT_UNSUBMITTED = timedelta(days=1)
"""For how long after the deadline of its page a file that was not submitted is kept; longer than an upload takes."""
_MAX_NAME_BYTES = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_UNKNOWN = "application/octet-stream"
_SHOWN = re.compile(r"image/(png|jpeg|gif|webp|avif|bmp)|(audio|video)/[^/]+")


def left_of_day(now: datetime) -> int:
    """How many seconds are left of the day, counted in UTC."""
    return 86_400 - (now.hour * 60 + now.minute) * 60 - now.second


def clean_name(text: str | None) -> str:
    """A file name without folders, invisible and reserved characters, of bounded length; its extension is kept."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", (text or "").encode("utf-8", "replace").decode()))[-1]
    # Control and format characters could break lines or show another extension than there is.
    name = "".join(" " if character.isspace() else character for character in name if _visible(character))
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    ending = f"{dot}{extension}" if stem and len(extension.encode()) <= 16 else ""
    room = _MAX_NAME_BYTES - len(ending.encode())
    return name.removesuffix(ending).encode()[:room].decode(errors="ignore") + ending or "file"


def _visible(character: str) -> bool:
    return character.isspace() or not unicodedata.category(character).startswith("C")


def media_type_of(given: str, name: str) -> str:
    """The media type that came with a file, else the one that its name stands for; without parameters."""
    plain = given.split(";", maxsplit=1)[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(plain) and plain != _UNKNOWN:
        return plain
    return mimetypes.guess_type(name, strict=True)[0] or _UNKNOWN


def shown_in_browsers(media_type: str) -> bool:
    """Whether a preview of the file is harmless: pixels and sound, nothing with scripts in it."""
    return _SHOWN.fullmatch(media_type) is not None
