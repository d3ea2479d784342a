#!/usr/bin/env bash
# Tests native TensorFlow on the cpu, installed with the command that users run: the whole conformance suite, and a training
# run that is resumed. Needs python3 with pip and g++; TensorFlow stays in .cache/nativeTensorflow, about 1 GB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

root=$PWD
export ISONET_TENSORFLOW=$root/.cache/nativeTensorflow
from_source() {
  NO_COLOR=1 node --conditions=@isonet/source --import tsx "$@"
}
isonet() {
  from_source packages/cli/src/main.ts "$@"
}

from_source packages/backend-tfjs/src/install/main.ts
isonet conformance --backend tfjs --device tensorflow

# Two epochs in one run and in two runs give the same weights, bit for bit.
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
train=(train nin --recipe book --batch-norm --backend tfjs --device tensorflow --limit 1024)
isonet "${train[@]}" --epochs 2 --out "$runs/whole"
isonet "${train[@]}" --epochs 1 --out "$runs/resumed"
isonet train --resume "$runs/resumed" --epochs 2
cmp "$runs/whole/weights.safetensors" "$runs/resumed/weights.safetensors"
echo 'resumed bit for bit'
