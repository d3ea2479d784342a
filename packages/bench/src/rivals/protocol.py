"""What the Python rivals share: JSON lines on stdin and stdout, files read within bounds, and the clock.

A rival calls serve() with a function that makes a Candidate of an open request. ../protocol.ts says what the requests are.
"""

import json
import math
import os
import sys
import time

import numpy

# Far above what the bench writes: whatever is longer is not from it.
MAX_LINE = 2**16
MAX_JSON = 2**26
MAX_HEADER = 2**24
MAX_TENSORS = 2**15
MAX_RANK = 8
MAX_COUNT = 10**6
MAX_SIZE = 2**15
DTYPES = {"F32": numpy.float32, "F64": numpy.float64, "I32": numpy.int32, "U32": numpy.uint32}


class Refusal(Exception):
    """What a rival cannot do, in one line."""


class Candidate:
    """A network that is built and holds the weights. Each rival has one of its own."""

    text = ""

    def __init__(self):
        self.products = {}

    def run(self):
        """One forward pass or training step, its result read by the host: the logits, or the loss as a float."""
        raise NotImplementedError

    def logits(self):
        """The logits [N, K] of the batch in inference mode by the loaded weights, whatever steps have changed since."""
        raise NotImplementedError

    def product(self, size):
        """A function that multiplies two float32 matrices [size, size] and waits for the product."""
        raise NotImplementedError

    def device_bytes(self):
        """The most memory of the device that was in use; None where the library does not tell."""
        return None


def serve(make):
    """Answers requests until the one to close. make(request, network, weights, images, labels) gives a Candidate."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Libraries that print would break the protocol.
    candidate = None
    while True:
        line = sys.stdin.buffer.readline(MAX_LINE)
        if line == b"":
            break
        try:
            request = read_request(line)
            if request["do"] == "open":
                candidate, answer = opened(make, request)
            elif candidate is None and request["do"] != "close":
                raise Refusal('expected "open" first, got "%s"' % request["do"])
            else:
                answer = answered(candidate, request)
            text = json.dumps(answer, allow_nan=False)
        except Exception as error:
            text = json.dumps({"error": one_line(error)})
            request = {"do": "?"}
        answers.write(text + "\n")
        answers.flush()
        if request["do"] == "close":
            break
    sys.stderr.flush()
    os._exit(0)  # A library's threads may hold the process open.


def read_request(line):
    if not line.endswith(b"\n"):
        raise Refusal("expected a request of one line of at most %d bytes" % MAX_LINE)
    request = json.loads(line)
    if not isinstance(request, dict) or request.get("do") not in ("open", "check", "run", "product", "close"):
        raise Refusal(
            "expected a request to open, check, run, product or close, got %s" % line[:80].decode("ascii", "replace")
        )
    return request


def opened(make, request):
    """The candidate and the answer to its open request."""
    network = read_json(request["network"])
    weights = read_safetensors(request["weights"])
    data = read_safetensors(request["data"])
    images, labels = data["images"], data["labels"]
    if images.ndim != 4 or images.shape[0] != request["batch"] or labels.shape != images.shape[:1]:
        raise Refusal(
            "expected a batch of %d images and labels, got %s and %s" % (request["batch"], images.shape, labels.shape)
        )
    for entry in network["state"]:
        if entry["name"] not in weights or list(weights[entry["name"]].shape) != entry["shape"]:
            raise Refusal('the weights have no "%s" %s' % (entry["name"], entry["shape"]))
    # The library is imported before the clock starts.
    build = make(request)
    start = time.perf_counter()
    candidate = build(network, weights, images, labels)
    result = candidate.run()
    answer = {"text": candidate.text, "firstMilliseconds": (time.perf_counter() - start) * 1000}
    if request["work"] == "step":
        answer["loss"] = finite_loss(result)
    return candidate, answer


def answered(candidate, request):
    """The answer to any later request."""
    if request["do"] == "check":
        logits = candidate.logits()
        if not numpy.isfinite(logits).all():
            raise Refusal("the logits are not finite")
        return {"logits": logits.reshape(-1).tolist()}
    if request["do"] == "run":
        times, result = timed(candidate.run, whole(request, "count", MAX_COUNT))
        return {"milliseconds": times, **({"loss": finite_loss(result)} if isinstance(result, float) else {})}
    if request["do"] == "product":
        size = whole(request, "size", MAX_SIZE)
        if size not in candidate.products:
            candidate.products[size] = candidate.product(size)
            candidate.products[size]()  # The first one allocates and chooses kernels.
        return {"milliseconds": timed(candidate.products[size], whole(request, "count", MAX_COUNT))[0]}
    used = candidate.device_bytes() if candidate else None
    return {} if used is None else {"deviceBytes": used}


def finite_loss(loss):
    """The loss; JSON has no NaN and no infinity."""
    if not math.isfinite(loss):
        raise Refusal("the loss is not finite")
    return loss


def no_tf32(name):
    """The error for TF32 on a device that has none."""
    return Refusal("%s: has no TF32 on the processor; leave out --tf32, or choose a GPU" % name)


def threads_text(count):
    return "1 thread" if count == 1 else "%d threads" % count


def processors():
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def timed(work, count):
    """Milliseconds of each of so many calls, and what the last one gave."""
    times = []
    result = None
    for _ in range(count):
        start = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - start) * 1000)
    return times, result


def whole(request, key, most):
    value = request.get(key)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise Refusal("%s: expected a whole number from 1 to %d, got %r" % (key, most, value))
    return value


def read_json(path):
    if os.path.getsize(path) > MAX_JSON:
        raise Refusal("%s: expected at most %d bytes" % (path, MAX_JSON))
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_safetensors(path):
    """The tensors of a safetensors file by name, as arrays of their own."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > MAX_HEADER or 8 + length > size:
            raise Refusal("%s: not a whole safetensors file" % path)
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        if len(header) > MAX_TENSORS:
            raise Refusal("%s: expected at most %d tensors" % (path, MAX_TENSORS))
        return {name: read_tensor(file, 8 + length, size, name, entry) for name, entry in header.items()}


def read_tensor(file, start, size, name, entry):
    dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    good = dtype in DTYPES and len(shape) <= MAX_RANK and all(isinstance(dim, int) and dim >= 0 for dim in shape)
    values = 1
    for dim in shape:
        values *= dim
    if not good or not 0 <= begin <= end <= size - start or values * numpy.dtype(DTYPES[dtype]).itemsize != end - begin:
        raise Refusal("tensor %r: dtype, shape and offsets do not fit the file" % name)
    file.seek(start + begin)
    return numpy.fromfile(file, DTYPES[dtype], values).reshape(shape)


def one_line(error):
    """An error for people: the first line of what it says; its kind too, unless it was written here."""
    text = str(error).strip().split("\n")[0] or "no message"
    return text if isinstance(error, Refusal) else "%s: %s" % (type(error).__name__, text)


def refuse(library, node):
    """The error for a node that the library, or this rival, has no function for."""
    return Refusal('%s: no function for %s "%s"' % (library, node["op"], node["layer"]))


# How many inputs at the end of a node's list have to be parameters or buffers; of others none may be.
STATE = {"conv2d": (1, 2), "batchNorm": (4,), "dense": (2,), "prelu": (1,), "groupNorm": (2,)}


def split_inputs(library, node, names):
    """The node's inputs that are computed, and those that are state: the latter come last, and not where a layer has none."""
    operands = [value for value in node["inputs"] if value not in names]
    owned = node["inputs"][len(operands) :]
    if not operands or any(value not in names for value in owned) or len(owned) not in STATE.get(node["op"], (0,)):
        raise refuse(library, node)
    return operands, owned


def last_uses(network):
    """For each node, the values that no later node reads: they are let go, as the variables of a written network are."""
    seen = {network["output"]}
    result = []
    for node in reversed(network["nodes"]):
        last = sorted(set(node["inputs"]) - seen)
        seen.update(last)
        result.append(last)
    return list(reversed(result))


def padding(attrs, window):
    """
    How a library pads: ("both", (rows, columns)) on both sides alike; ("up", (rows, columns)) where the rest is what rounding
    up adds below and on the right; otherwise ("each", [top, left, bottom, right]).
    """
    top, left, bottom, right = attrs["pads"]
    if top == bottom and left == right:
        return "both", (top, left)
    rows, columns = attrs["strides"]
    if window == "pool" and (bottom, right) == (top + rows - 1, left + columns - 1):
        return "up", (top, left)
    return "each", attrs["pads"]
