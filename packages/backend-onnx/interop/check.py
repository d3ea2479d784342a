"""Checks exported models with ONNX's own tools, and runs them in Python's onnxruntime.

    python check.py FOLDER        (FOLDER is the output of export.ts)

Every model must pass onnx.checker's full check and strict shape inference, contain no unused nodes, and reproduce the
outputs of isonet's device within TOLERANCE. Exits with 1 if anything fails.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

# The absolute and relative tolerance: |a - b| <= TOLERANCE * max(1, |b|).
TOLERANCE = 1e-5
DTYPES = {"float32": "<f4", "int32": "<i4", "uint32": "<u4", "bool": "?"}

failures = 0


def report(passed, text):
    """Prints one line per check, and counts failures."""
    global failures
    failures += 0 if passed else 1
    print(f"  {'ok  ' if passed else 'FAIL'} {text}", flush=True)


def load(folder, entries):
    return {
        name: np.fromfile(folder / entry["file"], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in entries.items()
    }


def dims(value):
    return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]


def check_file(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    opset = model.opset_import[0].version
    report(
        model.ir_version == 8 and opset == 17 and len(model.opset_import) == 1,
        f"checker, full check: IR {model.ir_version}, opset {opset}, {len(model.graph.node)} nodes, {path.stat().st_size} bytes",
    )
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    known = {value.name for value in [*inferred.graph.value_info, *inferred.graph.output]}
    missing = [name for node in model.graph.node for name in node.output if name and name not in known]
    report(not missing, f"strict shape inference: {len(known)} shapes, none missing {missing or ''}")
    return model


def check_leftovers(graph):
    operators = Counter(node.op_type for node in graph.node)
    print(f"       operators: {', '.join(f'{count} {name}' for name, count in sorted(operators.items()))}")
    used = {name for node in graph.node for name in node.input} | {value.name for value in graph.output}
    names = [node.name for node in graph.node]
    unused = [tensor.name for tensor in graph.initializer if tensor.name not in used]
    unused += [node.name for node in graph.node if not used.intersection(node.output)]
    report(not unused, f"no unused nodes or initializers {unused or ''}")
    report(all(names) and len(set(names)) == len(names), "every node has a unique name")
    report("Identity" not in operators, "no Identity nodes")


def check_inference(graph, expected):
    weights = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    wrong = [p["name"] for p in expected["parameters"] if weights.get(p["name"]) != p["shape"]]
    report(not wrong, f"{len(expected['parameters'])} weights are initializers under their names {wrong or ''}")
    (images,), (logits,) = graph.input, graph.output
    report(
        images.name == "images" and dims(images)[0] == "N" and logits.name == "logits" and dims(logits) == expected["logits"],
        f"{images.name} {dims(images)} -> {logits.name} {dims(logits)}",
    )


def check_run(session, folder, run):
    feeds = load(folder, run["inputs"])
    expected = load(folder, run["outputs"])
    names = [output.name for output in session.get_outputs()]
    report(sorted(names) == sorted(expected), f"outputs: {len(names)}")
    results = dict(zip(names, session.run(names, feeds)))
    worst, where = 0.0, ""
    for name, value in expected.items():
        got = results[name].astype(np.float64)
        if results[name].shape != value.shape or not np.all(np.isfinite(got)):
            report(False, f"{name}: {results[name].shape}, expected {value.shape}, all finite")
            continue
        difference = np.max(np.abs(got - value) / np.maximum(1, np.abs(value)))
        worst, where = max((worst, where), (difference, name))
    size = max(float(np.max(np.abs(value))) for value in expected.values())
    batch = next((f", batch {value.shape[0]}" for name, value in feeds.items() if name == "images"), "")
    report(
        worst <= TOLERANCE and size > 1e-3,
        f"same outputs as isonet's device{batch}: largest difference {worst:.1e} {f'({where}) ' if where else ''}of values up to {size:.3g}",
    )


def main(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, isonet on {manifest['device']}")
    for expected in manifest["models"]:
        path = folder / expected["file"]
        print(expected["file"])
        model = check_file(path)
        check_leftovers(model.graph)
        if "parameters" in expected:
            check_inference(model.graph, expected)
            metadata = {entry.key: entry.value for entry in model.metadata_props}
            report(json.loads(metadata["classes"]) == expected["classNames"], "metadata: class names")
            report(model.producer_name == "isonet", f"written by {model.producer_name} {model.producer_version}")
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        for run in expected["runs"]:
            check_run(session, folder, run)
    print("all passed" if failures == 0 else f"{failures} failed")
    return 0 if failures == 0 else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
