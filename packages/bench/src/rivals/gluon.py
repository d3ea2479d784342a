"""The rival MXNet: a hybridized Gluon network and a Trainer, as in the book, NCHW."""

import os

import protocol
from protocol import (
    Candidate,
    Refusal,
    last_uses,
    no_tf32,
    padding,
    processors,
    refuse,
    split_inputs,
    threads_text,
)

LOWEST = -3.4e38


def make(request):
    """Sets the variables that MXNet reads on import, imports it, and returns a function that builds the candidate."""
    threads = threads_of(request["threads"])
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if not request["tf32"]:
        os.environ["NVIDIA_TF32_OVERRIDE"] = "0"
    import mxnet

    return lambda *files: Mxnet(mxnet, request, threads, *files)


def threads_of(asked):
    """Returns the number of threads for MXNet, which does not report its default."""
    if asked is not None:
        return asked
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdecimal() and int(given) > 0 else processors()


class Mxnet(Candidate):
    def __init__(self, mxnet, request, threads, network, weights, images, labels):
        super().__init__()
        self.mxnet = mxnet
        self.request = request
        self.device = device_of(mxnet, request["device"])
        if request["tf32"] and self.device.device_type == "cpu":
            raise no_tf32("mxnet")
        self.network = network
        self.weights = weights
        self.images = mxnet.nd.array(images)
        self.labels = mxnet.nd.array(labels)
        self.model = self.build()
        where = threads_text(threads) if self.device.device_type == "cpu" else str(self.device)
        self.text = "MXNet %s, hybridized, NCHW, %s" % (mxnet.__version__, where)
        self.run = self.forward
        if request["work"] == "step":
            self.loss = mxnet.gluon.loss.SoftmaxCrossEntropyLoss()
            self.trainer = self.sgd(**request["optimizer"])
            self.run = self.step

    def build(self):
        """Builds the network with the weights of the file, on the device."""
        model = block_of(self.mxnet, self.network, self.weights, self.device)
        # The fastest settings for constant shapes: memory is planned only once.
        model.hybridize(static_alloc=True, static_shape=True)
        return model

    def sgd(self, lr, momentum, nesterov, weightDecay):
        settings = {"learning_rate": lr, "momentum": momentum, "wd": weightDecay}
        return self.mxnet.gluon.Trainer(self.model.collect_params(), "nag" if nesterov else "sgd", settings)

    def step(self):
        images, labels = (data.as_in_context(self.device) for data in (self.images, self.labels))
        with self.mxnet.autograd.record():
            losses = self.loss(self.model(images), labels)
        losses.backward()
        self.trainer.step(len(images))
        loss = float(losses.mean().asscalar())
        self.mxnet.nd.waitall()  # The loss is ready before the weights are.
        return loss

    def forward(self, model=None):
        return (model or self.model)(self.images.as_in_context(self.device)).asnumpy()

    def logits(self):
        # After steps, use a separate network, because they have changed the weights and statistics of the first one.
        return self.forward(self.build() if self.request["work"] == "step" else self.model)

    def product(self, size):
        a, b = (self.mxnet.nd.random.uniform(shape=(size, size), ctx=self.device) for _ in range(2))
        return lambda: self.mxnet.nd.dot(a, b)[0, 0].asscalar()


def device_of(mxnet, name):
    if name in (None, "cpu"):
        return mxnet.cpu()
    if name in ("gpu", "cuda"):
        return mxnet.gpu()
    raise Refusal('mxnet: device: expected cpu or gpu, got "%s"' % name)


def block_of(mxnet, network, weights, device):
    """Returns a HybridBlock that runs the nodes in order."""
    nn = mxnet.gluon.nn
    names = {entry["value"]: entry["name"] for entry in network["state"]}
    decays = {entry["value"]: entry["decays"] for entry in network["state"]}

    class Network(nn.HybridBlock):
        def __init__(self):
            super().__init__()
            self.plan = []
            for node, last in zip(network["nodes"], last_uses(network)):
                operands, owned = split_inputs("mxnet", node, names)
                state = [weights[names[value]] for value in owned]
                run, parameters = layer(nn, node, state)
                if isinstance(run, nn.HybridBlock):
                    self.register_child(run)
                    run.initialize(ctx=device)
                for parameter, value, data in zip(parameters, owned, state):
                    parameter.set_data(mxnet.nd.array(data))
                    parameter.wd_mult = 1.0 if decays[value] else 0.0
                self.plan.append((run, operands, node["output"], [value for value in last if value not in names]))

        def hybrid_forward(self, F, images):
            values = {network["input"]: images}
            for run, operands, output, last in self.plan:
                arguments = [values[value] for value in operands]
                result = run(*arguments) if isinstance(run, nn.HybridBlock) else run(F, *arguments)
                for value in last:
                    del values[value]
                values[output] = result
            return values[network["output"]]

    return Network()


def layer(nn, node, state):
    """Returns a node as a block, or as a function of F and its operands; and the parameters of the block in the order of the state."""
    op, attrs = node["op"], node["attrs"]
    if op == "conv2d":
        return convolution(nn, attrs, *state)
    if op == "batchNorm":
        norm = nn.BatchNorm(momentum=attrs["momentum"], epsilon=attrs["epsilon"], in_channels=len(state[0]))
        return norm, [norm.gamma, norm.beta, norm.running_mean, norm.running_var]
    if op == "dense":
        outputs, inputs = state[0].shape
        dense = nn.Dense(outputs, in_units=inputs)
        return dense, [dense.weight, dense.bias]
    if op in ("maxPool2d", "avgPool2d"):
        return pool(nn, node), []
    if op == "lrn" and attrs["size"] % 2 == 1:
        settings = {"nsize": attrs["size"], "alpha": attrs["alpha"], "beta": attrs["beta"], "knorm": attrs["bias"]}
        return lambda F, x: F.LRN(x, **settings), []
    others = {
        "dropout": lambda: nn.Dropout(attrs["rate"]),
        "relu": lambda: nn.Activation("relu"),
        "leakyRelu": lambda: nn.LeakyReLU(attrs["alpha"]),
        "silu": nn.Swish,
        "sigmoid": lambda: nn.Activation("sigmoid"),
        "tanh": lambda: nn.Activation("tanh"),
        "globalAvgPool2d": nn.GlobalAvgPool2D,
        "concat": lambda: lambda F, *values: F.concat(*values, dim=attrs["axis"]),
        "reshape": lambda: lambda F, x: F.reshape(x, shape=tuple(attrs["shape"])),
        "add": lambda: lambda F, a, b: a + b,
        "mul": lambda: lambda F, a, b: a * b,
    }
    if op == "gelu" and not attrs["approximate"]:
        return nn.GELU(), []
    if op not in others:
        raise refuse("mxnet", node)
    return others[op](), []


def convolution(nn, attrs, weight, *bias):
    kind, pads = padding(attrs, "convolution")
    module = nn.Conv2D(
        weight.shape[0],
        weight.shape[2:],
        strides=tuple(attrs["strides"]),
        padding=pads if kind == "both" else 0,
        dilation=tuple(attrs["dilations"]),
        groups=attrs["groups"],
        in_channels=weight.shape[1] * attrs["groups"],
        use_bias=len(bias) == 1,
    )
    parameters = [module.weight, module.bias][: 1 + len(bias)]
    return module if kind == "both" else bordered(nn, pads, 0, module), parameters


def pool(nn, node):
    attrs = node["attrs"]
    kind, pads = padding(attrs, "pool")
    window = {"pool_size": tuple(attrs["kernel"]), "strides": tuple(attrs["strides"])}
    if node["op"] == "maxPool2d":
        if kind == "each":
            return bordered(nn, pads, LOWEST, nn.MaxPool2D(**window))
        return nn.MaxPool2D(**window, padding=pads, ceil_mode=kind == "up")
    counted = attrs["countPadding"]
    if counted and kind != "both":
        return bordered(nn, attrs["pads"], 0, nn.AvgPool2D(**window))
    if kind == "each":
        raise refuse("mxnet", node)
    return nn.AvgPool2D(**window, padding=pads, ceil_mode=kind == "up", count_include_pad=counted)


def bordered(nn, pads, value, block):
    """Returns the block, preceded by a border of the value around its input."""
    top, left, bottom, right = pads
    width = (0, 0, 0, 0, top, bottom, left, right)
    chain = nn.HybridSequential()
    chain.add(nn.HybridLambda(lambda F, x: F.pad(x, mode="constant", pad_width=width, constant_value=value)), block)
    return chain


if __name__ == "__main__":
    protocol.serve(make)
