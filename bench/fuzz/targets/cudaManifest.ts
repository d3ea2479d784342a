// Fuzzes the manifest of the folder that ONNX Runtime's CUDA provider is installed in: a valid one, with parts of its JSON changed.
import { writeFileSync } from 'node:fs';
import { BackendError } from '@isonet/core';
import {
  FORMAT,
  PROVIDER_FILES,
  RUNTIME_FILES,
} from '../../../packages/backend-onnx/src/runtime/cuda/files.ts';
import type { Manifest } from '../../../packages/backend-onnx/src/runtime/cuda/manifest.ts';
import { readManifest } from '../../../packages/backend-onnx/src/runtime/cuda/manifest.ts';
import { damaged, utf8 } from '../bytes.ts';
import { mutated, nodeOf, writtenText } from '../json.ts';
import type { Target } from '../target.ts';
import { demand, target } from '../target.ts';
import { scratchFile } from './gzip.ts';

const record = { bytes: 14_632, sha256: '0123456789abcdef'.repeat(4) };
const valid = nodeOf({
  format: FORMAT,
  onnxruntime: '1.30.0',
  packages: { 'onnxruntime-gpu': '1.30.0', 'nvidia-cublas': '13.1.0.3' },
  files: Object.fromEntries([...RUNTIME_FILES, ...PROVIDER_FILES].map((name) => [name, record])),
});
const file = scratchFile();

function read(bytes: Uint8Array): Manifest {
  writeFileSync(file(), bytes);
  const found = readManifest(file());
  if (found === undefined) throw new Error(`expected the manifest ${file()}, which was just written`);
  if ('reason' in found) throw new BackendError(found.code, `${found.reason}; ${found.fix}`);
  return found;
}

/** The target `readManifest`. */
export const cudaManifest: Target = target({
  name: 'cudaManifest',
  sources: ['packages/backend-onnx/src/runtime/cuda/manifest.ts'],
  generate(random) {
    let changed = valid;
    for (let n = random.below(4); n > 0; n--) changed = mutated(random, changed);
    const bytes = utf8(writtenText(random, changed));
    return random.oneIn(20) ? damaged(random, bytes) : bytes;
  },
  parse: read,
  check({ onnxruntime, packages, files }) {
    const names = [...Object.keys(packages), ...Object.keys(files)];
    demand(names.length <= 128, 'the limit on entries');
    demand(
      names.every((name) => /^\w[^/\\]*$/.test(name)),
      'names without a path',
    );
    demand(
      Object.values(files).every(({ bytes }) => Number.isSafeInteger(bytes) && bytes >= 0),
      'sizes',
    );
    const again = read(utf8(JSON.stringify({ format: FORMAT, onnxruntime, packages, files })));
    demand(JSON.stringify(again) === JSON.stringify({ onnxruntime, packages, files }), 'round trip');
  },
});
