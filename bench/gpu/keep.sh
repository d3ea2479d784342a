#!/usr/bin/env bash
# Keeps the chunk of this folder outside the checkout until run.sh puts all of them together: bash keep.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
chunks=${ISONET_GPU_WORK:-/tmp/isonet-gpu}/chunks
mkdir -p "$chunks"
# Chunks of another pack would not fit together.
if [ -f "$chunks/SHA256SUMS" ] && [ "$(cat "$chunks/SHA256SUMS")" != "$(cat "$here/SHA256SUMS")" ]; then
  rm -f "$chunks"/*
fi
cp "$here"/chunk-* "$here/SHA256SUMS" "$chunks/"
while read -r _ name; do
  if [ -f "$chunks/$name" ]; then echo "$name is here"; else echo "$name is missing"; fi
done <"$chunks/SHA256SUMS"
