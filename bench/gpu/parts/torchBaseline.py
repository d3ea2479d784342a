"""Measures the networks of kit/networks.ts in PyTorch on the same card: training steps (plain SGD, dropout and batch norm in training
mode) and forward passes, with TF32 off and on, in NCHW and channels_last; square matrix products; a copy within the card.

    python3 torchBaseline.py --name torch --out FOLDER --seconds 90 [--small]

All times are in milliseconds:
    alone     one run at a time, its result read by the host; the host's clock
    chained   the host does not wait between runs; CUDA events around each (on the cpu: as alone)
    graph     replays of a CUDA graph, without work for the host; CUDA events around each
The data stays on the card, while isonet copies a batch to the card for every run.
"""

import argparse
import json
import os
import time
from pathlib import Path
from statistics import median

SPARE_SECONDS = 8

parser = argparse.ArgumentParser()
parser.add_argument("--name", required=True)
parser.add_argument("--out", required=True)
parser.add_argument("--seconds", type=float, required=True)
parser.add_argument("--small", action="store_true", help="a rehearsal on the cpu")
options = parser.parse_args()
began = time.perf_counter()
file = Path(options.out) / f"{options.name}.json"
results = {}


def save(outcome, line=""):
    """Rewrites the complete file after every result, as kit/part.ts does."""
    seconds = time.perf_counter() - began
    part = {"part": options.name, "device": None, "outcome": outcome, "seconds": seconds, "line": line, "results": results}
    temporary = file.with_name(f"{file.name}.new")
    temporary.write_text(json.dumps(part, indent=1) + "\n")
    os.replace(temporary, file)


def end(outcome, line):
    save(outcome, line)
    raise SystemExit(0 if outcome == "passed" else 1)


save("unfinished")
try:
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy
except ImportError as error:
    end("failed", f"PyTorch cannot be imported: {error}")

if not options.small and not torch.cuda.is_available():
    end("failed", f"PyTorch {torch.__version__} finds no card")
device = torch.device("cpu" if options.small else "cuda")
cuda = device.type == "cuda"
runs = 2 if options.small else 25
sizes = [64] if options.small else [1024, 2048, 4096]


def conv(inputs, outputs, kernel, stride=1, padding=0, norm=False, relu=True):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=not norm)]
    layers += [nn.BatchNorm2d(outputs)] if norm else []
    return layers + ([nn.ReLU()] if relu else [])


def nin():
    def block(inputs, outputs, kernel, stride, padding):
        return [*conv(inputs, outputs, kernel, stride, padding), *conv(outputs, outputs, 1), *conv(outputs, outputs, 1)]

    return nn.Sequential(
        *block(1, 24, 3, 1, 0), nn.MaxPool2d(2, 1),
        *block(24, 64, 3, 2, 2), nn.MaxPool2d(2, 1),
        *block(64, 96, 4, 2, 1), nn.MaxPool2d(3, 2),
        nn.Dropout(0.5), *block(96, 10, 3, 1, 1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


class Inception(nn.Module):
    def __init__(self, inputs, c1, c2, c3, c4, norm):
        super().__init__()
        self.paths = nn.ModuleList([
            nn.Sequential(*conv(inputs, c1, 1, norm=norm)),
            nn.Sequential(*conv(inputs, c2[0], 1, norm=norm), *conv(c2[0], c2[1], 3, padding=1, norm=norm)),
            nn.Sequential(*conv(inputs, c3[0], 1, norm=norm), *conv(c3[0], c3[1], 5, padding=2, norm=norm)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), *conv(inputs, c4, 1, norm=norm)),
        ])  # fmt: skip

    def forward(self, x):
        return torch.cat([path(x) for path in self.paths], 1)


def googlenet(norm=False):
    rows = [
        (192, 64, (96, 128), (16, 32), 32), (256, 128, (128, 192), (32, 96), 64), None,
        (480, 192, (96, 208), (16, 48), 64), (512, 160, (112, 224), (24, 64), 64), (512, 128, (128, 256), (24, 64), 64),
        (512, 112, (144, 288), (32, 64), 64), (528, 256, (160, 320), (32, 128), 128), None,
        (832, 256, (160, 320), (32, 128), 128), (832, 384, (192, 384), (48, 128), 128),
    ]  # fmt: skip
    return nn.Sequential(
        *conv(1, 64, 7, 2, 3, norm), nn.MaxPool2d(3, 2, 1),
        *conv(64, 64, 1, norm=norm, relu=False), *conv(64, 192, 3, padding=1, norm=norm, relu=False), nn.MaxPool2d(3, 2, 1),
        *[Inception(*row, norm) if row else nn.MaxPool2d(3, 2, 1) for row in rows],
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 10),
    )  # fmt: skip


# Name: model, number of images, image size, number of parameters.
NETWORKS = {
    "nin-32": (nin, 32, 28, 149_542),
    "nin-256": (nin, 256, 28, 149_542),
    "googlenet96-32": (googlenet, 32, 96, 5_977_530),
    "googlenet28-bn-256": (lambda: googlenet(True), 256, 28, None),
}
if options.small:
    NETWORKS = {"nin-2": (nin, 2, 28, 149_542)}


def tf32(on):
    torch.backends.cuda.matmul.allow_tf32 = on
    torch.backends.cudnn.allow_tf32 = on


def sync():
    if cuda:
        torch.cuda.synchronize()


def spread(times):
    return {"median": median(times), "least": min(times), "most": max(times), "count": len(times)}


def alone(work, read):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        read()
        times.append(1000 * (time.perf_counter() - start))
    return spread(times)


def chained(work):
    if not cuda:
        return alone(work, lambda: None)
    marks = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(runs)]
    for start, stop in marks:
        start.record()
        work()
        stop.record()
    sync()
    return spread([start.elapsed_time(stop) for start, stop in marks])


def graphed(work):
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    for _ in range(3):
        graph.replay()
    return chained(graph.replay)


def measure(work, read):
    for _ in range(1 if options.small else 6):
        work()
    read()
    times = {"alone": alone(work, read), "chained": chained(work)}
    if cuda:
        try:
            times["graph"] = graphed(work)
        except Exception as error:  # noqa: BLE001: the other times still count
            times["graphError"] = str(error).split("\n")[0]
            sync()
    return times


def network(make, images, size, parameters, layout):
    torch.manual_seed(0)
    model = make().to(device, memory_format=layout)
    count = sum(p.numel() for p in model.parameters())
    if parameters not in (None, count):
        end("failed", f"expected {parameters} parameters, got {count}")
    x = torch.rand(images, 1, size, size, device=device).contiguous(memory_format=layout)
    labels = torch.arange(images, device=device) % 10
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    out = {}

    def step():
        optimizer.zero_grad(set_to_none=True)
        out["loss"] = loss = cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()

    @torch.no_grad()
    def forward():
        out["logits"] = model(x)

    model.train()
    row = {"parameters": count, "step": measure(step, lambda: out["loss"].item())}
    model.eval()
    row["forward"] = measure(forward, lambda: out["logits"].cpu())
    return row


def product(n):
    x, y, z = (torch.rand(n, n, device=device) for _ in range(3))
    for _ in range(3):
        torch.matmul(x, y, out=z)
    times = chained(lambda: torch.matmul(x, y, out=z))
    return {**times, "gigaflops": 2 * n**3 / times["median"] / 1e6}


def copy_bandwidth():
    """Returns the bandwidth of a copy within the card, in GB/s, counting reads and writes."""
    x = torch.rand(2**20 if options.small else 2**28, device=device)
    y = torch.empty_like(x)
    y.copy_(x)
    return 2 * 4 * x.numel() / chained(lambda: y.copy_(x))["median"] / 1e6


def text(row):
    """Formats the medians of a row for the log."""
    parts = []
    for what in ["step", "forward"]:
        times = {how: t["median"] for how, t in row[what].items() if how != "graphError"}
        parts.append(f"{what} {', '.join(f'{how} {ms:.3g}' for how, ms in times.items())}")
    return f"{'; '.join(parts)} ms"


def late():
    return time.perf_counter() - began > options.seconds - SPARE_SECONDS


def main():
    torch.backends.cudnn.benchmark = True
    card = torch.cuda.get_device_name() if cuda else "cpu"
    results.update(card=card, version=torch.__version__, cuda=torch.version.cuda)
    if cuda:
        results["cudnn"] = torch.backends.cudnn.version()
    print(f"  PyTorch {torch.__version__} on {card}", flush=True)
    results["copyGigabytesPerSecond"] = copy_bandwidth()
    products = results["products"] = {}
    for n in sizes:
        products[n] = {}
        for on in [False, True]:
            tf32(on)
            products[n]["tf32" if on else "float32"] = product(n)
        rates = ", ".join(f"{kind} {row['gigaflops']:.3g}" for kind, row in products[n].items())
        print(f"  product {n}: {rates} GFLOP/s", flush=True)
        save("unfinished")

    networks = results["networks"] = {}
    missing = 0
    for name, given in NETWORKS.items():
        rows = networks[name] = []
        for on in [False, True]:
            for layout, short in [(torch.contiguous_format, "NCHW"), (torch.channels_last, "channels_last")]:
                if late():
                    missing += 1
                    continue
                tf32(on)
                row = {"tf32": on, "layout": short, **network(*given, layout)}
                rows.append(row)
                save("unfinished")
                print(f"  {name}, TF32 {'on' if on else 'off'}, {short}: {text(row)}", flush=True)

    best = {
        name: min(row["step"]["chained"]["median"] for row in rows if not row["tf32"])
        for name, rows in networks.items()
        if rows
    }
    line = f"steps, chained, TF32 off, ms: {', '.join(f'{name} {ms:.3g}' for name, ms in best.items())}"
    end("passed" if missing == 0 else "failed", line if missing == 0 else f"{line}; no time for {missing} rows")


main()
