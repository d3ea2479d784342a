#!/usr/bin/env bash
# Tests TensorFlow's CUDA variant on a machine with an NVIDIA card: whether the card is used, whether the conformance suite passes, and
# how long steps of NiN take. It is separate from the pack, because its libraries are 4 GB. Run it in a checkout after `npm run setup`,
# with access to PyPI and npm, or with a folder that isonet-tensorflow has created elsewhere.
#   bash bench/gpu/tensorflow.sh [--cpu] [--tf32] [--out FOLDER]
#     --cpu   rehearses with the cpu variant, without a card
#     --tf32  lets the card compute products in TF32 in the timings; the suite always runs in float32
#     --out   a new folder for JSON and logs (default: tensorflow-results)
# ISONET_TENSORFLOW names the folder of the libraries, as it does for the backend. If a part fails, the others still run, and the exit
# code is 1.
set -euo pipefail
invoked_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

device=cuda form=--cuda tf32='' out=tensorflow-results
fail() {
  echo "tensorflow.sh: $1" >&2
  exit 2
}
while [ $# -gt 0 ]; do
  case $1 in
    --cpu) device=tensorflow form='' ;;
    --tf32) tf32=--tf32 ;;
    --out)
      [ -n "${2:-}" ] || fail '--out: expected a folder'
      out=$2
      shift
      ;;
    *) fail "unknown option $1: use --cpu, --tf32 or --out FOLDER" ;;
  esac
  shift
done
[ -z "$tf32" ] || [ "$device" = cuda ] || fail '--tf32 needs a card: leave out --cpu'
case $out in /*) ;; *) out=$invoked_from/$out ;; esac
[ ! -e "$out" ] || fail "$out exists: choose another folder with --out"
mkdir -p "$out"

export NO_COLOR=1
from_source() {
  node --conditions=@isonet/source --import tsx "$@"
}
isonet() {
  from_source packages/cli/src/main.ts "$@"
}

# part NAME FILE COMMAND...: writes its stdout to FILE, its stderr to the log, and its exit code to summary.jsonl.
failed=0
part() {
  local name=$1 file=$out/$2 began=$SECONDS code=0
  shift 2
  echo "== $name"
  "$@" >"$file" 2> >(tee -a "$out/log.txt" >&2) || code=$?
  tail -n 3 "$file" | cut -c 1-400
  printf '{"part":"%s","code":%d,"seconds":%d}\n' "$name" "$code" $((SECONDS - began)) | tee -a "$out/summary.jsonl"
  [ "$code" = 0 ] || failed=1
}

machine() {
  uname -srm
  node --version
  git rev-parse HEAD
  [ "$device" = tensorflow ] || nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv
}

# Without a card, the library falls back to the cpu; isonet's `cuda` opens only if `isUsingGpuDevice` confirms the card.
opened() {
  from_source --input-type=module --eval '
    import { tfjs } from "@isonet/backend-tfjs";
    const [id] = process.argv.slice(1);
    try {
      const { info } = await tfjs.open({ device: id });
      console.log(JSON.stringify({ ...info, isUsingGpuDevice: info.kind === "gpu" }));
    } catch (error) {
      console.error(error.message);
      process.exitCode = 1;
    }
  ' "$device"
}

steps() {
  isonet bench nin --recipe book --backend "tfjs:$device" --batch 32,256 $tf32 --json
}

part machine machine.txt machine
part install install.txt from_source packages/backend-tfjs/src/install/main.ts $form
part opened opened.json opened
part backends backends.json isonet backends --json
part conformance conformance.jsonl isonet conformance --backend tfjs --device "$device" --json
part steps steps.json steps
part training training.jsonl isonet train nin --backend tfjs --device "$device" --limit 4096 --epochs 1 --out "$out/run" --json

echo "results: $out"
exit $failed
