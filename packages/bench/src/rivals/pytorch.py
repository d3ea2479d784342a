"""The rival PyTorch: modules as users of the library write them, channels_last, eager mode."""

import os

import protocol
from protocol import Candidate, Refusal, last_uses, no_tf32, padding, refuse, split_inputs, threads_text

LAYOUTS = {"channels_last": "channels_last", "nchw": "contiguous_format"}


def make(request):
    """Imports PyTorch and applies the process-wide settings. Returns a function that builds the candidate."""
    import torch

    if request["threads"] is not None:
        torch.set_num_threads(request["threads"])
    torch.set_float32_matmul_precision("high" if request["tf32"] else "highest")
    torch.backends.cudnn.allow_tf32 = request["tf32"]
    torch.backends.cudnn.benchmark = True
    layout = os.environ.get("ISONET_TORCH_LAYOUT", "channels_last")
    if layout not in LAYOUTS:
        raise Refusal("ISONET_TORCH_LAYOUT: expected %s, got %r" % (" or ".join(LAYOUTS), layout))
    return lambda *files: Torch(torch, request, layout, *files)


class Torch(Candidate):
    def __init__(self, torch, request, layout, network, weights, images, labels):
        super().__init__()
        self.torch = torch
        self.request = request
        self.layout = getattr(torch, LAYOUTS[layout])
        self.device = torch.device("cpu" if request["device"] is None else request["device"])
        if request["tf32"] and self.device.type == "cpu":
            raise no_tf32("torch")
        self.network = network
        self.weights = weights
        self.images = torch.from_numpy(images).contiguous(memory_format=self.layout)
        self.labels = torch.from_numpy(labels).long()
        self.model = self.build()
        on_card = self.device.type == "cuda"
        where = torch.cuda.get_device_name(self.device) if on_card else threads_text(torch.get_num_threads())
        tf32 = ["TF32 %s" % ("on" if request["tf32"] else "off")] if on_card else []
        self.text = ", ".join(["PyTorch %s" % torch.__version__, layout, where, *tf32])
        self.run = self.forward
        if request["work"] == "step":
            self.loss = torch.nn.CrossEntropyLoss()
            self.optimizer = self.sgd(**request["optimizer"])
            self.model.train()
            self.run = self.step

    def build(self):
        """Builds the network with the weights of the file, on the device, in inference mode."""
        model = module_of(self.torch, self.network, self.weights)
        return model.to(self.device, memory_format=self.layout).eval()

    def sgd(self, lr, momentum, nesterov, weightDecay):
        groups = [
            {"params": self.model.parameters_of(decays), "weight_decay": weightDecay if decays else 0}
            for decays in (True, False)
        ]
        groups = [group for group in groups if group["params"]]
        return self.torch.optim.SGD(groups, lr=lr, momentum=momentum, nesterov=nesterov)

    def step(self):
        images = self.images.to(self.device, non_blocking=True)
        labels = self.labels.to(self.device, non_blocking=True)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(images), labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def forward(self, model=None):
        with self.torch.inference_mode():
            return (model or self.model)(self.images.to(self.device, non_blocking=True)).cpu()

    def logits(self):
        # After steps, use a separate network, because they have changed the weights and statistics of the first one.
        return self.forward(self.build() if self.request["work"] == "step" else self.model).numpy()

    def product(self, size):
        a, b = (self.torch.rand(size, size, device=self.device) for _ in range(2))
        return lambda: self.torch.mm(a, b)[0, 0].item()

    def device_bytes(self):
        return self.torch.cuda.max_memory_allocated(self.device) if self.device.type == "cuda" else None


def module_of(torch, network, weights):
    """Returns an nn.Module that runs the nodes in order."""

    names = {entry["value"]: entry["name"] for entry in network["state"]}
    decays = {entry["value"]: entry["decays"] for entry in network["state"]}
    overwritable = overwritable_values(network)

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.steps = torch.nn.ModuleList()
            self.plan = []
            self.learned = []
            for node, last in zip(network["nodes"], last_uses(network)):
                operands, owned = split_inputs("torch", node, names)
                state = [torch.from_numpy(weights[names[value]].copy()) for value in owned]
                module = layer(torch, node, state, in_place=operands[0] in overwritable)
                if isinstance(module, torch.nn.Module):
                    self.steps.append(module)
                    self.learned += zip(module.parameters(), owned)
                self.plan.append((module, operands, node["output"], [value for value in last if value not in names]))

        def parameters_of(self, decaying):
            return [parameter for parameter, value in self.learned if decays[value] == decaying]

        def forward(self, images):
            values = {network["input"]: images}
            for module, operands, output, last in self.plan:
                result = module(*[values[value] for value in operands])
                for value in last:
                    del values[value]
                values[output] = result
            return values[network["output"]]

    return Network()


def overwritable_values(network):
    """Returns the values that a ReLU may overwrite: results of a layer with weights that only one node reads."""
    readers = [value for node in network["nodes"] for value in node["inputs"]] + [network["output"]]
    outputs = [node["output"] for node in network["nodes"] if node["op"] in ("conv2d", "batchNorm", "dense")]
    return [value for value in outputs if readers.count(value) == 1]


def layer(torch, node, state, in_place):
    """Returns a node as a module, or as a function if it has no state. state is in the order of its inputs."""
    nn, op, attrs = torch.nn, node["op"], node["attrs"]
    if op == "conv2d":
        return convolution(nn, attrs, *state)
    if op == "batchNorm":
        norm = with_weights(nn.BatchNorm2d(len(state[0]), eps=attrs["epsilon"], momentum=1 - attrs["momentum"]), state)
        norm.running_mean, norm.running_var = state[2:]
        return norm
    if op == "dense":
        return with_weights(nn.Linear(state[0].shape[1], state[0].shape[0]), state)
    if op == "prelu":
        return with_weights(nn.PReLU(len(state[0])), state)
    if op == "groupNorm":
        return with_weights(nn.GroupNorm(attrs["groups"], len(state[0]), eps=attrs["epsilon"]), state)
    if op in ("maxPool2d", "avgPool2d"):
        return pool(nn, node)
    if op == "lrn" and attrs["size"] % 2 == 1:
        return nn.LocalResponseNorm(attrs["size"], attrs["alpha"], attrs["beta"], attrs["bias"])
    others = {
        "dropout": lambda: nn.Dropout(attrs["rate"]),
        "relu": lambda: nn.ReLU(inplace=in_place),
        "leakyRelu": lambda: nn.LeakyReLU(attrs["alpha"]),
        "gelu": lambda: nn.GELU(approximate="tanh" if attrs["approximate"] else "none"),
        "silu": nn.SiLU,
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "globalAvgPool2d": lambda: nn.AdaptiveAvgPool2d(1),
        "concat": lambda: lambda *values: torch.cat(values, attrs["axis"]),
        "reshape": lambda: lambda x: x.reshape(attrs["shape"]),
        "add": lambda: torch.add,
        "mul": lambda: torch.mul,
    }
    if op not in others:
        raise refuse("torch", node)
    return others[op]()


def with_weights(module, state):
    """Sets the parameters of the module to the first tensors of the state, and returns it."""
    for parameter, value in zip(module.parameters(), state):
        parameter.data = value
    return module


def convolution(nn, attrs, weight, *bias):
    kind, pads = padding(attrs, "convolution")
    module = nn.Conv2d(
        weight.shape[1] * attrs["groups"],
        weight.shape[0],
        tuple(weight.shape[2:]),
        stride=tuple(attrs["strides"]),
        padding=pads if kind == "both" else 0,
        dilation=tuple(attrs["dilations"]),
        groups=attrs["groups"],
        bias=len(bias) == 1,
    )
    module = with_weights(module, [weight, *bias])
    return module if kind == "both" else nn.Sequential(border(nn, pads, 0), module)


def pool(nn, node):
    attrs = node["attrs"]
    kind, pads = padding(attrs, "pool")
    window = {"kernel_size": tuple(attrs["kernel"]), "stride": tuple(attrs["strides"])}
    if node["op"] == "maxPool2d":
        if kind == "each":
            return nn.Sequential(border(nn, pads, float("-inf")), nn.MaxPool2d(**window))
        return nn.MaxPool2d(**window, padding=pads, ceil_mode=kind == "up")
    counted = attrs["countPadding"]
    if counted and kind != "both":
        return nn.Sequential(border(nn, attrs["pads"], 0), nn.AvgPool2d(**window))
    if kind == "each":
        raise refuse("torch", node)
    return nn.AvgPool2d(**window, padding=pads, ceil_mode=kind == "up", count_include_pad=counted)


def border(nn, pads, value):
    top, left, bottom, right = pads
    return nn.ConstantPad2d((left, right, top, bottom), value)


if __name__ == "__main__":
    protocol.serve(make)
