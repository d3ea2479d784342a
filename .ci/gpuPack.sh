#!/usr/bin/env bash
# Tests that the GPU pack runs on a bare machine: builds it, and runs it on a software driver in isolation.
# Needs Linux x64, apt-get with package lists, xz, zstd, binutils and python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

node --conditions=@isonet/source --import tsx bench/gpu/dryRun.ts
