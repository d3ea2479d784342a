#!/usr/bin/env bash
# Runs on the machine with the card: bash run.sh [PART...]
# Unpacks the archives of this folder outside the checkout and starts the Node in them, which runs the parts. Environment variables:
#   OUT                     the folder of results and log (default: results/, next to this folder)
#   BUDGET                  seconds for everything (default 470)
#   PYTHON                  a Python with PyTorch (default python3)
#   ISONET_GPU_WORK         where things are unpacked (default /tmp/isonet-gpu)
#   ISONET_SOFTWARE_DRIVER  the manifest of a software driver: rehearse without a GPU, with tiny sizes
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export OUT=${OUT:-$(dirname "$here")/results}
export PYTHON=${PYTHON:-python3}
work=${ISONET_GPU_WORK:-/tmp/isonet-gpu}
export ISONET_GPU_BASE=$work/base
export ISONET_GPU_DEADLINE=$(($(date +%s) + ${BUDGET:-470}))
export ISONET_ONNX_CUDA=$work/cuda

fail() {
  echo "run.sh: $1" >&2
  exit 1
}

same() { # FILE FILE: both are there and equal; not every machine has cmp
  [ -f "$1" ] && [ -f "$2" ] && [ "$(cat "$1")" = "$(cat "$2")" ]
}

unxz() { # FILE FOLDER: with xz, or with Python where there is none
  if command -v xz >/dev/null; then
    xz -dc "$1" | tar -xf - -C "$2"
  else
    "$PYTHON" -c 'import sys, tarfile; tarfile.open(sys.argv[1], "r:xz").extractall(sys.argv[2])' "$1" "$2"
  fi
}

unpack() {
  if same "$here/SHA256SUMS" "$ISONET_GPU_BASE/SHA256SUMS"; then return; fi
  (cd "$here" && sha256sum --quiet -c SHA256SUMS) || fail 'the pack is damaged: copy it again'
  rm -rf "$ISONET_GPU_BASE" && mkdir -p "$ISONET_GPU_BASE"
  local archive
  for archive in "$here"/*.tar.xz; do
    unxz "$archive" "$ISONET_GPU_BASE" || fail "$archive does not unpack"
  done
  cp "$here/SHA256SUMS" "$ISONET_GPU_BASE/"
}

# Puts ONNX Runtime's CUDA provider together, from chunks next to this folder and those that keep.sh kept.
assemble() {
  local chunks=$work/chunks keep
  for keep in "$(dirname "$here")"/cuda-*/keep.sh; do
    [ ! -f "$keep" ] || bash "$keep"
  done
  [ -f "$chunks/SHA256SUMS" ] || { echo "there are no chunks of ONNX Runtime's CUDA provider"; return; }
  if same "$chunks/SHA256SUMS" "$ISONET_ONNX_CUDA/SHA256SUMS"; then return; fi
  (cd "$chunks" && sha256sum --quiet -c SHA256SUMS) ||
    { echo "ONNX Runtime's CUDA provider is not whole: see above which chunk is missing or damaged"; return; }
  rm -rf "$ISONET_ONNX_CUDA" && mkdir -p "$ISONET_ONNX_CUDA"
  cat "$chunks"/chunk-* >"$work/cuda.tar.xz"
  unxz "$work/cuda.tar.xz" "$ISONET_ONNX_CUDA" || fail 'the CUDA provider does not unpack'
  rm "$work/cuda.tar.xz"
  # ONNX Runtime looks for its providers in its own folder.
  cp "$ISONET_GPU_BASE"/node_modules/@isonet/onnxruntime-linux-x64/{onnxruntime_binding.node,libonnxruntime.so.1} "$ISONET_ONNX_CUDA/"
  cp "$chunks/SHA256SUMS" "$ISONET_ONNX_CUDA/"
}

main() {
  echo "$(date -u +%FT%TZ) $(uname -sr)"
  unpack
  echo "unpacked to $ISONET_GPU_BASE, $SECONDS s"
  assemble
  "$ISONET_GPU_BASE/node" --version >/dev/null || fail 'the Node of the pack does not run here'
  "$ISONET_GPU_BASE/node" "$ISONET_GPU_BASE/app/main.js" "$@"
}

mkdir -p "$OUT" "$work"
main "$@" 2>&1 | tee "$OUT/log.txt"
