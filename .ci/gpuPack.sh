#!/usr/bin/env bash
# Whether the GPU pack would run on a bare machine: makes it, and runs it on a software driver with nothing else in reach.
# Needs Linux x64, apt-get with package lists, xz, zstd, binutils and python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

node --conditions=@isonet/source --import tsx bench/gpu/dryRun.ts
