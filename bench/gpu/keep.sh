#!/usr/bin/env bash
# Stores the chunk of this folder outside the checkout until run.sh assembles all chunks: bash keep.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=${ISONET_GPU_WORK:-/tmp/isonet-gpu-$EUID}
# Another user of the machine could have created the folder.
if [ -z "${ISONET_GPU_WORK:-}" ] && [ -L "$work" ]; then
  echo "keep.sh: $work is a link: remove it, or set ISONET_GPU_WORK" >&2
  exit 1
fi
mkdir -p -m 700 "$work"
[ -O "$work" ] || { echo "keep.sh: $work belongs to another user: set ISONET_GPU_WORK to another folder" >&2; exit 1; }
chunks=$work/chunks
mkdir -p "$chunks"
# Removes the chunks of another pack, which would not match.
if [ -f "$chunks/SHA256SUMS" ] && [ "$(cat "$chunks/SHA256SUMS")" != "$(cat "$here/SHA256SUMS")" ]; then
  rm -f "$chunks"/*
fi
cp "$here"/chunk-* "$here/SHA256SUMS" "$chunks/"
while read -r _ name; do
  if [ -f "$chunks/$name" ]; then echo "$name is here"; else echo "$name is missing"; fi
done <"$chunks/SHA256SUMS"
