"""Creates a folder of photographs in three classes (animals, buildings, things) from images in Debian packages.

    python photographs.py FOLDER        (Debian or Ubuntu: downloads packages with apt-get, unpacks them, installs nothing)

FOLDER/train/CLASS/*.jpg is for training. FOLDER/test/CLASS/*.jpg is held out: no test image comes from a collection (a folder
of a package) that the training set uses, shows a building of the training set, or looks like a training image.
FOLDER/sources.csv lists the package, the file, the license and the author of every image.
"""

import csv
import io
import re
import struct
import subprocess
import sys
import zlib
from difflib import SequenceMatcher
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

STAMPS = "usr/share/tuxpaint/stamps"
ACTIVITIES = "/gcompris/src/activities"
EXAMPLES = "usr/share/doc/opencv-doc/examples/data"
PUZZLES = "usr/share/palapeli/collection"

# (part, class, package, glob pattern of its files). A later line never repeats an image of an earlier one.
COLLECTIONS = [
    ("train", "animals", "tuxpaint-stamps-default", f"{STAMPS}/animals/*.png"),
    ("train", "animals", "gcompris-qt-data", f"{ACTIVITIES}/erase/resource/*"),
    ("train", "buildings", "gcompris-qt-data", f"{ACTIVITIES}/explore_monuments/resource/*"),
    ("train", "things", "tuxpaint-stamps-default", f"{STAMPS}/household/*.png"),
    ("train", "things", "tuxpaint-stamps-default", f"{STAMPS}/hobbies/*.png"),
    ("train", "things", "tuxpaint-stamps-default", f"{STAMPS}/sports/*.png"),
    ("train", "things", "gcompris-qt-data", f"{ACTIVITIES}/categorization/resource/images/others/*"),
    ("test", "animals", "gcompris-qt-data", f"{ACTIVITIES}/explore_farm_animals/resource/animals/*"),
    ("test", "animals", "gcompris-qt-data", f"{ACTIVITIES}/explore_world_animals/resource/animals/*"),
    ("test", "animals", "gcompris-qt-data", f"{ACTIVITIES}/categorization/resource/images/fishes/*"),
    ("test", "animals", "palapeli-data", f"{PUZZLES}/*honey-bee*"),
    ("test", "animals", "palapeli-data", f"{PUZZLES}/*chameleon*"),
    ("test", "buildings", "gcompris-qt-data", f"{ACTIVITIES}/categorization/resource/images/monuments/*"),
    ("test", "buildings", "palapeli-data", f"{PUZZLES}/*castle*"),
    ("test", "buildings", "palapeli-data", f"{PUZZLES}/*bridge*"),
    ("test", "buildings", "opencv-doc", f"{EXAMPLES}/home.jpg"),
    ("test", "buildings", "opencv-doc", f"{EXAMPLES}/building.jpg"),
    ("test", "things", "gcompris-qt-data", f"{ACTIVITIES}/categorization/resource/images/tools/*"),
]
# Excluded by their names in the packages: drawings, mirrored copies, toys, dinosaurs, and a building among the things.
LEFT_OUT = re.compile(r"/(cartoon|toys|dinosaur)/|_mirror|-outline|/igloo\.")
PICTURE = re.compile(r"\.(jpe?g|png|webp|gif)$", re.IGNORECASE)
LONGEST = 512  # The maximum length of the longer side, in pixels.
SMALLEST = 80  # An image whose longer side has fewer pixels is an icon.
FLAT = 0.5  # A cut-out is a drawing if a larger share of its neighboring pixels have exactly the same color.
ALIKE = 6  # The maximum number of differing bits, of 64, in the hashes of two images that look alike.


def unpack(package, folder):
    """Downloads and unpacks a package; returns the path of its files."""
    subprocess.run(["apt-get", "download", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob(f"{package}_*.deb")
    subprocess.run(["dpkg-deb", "-x", archive, folder / package], check=True)
    return folder / package


def resources(file):
    """Yields (path, bytes) of every file in a binary Qt resource file: https://github.com/qt/qtbase, src/tools/rcc/rcc.cpp."""
    data = file.read_bytes()
    version, tree, contents, names = struct.unpack(">4s4I", data[:20])[1:]
    node_size = 14 if version == 1 else 22

    def name(offset):
        length = struct.unpack_from(">H", data, names + offset)[0]
        return data[names + offset + 6 :][: 2 * length].decode("utf-16-be")

    def walk(node, parent):
        offset, flags = struct.unpack_from(">IH", data, tree + node * node_size)
        path = f"{parent}/{name(offset)}" if node else ""
        first, second = struct.unpack_from(">2I", data, tree + node * node_size + 6)
        if flags & 2:
            for child in range(second, second + first):
                yield from walk(child, path)
            return
        at = contents + second
        content = data[at + 4 :][: struct.unpack_from(">I", data, at)[0]]
        yield path, zlib.decompress(content[4:]) if flags & 1 else content

    yield from walk(0, "")


def pictures(root):
    """Yields (path, bytes) of every image in an unpacked package, including those in Qt resource files."""
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        if PICTURE.search(file.name):
            yield file.relative_to(root).as_posix(), file.read_bytes()
        elif file.suffix == ".rcc":
            yield from ((path, content) for path, content in resources(file) if PICTURE.search(path))


def copyrights(root):
    """Returns (pattern, license, author) entries of a package's machine-readable copyright file; the last match applies."""
    text = (next(root.glob("usr/share/doc/*/copyright"))).read_text()
    entries = []
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^(\S+):[ \t]*(.*(?:\n[ \t].*)*)", paragraph, re.MULTILINE))
        if "Files" in fields:
            author = " ".join(fields["Copyright"].split())[:200]
            entries += [(pattern, fields["License"].split("\n")[0], author) for pattern in fields["Files"].split()]
    return entries


def copyright_of(path, entries):
    """Returns the license and the author of a file. Packages convert images, so the extension may differ from the entry's."""
    stem = PICTURE.sub("", path.replace("/gcompris/src/", "src/"))
    return [entry[1:] for entry in entries if fnmatch(stem, PICTURE.sub("", entry[0]))][-1]


def photograph(content):
    """Returns the image as RGB on white, at most LONGEST pixels long; None for an icon or a drawing."""
    image = Image.open(io.BytesIO(content)).convert("RGBA")
    box = image.getchannel("A").getbbox()
    image = image.crop(box)
    cut_out = image.getchannel("A").getextrema()[0] == 0
    if max(image.size) < SMALLEST or (cut_out and flatness(image) > FLAT):
        return None
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    ground.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return ground.convert("RGB")


def flatness(image):
    """Returns the share, in [0, 1], of pixels with exactly the color of their right neighbor; only opaque pairs count."""
    pixels = np.asarray(image).astype(np.int16)
    left, right = pixels[:, :-1], pixels[:, 1:]
    opaque = (left[..., 3] > 250) & (right[..., 3] > 250)
    return (opaque & (left[..., :3] == right[..., :3]).all(-1)).sum() / max(1, opaque.sum())


def same_building(name, other):
    """Returns whether two names refer to the same building, like "greatWall" and "greatWallofChina"."""
    return name.startswith(other) or other.startswith(name) or SequenceMatcher(None, name, other).ratio() > 0.8


def fingerprint(image):
    """Returns a 64-bit difference hash: one bit per cell of an 8 x 8 grid, set if it is darker than its right neighbor."""
    cells = list(image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes())
    return sum((cells[9 * row + i] < cells[9 * row + i + 1]) << (8 * row + i) for row in range(8) for i in range(8))


def main(folder):
    rows, seen, trained = [], [], []
    with TemporaryDirectory() as temporary:
        Path(temporary).chmod(0o777)  # apt-get downloads as a separate user.
        roots = {package: unpack(package, Path(temporary)) for package in sorted({line[2] for line in COLLECTIONS})}
        files = {package: list(pictures(root)) for package, root in roots.items()}
        for part, label, package, pattern in COLLECTIONS:
            entries = copyrights(roots[package])
            for path, content in files[package]:
                image = photograph(content) if fnmatch(path, pattern) and not LEFT_OUT.search(path) else None
                if image is None:
                    continue
                name = re.sub(r"[^a-z]", "", Path(path).stem.lower())
                bits = fingerprint(image)
                if any((bits ^ other).bit_count() <= ALIKE for other in seen):
                    continue
                if (part, label) == ("test", "buildings") and any(same_building(name, other) for other in trained):
                    continue
                seen.append(bits)
                trained += [name] if (part, label) == ("train", "buildings") else []
                target = folder / part / label / f"{Path(path).parent.name}-{Path(path).stem}.jpg"
                target.parent.mkdir(parents=True, exist_ok=True)
                image.save(target, quality=92)
                rows.append([target.relative_to(folder).as_posix(), package, path, *copyright_of(path, entries)])
    with (folder / "sources.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "package", "source", "licence", "author"])
        writer.writerows(rows)
    for part, label in sorted({line[:2] for line in COLLECTIONS}):
        print(f"{part}/{label}: {len(list((folder / part / label).iterdir()))} photographs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
