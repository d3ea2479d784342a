# Writes test/fixtures/onnxCases: cases of ONNX's own backend tests at the newest opset, from the generators in the Python
# package onnx, and a few of our own for operators that ONNX tests only at large sizes, before opset 7, or not at all.
#   python3 -m venv /tmp/onnx && /tmp/onnx/bin/pip install onnx==1.23.2
#   /tmp/onnx/bin/python packages/conformance/scripts/onnxCases.py
from pathlib import Path
from shutil import rmtree

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.reference import ReferenceEvaluator

FOLDER = Path(__file__).parent.parent / "test" / "fixtures" / "onnxCases"

NODE = """
averagepool_2d_ceil basic_conv_with_padding batchnorm_example constant_pad convtranspose gelu_default_1 gelu_tanh_1
gemm_all_attributes globalaveragepool_precomputed globalmaxpool_precomputed group_normalization_example if
instancenorm_example l1normalization_axis_1 layer_normalization_2d_axis1 reduce_mean_keepdims_example
resize_upsample_scales_linear rms_normalization_2d_axis1 selu_example softplus_example softsign_example
split_equal_parts_1d_opset18 swish
""".split()

X = (np.arange(32, dtype=np.float32).reshape(1, 2, 4, 4) * 7 % 13 - 6) / 4
OWN = {
    "not": ("Not", {}, X > 0),
    "mish": ("Mish", {}, X),
    "lppool": ("LpPool", {"kernel_shape": [2, 2], "strides": [2, 2], "p": 2}, X),
    # ONNX's reference implementation lacks it.
    "globallppool": ("GlobalLpPool", {"p": 2}, X, np.sqrt((X**2).sum(axis=(2, 3), keepdims=True))),
}


def write(key, model, data_sets):
    folder = FOLDER / key
    for number, (inputs, outputs) in enumerate(data_sets):
        data = folder / f"test_data_set_{number}"
        data.mkdir(parents=True)
        for kind, values, infos in (("input", inputs, model.graph.input), ("output", outputs, model.graph.output)):
            for i, (value, info) in enumerate(zip(values, infos)):
                tensor = numpy_helper.from_array(np.asarray(value), info.name)
                (data / f"{kind}_{i}.pb").write_bytes(tensor.SerializeToString())
    (folder / "model.onnx").write_bytes(model.SerializeToString())


rmtree(FOLDER, ignore_errors=True)
cases = {case.name: case for case in collect_testcases(None)}
for name in NODE:
    case = cases[f"test_{name}"]
    write(f"node/test_{name}", case.model, case.data_sets)


def model_of(name, nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializer=list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)


def info(name, array):
    element = TensorProto.BOOL if array.dtype == bool else TensorProto.FLOAT
    return helper.make_tensor_value_info(name, element, array.shape)


for name, (operator, attributes, x, *expected) in OWN.items():
    y = helper.make_tensor_value_info("y", TensorProto.BOOL if x.dtype == bool else TensorProto.FLOAT, None)
    model = model_of(name, [helper.make_node(operator, ["x"], ["y"], **attributes)], [info("x", x)], [y])
    outputs = expected or ReferenceEvaluator(model).run(None, {"x": x})
    write(f"own/{name}", model, [([x], outputs)])

# The gradient of a max pooling, as exported training steps contain it: 9 is the maximum of windows 0, 1, 3 and 4;
# 5 of windows 2 and 6; 8 of windows 5, 7 and 8.
x = np.array([9, 0, 0, 0, 5, 0, 0, 0, 8], dtype=np.float32).reshape(1, 1, 3, 3)
dy = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
model = model_of(
    "maxpool_gradient",
    [
        helper.make_node("MaxPool", ["x"], ["y", "places"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Reshape", ["places", "flat"], ["indices"]),
        helper.make_node("Reshape", ["dy", "flat"], ["updates"]),
        helper.make_node("ScatterElements", ["zeros", "indices", "updates"], ["sums"], axis=0, reduction="add"),
    ],
    [info("x", x), info("dy", dy)],
    [helper.make_tensor_value_info("sums", TensorProto.FLOAT, [9])],
    [numpy_helper.from_array(np.array([-1]), "flat"), numpy_helper.from_array(np.zeros(9, np.float32), "zeros")],
)
write("own/maxpool_gradient", model, [([x, dy], [np.array([8, 0, 0, 0, 8, 0, 0, 0, 20], np.float32)])])
(FOLDER / "README.md").write_text(
    """# ONNX's backend tests

`node/` holds cases of ONNX's own backend tests, made by onnx 1.23.2 (https://github.com/onnx/onnx, Copyright (c) ONNX Project
Contributors), licensed under the [Apache License 2.0](https://www.apache.org/licenses/LICENSE-2.0). `own/` holds models of ours;
their expected outputs are those of ONNX's reference implementation, of NumPy, or counted by hand. `packages/conformance/scripts/onnxCases.py` writes both.
"""
)
