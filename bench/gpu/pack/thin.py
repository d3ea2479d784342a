"""Thins ONNX Runtime's CUDA provider: python3 thin.py LIBRARY TARGET

The library holds each kernel for six architectures, and most of its kernels serve language models. Of each container in its
.nv_fatbin section only the ELF for sm_90 (H100, H200) is left, and that only if it has kernels of standard operators; otherwise the
smallest ELF of the library, which has hardly any kernel, takes its place. The rest is zeros, which compress to nothing. Every
container stays valid: a kernel that is missing is an error of CUDA's when it is called.

A container is a header (magic, version, header size, size) and entries (kind, ..., header size, size, ..., architecture), each
followed by its payload, a zstd frame with an ELF in it.
"""

import struct
import subprocess
import sys
from pathlib import Path

ARCH = 90
ELF = 2  # the kind of an entry; 1 is PTX, which the driver would have to compile
WANTED = b"N11onnxruntime4cuda"  # onnxruntime::cuda, mangled; onnxruntime::contrib::cuda and the like are left out
SMALL = 16384  # bytes of an ELF that has hardly any kernel
ZSTD = bytes.fromhex("28b52ffd")
MAGIC = 0xBA55ED50
HEADER = struct.Struct("<IHHQ")
ENTRY = struct.Struct("<HHIQ")
ARCH_OFFSET = 28


class ThinError(Exception):
    """The library's layout is not the expected one. The message is one line."""


def unpacked(form, data, at, end):
    """The numbers at an offset. Raises ThinError when they do not lie before `end`."""
    if at < 0 or at + form.size > end:
        raise ThinError(f"the library ends at {end}, within a header at {at}")
    return form.unpack_from(data, at)


def section(elf, wanted):
    """Offset and size of a section of a 64-bit ELF."""
    if elf[:5] != b"\x7fELF\x02":
        raise ThinError("it is not a 64-bit ELF")
    (table,) = unpacked(struct.Struct("<Q"), elf, 0x28, len(elf))
    size, count, names = unpacked(struct.Struct("<HHH"), elf, 0x3A, len(elf))
    header = struct.Struct("<IIQQQQ")
    headers = [unpacked(header, elf, table + i * size, len(elf)) for i in range(count)]
    if names >= count:
        raise ThinError("it has no names of sections")
    text = headers[names][4]
    for name, _, _, _, offset, length in headers:
        if elf.startswith(wanted + b"\0", text + name):
            if offset + length > len(elf):
                raise ThinError(f"{wanted.decode()} goes on after the library's end")
            return offset, length
    raise ThinError(f"there is no section {wanted.decode()}")


def containers(elf, start, length):
    """Offset of the entries, their size in all, and the entry for ARCH, if there is one: header size and bytes."""
    at, end = start, start + length
    while at < end:
        magic, _, header, size = unpacked(HEADER, elf, at, end)
        if magic != MAGIC or header < HEADER.size:
            raise ThinError(f"there is no container at {at}")
        first = at = at + header
        if first + size > end:
            raise ThinError(f"the container at {first} goes on after its section")
        ours = None
        while at < first + size:
            kind, _, header, payload = unpacked(ENTRY, elf, at, first + size)
            if header < ARCH_OFFSET + 4 or at + header + payload > first + size:
                raise ThinError(f"the entry at {at} goes on after its container")
            (arch,) = struct.unpack_from("<I", elf, at + ARCH_OFFSET)
            if kind == ELF and arch == ARCH:
                ours = header, bytes(elf[at : at + header + payload])
            at += header + payload
        yield first, size, ours


def is_wanted(payload):
    if payload[:4] == ZSTD:
        # What follows the frame is padding, of which zstd complains after it has written the frame.
        payload = subprocess.run(["zstd", "-dcq"], input=payload, capture_output=True, check=False).stdout
    return len(payload) <= SMALL or WANTED in payload


def thinned(library):
    """The library's bytes with fewer kernels, how many containers keep theirs, and how many there are."""
    elf = bytearray(library)
    found = list(containers(elf, *section(elf, b".nv_fatbin")))
    entries = [ours[1] for _, _, ours in found if ours]
    if not entries:
        raise ThinError(f"it has no kernel for sm_{ARCH}")
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
    print(f"thinned: the kernels of {kept} of {count} containers are left")


if __name__ == "__main__":
    main(*sys.argv[1:])
