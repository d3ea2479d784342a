#!/usr/bin/env bash
# Runs ONNX's own backend tests on every device of every backend: exactly those listed in
# packages/onnx-backend-tests/cases.json must pass. The tests come from Debian's libonnx-testdata 1.12 (6 MB). If the
# script does not run as root, it unpacks the package into .cache/onnxCases. Needs apt-get and dpkg.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

data=/usr/share/libonnx-testdata/data
if [[ ! -d $data ]]; then
  if [[ $EUID == 0 ]]; then
    apt-get install --yes --quiet --no-install-recommends libonnx-testdata ||
      { apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends libonnx-testdata; }
  else
    data=$PWD/.cache/onnxCases/usr/share/libonnx-testdata/data
    if [[ ! -d $data ]]; then
      mkdir -p .cache/onnxCases
      (
        cd .cache/onnxCases
        apt-get download libonnx-testdata
        dpkg-deb --extract libonnx-testdata_*.deb .
        rm libonnx-testdata_*.deb
      )
    fi
  fi
fi

cases() {
  node --conditions=@isonet/source --import tsx scripts/onnxCases.ts --data "$data" "$@"
}
# Two processes, since each uses one core.
cases --backend onnx &
onnx=$!
cases --backend tfjs --backend webgpu --backend reference
wait "$onnx"
