"""Thins ONNX Runtime's CUDA provider: python3 thin.py LIBRARY TARGET

The library contains each kernel for six architectures, and most of its kernels are for language models. In each container of its
.nv_fatbin section, only the ELF for sm_90 (H100, H200) is kept, and only if it contains kernels of standard operators. Otherwise it
is replaced by the smallest ELF of the library, which contains hardly any kernels. The rest is filled with zeros, which compress to
almost nothing. Every container stays valid; calling a removed kernel is a CUDA error.

A container consists of a header (magic, version, header size, size) and entries (kind, ..., header size, size, ..., architecture),
each followed by its payload, a zstd frame that contains an ELF.
"""

import struct
import subprocess
import sys
from pathlib import Path

ARCH = 90
ELF = 2  # the kind of an entry; 1 is PTX, which the driver would have to compile
WANTED = b"N11onnxruntime4cuda"  # onnxruntime::cuda, mangled; onnxruntime::contrib::cuda and the like are left out
SMALL = 16384  # bytes of an ELF that contains hardly any kernels
ZSTD = bytes.fromhex("28b52ffd")
MAGIC = 0xBA55ED50
HEADER = struct.Struct("<IHHQ")
ENTRY = struct.Struct("<HHIQ")
ARCH_OFFSET = 28


class ThinError(Exception):
    """The library's layout is not the expected one. The message is one line."""


def unpacked(form, data, at, end):
    """Reads the values at an offset. Raises ThinError if they extend beyond `end`."""
    if at < 0 or at + form.size > end:
        raise ThinError(f"the library ends at {end}, within a header at {at}")
    return form.unpack_from(data, at)


def section(elf, wanted):
    """Returns the offset and size of a section of a 64-bit ELF."""
    if elf[:5] != b"\x7fELF\x02":
        raise ThinError("it is not a 64-bit ELF")
    (table,) = unpacked(struct.Struct("<Q"), elf, 0x28, len(elf))
    size, count, names = unpacked(struct.Struct("<HHH"), elf, 0x3A, len(elf))
    header = struct.Struct("<IIQQQQ")
    headers = [unpacked(header, elf, table + i * size, len(elf)) for i in range(count)]
    if names >= count:
        raise ThinError("it has no section names")
    text = headers[names][4]
    for name, _, _, _, offset, length in headers:
        if elf.startswith(wanted + b"\0", text + name):
            if offset + length > len(elf):
                raise ThinError(f"{wanted.decode()} extends beyond the library's end")
            return offset, length
    raise ThinError(f"there is no section {wanted.decode()}")


def containers(elf, start, length):
    """Yields, per container, the offset and total size of its entries, and the header size and bytes of its entry for ARCH, or None."""
    at, end = start, start + length
    while at < end:
        magic, _, header, size = unpacked(HEADER, elf, at, end)
        if magic != MAGIC or header < HEADER.size:
            raise ThinError(f"there is no container at {at}")
        first = at = at + header
        if first + size > end:
            raise ThinError(f"the container at {first} extends beyond its section")
        ours = None
        while at < first + size:
            kind, _, header, payload = unpacked(ENTRY, elf, at, first + size)
            if header < ARCH_OFFSET + 4 or at + header + payload > first + size:
                raise ThinError(f"the entry at {at} extends beyond its container")
            (arch,) = struct.unpack_from("<I", elf, at + ARCH_OFFSET)
            if kind == ELF and arch == ARCH:
                ours = header, bytes(elf[at : at + header + payload])
            at += header + payload
        yield first, size, ours


def is_wanted(payload):
    if payload[:4] == ZSTD:
        # Padding follows the frame; zstd complains about it after it has written the frame.
        payload = subprocess.run(["zstd", "-dcq"], input=payload, capture_output=True, check=False).stdout
    return len(payload) <= SMALL or WANTED in payload


def thinned(library):
    """Returns the library's bytes with fewer kernels, the number of containers that keep theirs, and the number of all containers."""
    elf = bytearray(library)
    found = list(containers(elf, *section(elf, b".nv_fatbin")))
    entries = [ours[1] for _, _, ours in found if ours]
    if not entries:
        raise ThinError(f"it has no kernels for sm_{ARCH}")
    least = min(entries, key=len)
    kept = 0
    for first, size, ours in found:
        wanted = ours is not None and is_wanted(ours[1][ours[0] :])
        entry = ours[1] if wanted else least
        if len(entry) > size:
            raise ThinError(f"a container of {size} bytes at {first} is too small for the smallest kernel")
        kept += wanted
        struct.pack_into("<Q", elf, first - 8, len(entry))
        elf[first : first + size] = entry.ljust(size, b"\0")
    return elf, kept, len(found)


def main(library, target):
    try:
        elf, kept, count = thinned(Path(library).read_bytes())
    except ThinError as error:
        raise SystemExit(f"thin.py: {library}: {error}; pack with --full-cuda") from None
    Path(target).write_bytes(elf)
    print(f"thinned: kept the kernels of {kept} of {count} containers")


if __name__ == "__main__":
    main(*sys.argv[1:])
