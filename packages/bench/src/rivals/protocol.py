"""The shared part of the rivals in Python: JSON lines on stdin and stdout, bounded reading of files, and the clock.

A rival calls serve() with a function that builds a Candidate for a request to open. ../protocol.ts defines the requests.
"""

import json
import math
import os
import sys
import time

import numpy

# Limits far above anything that the bench sends.
MAX_LINE = 2**16
MAX_JSON = 2**26
MAX_HEADER = 2**24
MAX_TENSORS = 2**15
MAX_RANK = 8
MAX_COUNT = 10**6
MAX_SIZE = 2**15
DTYPES = {"F32": numpy.float32, "F64": numpy.float64, "I32": numpy.int32, "U32": numpy.uint32}


class Refusal(Exception):
    """The error for a request that a rival does not support, in one line."""


class Candidate:
    """A network with its weights loaded. Each rival has a subclass."""

    text = ""

    def __init__(self):
        self.products = {}

    def run(self):
        """Does one forward pass or training step. The host reads the result, which is returned: the logits, or the loss as a float."""
        raise NotImplementedError

    def logits(self):
        """Returns the logits [N, K] of the batch in inference mode, with the weights as loaded, even if steps have run since."""
        raise NotImplementedError

    def product(self, size):
        """Returns a function that multiplies two float32 matrices [size, size] and waits for the product."""
        raise NotImplementedError

    def device_bytes(self):
        """Returns the peak memory of the device; None if the library does not report it."""
        return None


def serve(make):
    """Answers requests until the request to close. make(request) returns a function that builds a Candidate from the files."""
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
    os._exit(0)  # The threads of a library may keep the process alive.


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
    """Returns the candidate and the answer to the request to open."""
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
    """Returns the answer to any later request."""
    if request["do"] == "check":
        logits = candidate.logits()
        if not numpy.isfinite(logits).all():
            raise Refusal("the logits are not finite")
        return {"logits": logits.reshape(-1).tolist()}
    if request["do"] == "run":
        times, result = timed(candidate.run, integer(request, "count", MAX_COUNT))
        return {"milliseconds": times, **({"loss": finite_loss(result)} if isinstance(result, float) else {})}
    if request["do"] == "product":
        size = integer(request, "size", MAX_SIZE)
        if size not in candidate.products:
            candidate.products[size] = candidate.product(size)
            candidate.products[size]()  # The first call allocates memory and chooses kernels.
        return {"milliseconds": timed(candidate.products[size], integer(request, "count", MAX_COUNT))[0]}
    used = candidate.device_bytes() if candidate else None
    return {} if used is None else {"deviceBytes": used}


def finite_loss(loss):
    """Returns the loss if it is finite: JSON has no NaN and no infinity."""
    if not math.isfinite(loss):
        raise Refusal("the loss is not finite")
    return loss


def no_tf32(name):
    """Returns the error for TF32 on a CPU."""
    return Refusal("%s: TF32 is not supported on the CPU; leave out --tf32, or choose a GPU" % name)


def threads_text(count):
    return "1 thread" if count == 1 else "%d threads" % count


def processors():
    """Returns the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def timed(work, count):
    """Calls work count times. Returns the milliseconds of each call, and the result of the last one."""
    times = []
    result = None
    for _ in range(count):
        start = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - start) * 1000)
    return times, result


def integer(request, key, most):
    value = request.get(key)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise Refusal("%s: expected an integer from 1 to %d, got %r" % (key, most, value))
    return value


def read_json(path):
    if os.path.getsize(path) > MAX_JSON:
        raise Refusal("%s: expected at most %d bytes" % (path, MAX_JSON))
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_safetensors(path):
    """Returns the tensors of a safetensors file by name."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > MAX_HEADER or 8 + length > size:
            raise Refusal("%s: not a complete safetensors file" % path)
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
    """Returns the first line of an error, with its type unless it is a Refusal."""
    text = str(error).strip().split("\n")[0] or "no message"
    return text if isinstance(error, Refusal) else "%s: %s" % (type(error).__name__, text)


def refuse(library, node):
    """Returns the error for a node that the library or this rival does not support."""
    return Refusal('%s: no function for %s "%s"' % (library, node["op"], node["layer"]))


# The number of inputs at the end of a node's list that must be parameters or buffers; no other input may be one.
STATE = {"conv2d": (1, 2), "batchNorm": (4,), "dense": (2,), "prelu": (1,), "groupNorm": (2,)}


def split_inputs(library, node, names):
    """Splits the inputs of a node into computed values and state. The state comes last, and must fit the op."""
    operands = [value for value in node["inputs"] if value not in names]
    owned = node["inputs"][len(operands) :]
    if not operands or any(value not in names for value in owned) or len(owned) not in STATE.get(node["op"], (0,)):
        raise refuse(library, node)
    return operands, owned


def last_uses(network):
    """Returns, for each node, the values that no later node reads, so that their memory can be released."""
    seen = {network["output"]}
    result = []
    for node in reversed(network["nodes"]):
        last = sorted(set(node["inputs"]) - seen)
        seen.update(last)
        result.append(last)
    return list(reversed(result))


def padding(attrs, window):
    """
    Returns the form of the padding for a library: ("both", (rows, columns)) if opposite sides are equal; ("up", (rows, columns)) if
    rounding up adds the rest at the bottom and on the right; otherwise ("each", [top, left, bottom, right]).
    """
    top, left, bottom, right = attrs["pads"]
    if top == bottom and left == right:
        return "both", (top, left)
    rows, columns = attrs["strides"]
    if window == "pool" and (bottom, right) == (top + rows - 1, left + columns - 1):
        return "up", (top, left)
    return "each", attrs["pads"]
