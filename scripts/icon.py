#!/usr/bin/env python3
"""Draws the icon of the add-on, a printer with its nozzle and a cube in layers, and writes it as PNG.

Usage: scripts/icon.py FILE     (addon/icon.png; scripts/addon-test.sh compares it with what this writes)
"""

import struct
import sys
import zlib

SIZE = 128  # pixels, as Home Assistant asks for
FINE = 4  # samples a pixel and direction, for smooth edges

BACKGROUND = (38, 50, 56)
FRAME = (236, 239, 241)
NOZZLE = (255, 167, 38)
LAYERS = ((0, 174, 66), (0, 150, 57))


def inside_round_square(x, y):
    radius = 24
    cx = min(max(x, radius), SIZE - radius)
    cy = min(max(y, radius), SIZE - radius)
    return (x - cx) ** 2 + (y - cy) ** 2 <= radius**2


def colour(x, y):
    """The colour at a point, with its opacity."""
    if not inside_round_square(x, y):
        return (0, 0, 0, 0)
    if 24 <= x <= 104 and 22 <= y <= 106 and not (32 <= x <= 96 and 30 <= y <= 98):
        return FRAME + (255,)
    if 32 <= x <= 96 and 40 <= y <= 44:  # the rail
        return FRAME + (255,)
    if 56 <= x <= 72 and 36 <= y <= 52:
        return NOZZLE + (255,)
    if 52 < y <= 60 and abs(x - 64) <= 60 - y:  # its tip
        return NOZZLE + (255,)
    if 46 <= x <= 82 and 64 <= y < 98:
        return LAYERS[int((y - 64) // 4.25) % 2] + (255,)
    return BACKGROUND + (255,)


def pixel(column, row):
    samples = [
        colour(column + (i + 0.5) / FINE, row + (j + 0.5) / FINE) for i in range(FINE) for j in range(FINE)
    ]
    opacity = sum(sample[3] for sample in samples)
    if opacity == 0:
        return (0, 0, 0, 0)
    mixed = [round(sum(sample[i] * sample[3] for sample in samples) / opacity) for i in range(3)]
    return (*mixed, round(opacity / len(samples)))


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: scripts/icon.py FILE")
    rows = b"".join(
        b"\0" + bytes(value for column in range(SIZE) for value in pixel(column, row)) for row in range(SIZE)
    )
    with open(sys.argv[1], "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)))
        file.write(chunk(b"IDAT", zlib.compress(rows, 9)))
        file.write(chunk(b"IEND", b""))


if __name__ == "__main__":
    main()
