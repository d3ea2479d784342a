#!/usr/bin/env python3
"""Writes pillow.json: the results of Pillow's and torchvision's arithmetic for images of noise.

    python3 -m venv venv && venv/bin/pip install pillow==12.0.0
    venv/bin/python packages/data/test/golden/pillow.py

Resizing, conversion to grey and blending use Pillow. The arithmetic of torchvision's resize and crop is written out
(transforms.functional.resize and center_crop of a PIL image, torchvision 0.24), so that the script does not need torch.
"""

import base64
import hashlib
import io
import json
from pathlib import Path

from PIL import Image, ImageOps, __version__


def noise(length: int, state: int) -> bytes:
    """Returns the top bytes of a linear congruential generator, the same as in picture/pillow.test.ts."""
    out = bytearray(length)
    for i in range(length):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = state >> 24
    return bytes(out)


def resize_and_crop(image: Image.Image, short: int, height: int, width: int) -> Image.Image:
    w, h = image.size
    size = (short, int(short * h / w)) if w <= h else (int(short * w / h), short)
    image = image.resize(size, Image.Resampling.BILINEAR)
    w, h = image.size
    top, left = int(round((h - height) / 2.0)), int(round((w - width) / 2.0))
    return image.crop((left, top, left + width, top + height))


def prepare(case: dict) -> bytes:
    w, h = case["size"]
    channels, height, width = case["shape"]
    rgba = Image.frombytes("RGBA", (w, h), noise(4 * w * h, case["seed"]))
    if not case.get("alpha"):
        rgba.putalpha(255)
    invert = case.get("invert", False)
    background = case.get("background", "black")
    white = (255, 255, 255)
    ground = white if (background == "white") != invert else (0, 0, 0)
    image = Image.new("RGB", (w, h), ground)
    image.paste(rgba, mask=rgba.getchannel("A"))
    if invert:
        image = ImageOps.invert(image)
    if channels == 1:
        image = image.convert("L")
    fit = case.get("fit", "contain")
    method = Image.Resampling.BILINEAR
    if fit == "contain":
        color = (255 if background == "white" else 0,) * channels
        image = ImageOps.pad(image, (width, height), method, color=color[0] if channels == 1 else color)
    elif fit == "fill":
        image = image.resize((width, height), method)
    else:
        image = resize_and_crop(image, case.get("resize", height), height, width)
    data = image.tobytes()
    return b"".join(data[c::channels] for c in range(channels))


CASES = [
    {"size": [23, 17], "shape": [3, 9, 12], "fit": "fill"},
    {"size": [7, 5], "shape": [1, 13, 11], "fit": "fill"},
    {"size": [12, 9], "shape": [3, 9, 12], "fit": "fill"},
    {"size": [12, 31], "shape": [1, 9, 12], "fit": "fill"},
    {"size": [1, 1], "shape": [1, 4, 4], "fit": "fill"},
    {"size": [28, 42], "shape": [1, 28, 28]},
    {"size": [28, 42], "shape": [1, 28, 28], "invert": True},
    {"size": [50, 31], "shape": [3, 12, 12], "background": "white"},
    {"size": [33, 10], "shape": [3, 12, 15], "invert": True, "background": "white"},
    {"size": [9, 40], "shape": [1, 11, 11], "alpha": True},
    {"size": [9, 40], "shape": [3, 11, 11], "alpha": True, "invert": True},
    {"size": [16, 16], "shape": [3, 16, 16], "alpha": True, "background": "white"},
    {"size": [45, 30], "shape": [3, 12, 12], "fit": "cover"},
    {"size": [31, 64], "shape": [3, 16, 16], "fit": "cover", "resize": 19},
    {"size": [64, 31], "shape": [1, 15, 16], "fit": "cover", "resize": 20},
    {"size": [10, 13], "shape": [3, 16, 16], "fit": "cover", "resize": 20},
    {"size": [500, 375], "shape": [3, 224, 224], "fit": "cover", "resize": 256},
    {"size": [333, 500], "shape": [3, 224, 224], "fit": "cover", "resize": 232},
    {"size": [100, 7], "shape": [1, 8, 8], "fit": "contain"},
]

def files() -> list[dict]:
    """Builds lossy files, with the digests of their pixels as Pillow decodes them."""
    smooth = Image.frombytes("RGB", (6, 5), noise(90, 7)).resize((41, 30), Image.Resampling.BICUBIC)
    out = []
    for name, options in [
        ("jpeg, 4:2:0", {"format": "JPEG", "quality": 80}),
        ("jpeg, progressive", {"format": "JPEG", "quality": 60, "progressive": True}),
        ("jpeg, grey", {"format": "JPEG", "quality": 80, "grey": True}),
        ("webp", {"format": "WEBP", "quality": 60}),
    ]:
        file = io.BytesIO()
        image = smooth.convert("L") if options.pop("grey", False) else smooth
        image.save(file, **options)
        data = Image.open(file).convert("RGB").tobytes()
        out.append(
            {
                "name": name,
                "file": base64.b64encode(file.getvalue()).decode(),
                "shape": [3, 30, 41],
                "sha256": hashlib.sha256(b"".join(data[c::3] for c in range(3))).hexdigest(),
            }
        )
    return out


written = []
for seed, case in enumerate(CASES):
    out = prepare({**case, "seed": seed})
    expected = {"bytes": base64.b64encode(out).decode()} if len(out) < 3000 else {}
    written.append({"seed": seed, **case, "sha256": hashlib.sha256(out).hexdigest(), **expected})
path = Path(__file__).with_name("pillow.json")
lines, files_lines = (",\n".join("    " + json.dumps(case) for case in cases) for cases in (written, files()))
path.write_text(
    f'{{\n  "pillow": "{__version__}",\n  "cases": [\n{lines}\n  ],\n  "files": [\n{files_lines}\n  ]\n}}\n'
)
