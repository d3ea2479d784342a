// Tests that CUDA has a kernel for every node of a training step: with the real provider, which `isonet-onnx-cuda` installs, on fake
// libraries that compute nothing.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { folderPath, PROVIDER, PROVIDER_FILES, RUNTIME_FILES } from '../src/runtime/cuda/files.ts';
import { fakeCuda } from './fakeCuda.ts';
import { hasPrograms, linkOrCopy, writeManifest } from './fakeFolder.ts';

const installed = folderPath() ?? '';
const possible =
  process.platform === 'linux' &&
  existsSync(join(installed, PROVIDER)) &&
  hasPrograms('gcc', 'nm', 'strings');

test.skipIf(!possible)(
  'every node of a training step has a CUDA kernel (needs the provider of isonet-onnx-cuda, and gcc, nm and strings)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isonet-placement-'));
    try {
      for (const name of RUNTIME_FILES) linkOrCopy(join(installed, name), join(folder, name));
      for (const name of PROVIDER_FILES) symlinkSync(join(installed, name), join(folder, name));
      fakeCuda(folder, join(installed, PROVIDER));
      writeManifest(folder, {});
      const program = fileURLToPath(new URL('placementProgram.ts', import.meta.url));
      const args = ['--conditions=@isonet/source', '--import', 'tsx', program];
      const env = { ...process.env, ISONET_ONNX_CUDA: folder, LD_LIBRARY_PATH: folder };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
      expect(stderr).toBe('');
      expect(stdout.trim().split('\n')).toEqual([
        // This line proves that the test detects a node without a kernel.
        'portable, transposed convolution, unequal pads: This session contains graph nodes that are assigned to the default CPU EP, ' +
          'but fallback to CPU EP has been explicitly disabled by the user.',
        'gathering, transposed convolution, unequal pads: on CUDA',
        'nin: on CUDA',
        'googlenet: on CUDA',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
