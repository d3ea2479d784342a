#!/usr/bin/env bash
# Tests that other tools can use exported models: exports a few, then checks and runs them with Python's onnx and onnxruntime.
# Needs Python >= 3.11 with venv; installs about 250 MB of packages into .cache/interop.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

interop=packages/backend-onnx/interop
cache=.cache/interop
python=${PYTHON:-python3}

if ! cmp -s "$interop/requirements.txt" "$cache/installed.txt"; then
  rm -rf "$cache"
  "$python" -m venv "$cache/venv"
  "$cache/venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$interop/requirements.txt"
  cp "$interop/requirements.txt" "$cache/installed.txt"
fi

models=$(mktemp -d)
trap 'rm -rf "$models"' EXIT
node --conditions=@isonet/source --import tsx "$interop/export.ts" "$models"
"$cache/venv/bin/python" "$interop/check.py" "$models"
