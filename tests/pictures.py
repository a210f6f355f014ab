"""Small pictures for tests, drawn on the spot."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int, *, colour: bytes = b"\x2f\x8f\x7d") -> bytes:
    """Give a picture of one colour."""
    rows = b"".join(b"\0" + colour * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def side_of_jpeg(content: bytes) -> tuple[int, int]:
    """Give width and height of a JPEG; ValueError where it is none."""
    at = 2
    while content[:2] == b"\xff\xd8" and at < len(content):
        marker, length = struct.unpack(">HH", content[at : at + 4])
        if marker in (0xFFC0, 0xFFC2):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise ValueError("no JPEG")


def photo_with_a_place(jpeg: bytes) -> bytes:
    """Give a JPEG with an Exif part, as a camera writes it, that tells where it was taken."""
    told = b"Exif\0\0GPS 21.0868 105.7831"
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(told) + 2) + told + jpeg[2:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
