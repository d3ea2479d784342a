#!/usr/bin/env bash
# Runs on the machine with the card: bash run.sh [PART... | --without PART...]
# Unpacks the archives of this folder outside the checkout and starts the Node in them, which runs the parts. Environment variables:
#   OUT                     the folder for results and log (default: results/, next to this folder)
#   BUDGET                  total seconds (default 470)
#   PYTHON                  a Python with PyTorch (default python3)
#   ISONET_GPU_WORK         the folder to unpack into (default /tmp/isonet-gpu-UID)
#   ISONET_SOFTWARE_DRIVER  the manifest of a software driver: rehearse without a GPU, with tiny sizes
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export OUT=${OUT:-$(dirname "$here")/results}
export PYTHON=${PYTHON:-python3}
export ISONET_GPU_DEADLINE=$(($(date +%s) + ${BUDGET:-470}))

fail() {
  echo "run.sh: $1" >&2
  exit 1
}

# Another user of the machine could have created the folder and put programs into it.
work=${ISONET_GPU_WORK:-/tmp/isonet-gpu-$EUID}
if [ -z "${ISONET_GPU_WORK:-}" ] && [ -L "$work" ]; then fail "$work is a link: remove it, or set ISONET_GPU_WORK"; fi
mkdir -p -m 700 "$work" || fail "$work cannot be created: set ISONET_GPU_WORK to another folder"
[ -O "$work" ] || fail "$work belongs to another user: set ISONET_GPU_WORK to another folder"
work=$(cd "$work" && pwd)
export ISONET_GPU_WORK=$work
export ISONET_GPU_BASE=$work/base
export ISONET_ONNX_CUDA=$work/cuda

same() { # FILE FILE: both exist and are equal; not every machine has cmp
  [ -f "$1" ] && [ -f "$2" ] && [ "$(cat "$1")" = "$(cat "$2")" ]
}

has_xz() {
  command -v xz >/dev/null || "$PYTHON" -c 'import lzma' 2>/dev/null
}

unxz() { # FILE FOLDER: unpacks with xz, or with Python if xz is missing
  if command -v xz >/dev/null; then
    xz -dc "$1" | tar -xf - -C "$2"
  else
    "$PYTHON" -c '
import sys, tarfile
options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
with tarfile.open(sys.argv[1], "r:xz") as archive:
    archive.extractall(sys.argv[2], **options)
' "$1" "$2"
  fi
}

unpack() {
  if same "$here/SHA256SUMS" "$ISONET_GPU_BASE/SHA256SUMS"; then return; fi
  (cd "$here" && sha256sum --quiet -c SHA256SUMS) || fail 'the pack is damaged: copy it again'
  has_xz || fail "no xz, and $PYTHON has no lzma: install xz-utils, or set PYTHON to a Python with lzma"
  rm -rf "$ISONET_GPU_BASE" && mkdir -p "$ISONET_GPU_BASE"
  local archive
  for archive in "$here"/*.tar.xz; do
    unxz "$archive" "$ISONET_GPU_BASE" || fail "$archive cannot be unpacked"
  done
  cp "$here/SHA256SUMS" "$ISONET_GPU_BASE/"
}

# Assembles ONNX Runtime's CUDA provider from the chunks next to this folder and those that keep.sh stored. Without it, only the parts
# on onnx:cuda fail.
assemble() {
  local chunks=$work/chunks keep
  for keep in "$(dirname "$here")"/cuda-*/keep.sh; do
    [ ! -f "$keep" ] || bash "$keep" || echo "$keep failed"
  done
  if [ ! -f "$chunks/SHA256SUMS" ]; then
    no_provider "it has no chunks here"
  elif ! (cd "$chunks" && sha256sum --quiet -c SHA256SUMS); then
    no_provider 'a chunk is missing or damaged, see above: copy it again'
  elif ! same "$chunks/SHA256SUMS" "$ISONET_ONNX_CUDA/SHA256SUMS"; then
    unpack_provider "$chunks" || no_provider 'it cannot be unpacked, see above'
  fi
}

no_provider() { # REASON: removes the provider of an earlier pack, which would otherwise be measured unnoticed
  echo "no CUDA provider: $1"
  rm -rf "$ISONET_ONNX_CUDA" "$work/cuda.tar.xz"
}

unpack_provider() { # CHUNKS: called in a condition, in which set -e has no effect
  rm -rf "$ISONET_ONNX_CUDA" &&
    mkdir -p "$ISONET_ONNX_CUDA" &&
    cat "$1"/chunk-* >"$work/cuda.tar.xz" &&
    unxz "$work/cuda.tar.xz" "$ISONET_ONNX_CUDA" &&
    rm "$work/cuda.tar.xz" &&
    # ONNX Runtime looks for its providers in its own folder.
    cp "$ISONET_GPU_BASE"/node_modules/@isonet/onnxruntime-linux-x64/{onnxruntime_binding.node,libonnxruntime.so.1} "$ISONET_ONNX_CUDA/" &&
    cp "$1/SHA256SUMS" "$ISONET_ONNX_CUDA/"
}

main() {
  echo "$(date -u +%FT%TZ) $(uname -sr)"
  unpack
  echo "unpacked to $ISONET_GPU_BASE, $SECONDS s"
  assemble
  "$ISONET_GPU_BASE/node" --version >/dev/null || fail 'the Node of the pack does not run here'
  "$ISONET_GPU_BASE/node" "$ISONET_GPU_BASE/app/main.js" "$@"
}

mkdir -p "$OUT"
main "$@" 2>&1 | tee -a "$OUT/log.txt"
