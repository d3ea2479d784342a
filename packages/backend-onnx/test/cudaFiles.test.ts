// Tests reading the CUDA folder, the driver's files and ONNX Runtime's messages, and the TF32 setting.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cardText, missingCard } from '../src/runtime/cuda/card.ts';
import { failureOf } from '../src/runtime/cuda/failure.ts';
import { folderPath, FORMAT } from '../src/runtime/cuda/files.ts';
import type { CudaFolder } from '../src/runtime/cuda/folder.ts';
import { checkFolder } from '../src/runtime/cuda/folder.ts';
import { readManifest } from '../src/runtime/cuda/manifest.ts';
import { hasHardware } from '../src/runtime/providers/webgpu.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'isonet-cuda-files-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
  vi.unstubAllEnvs();
});

function write(path: string, text: string): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

describe('the manifest', () => {
  const good = {
    format: FORMAT,
    onnxruntime: '1.30.0',
    packages: { 'nvidia-cublas': '13.1.0.3' },
    files: { 'libcublas.so.13': { bytes: 3, sha256: '0'.repeat(64) } },
  };
  const reasonOf = (text: string): string | undefined => {
    const read = readManifest(write('manifest.json', text));
    return read && 'reason' in read ? read.reason : undefined;
  };

  test('is read completely', () => {
    const { onnxruntime, packages, files } = good;
    const read = readManifest(write('manifest.json', JSON.stringify(good)));
    expect(read).toEqual({ onnxruntime, packages, files });
    expect(readManifest(join(root, 'none.json'))).toBeUndefined();
  });

  test.each([
    ['', 'it is not JSON'],
    ['[]', `expected "format": "${FORMAT}"`],
    ['null', `expected "format": "${FORMAT}"`],
    [' '.repeat(65_537), 'expected at most 65536 bytes, found 65537'],
    [JSON.stringify({ ...good, onnxruntime: 1.3 }), '"onnxruntime" is not a version'],
    [JSON.stringify({ ...good, packages: { a: {} } }), '"packages" must map names to versions'],
    [JSON.stringify({ ...good, files: null }), '"files" must map names to "bytes" and "sha256"'],
    ...[
      { '../../etc/passwd': { bytes: 1, sha256: '0'.repeat(64) } },
      { '.hidden': { bytes: 1, sha256: '0'.repeat(64) } },
      { file: { bytes: 1.5, sha256: '0'.repeat(64) } },
      { file: { bytes: -1, sha256: '0'.repeat(64) } },
      { file: { bytes: 1, sha256: 'F'.repeat(64) } },
      { file: 'text' },
      Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`f${i}`, good.files['libcublas.so.13']])),
    ].map((files) => [JSON.stringify({ ...good, files }), '"files" must map names to "bytes" and "sha256"']),
  ])('is rejected: %.60s', (text = '', reason = '') => {
    expect(reasonOf(text)).toBe(`${join(root, 'manifest.json')} is not a valid manifest: ${reason}`);
  });

  test('that is a folder is rejected', () => {
    mkdirSync(join(root, 'manifest.json'));
    expect(readManifest(join(root, 'manifest.json'))).toMatchObject({ code: 'CUDA_MANIFEST' });
  });

  test('must list the library and its provider', () => {
    write('manifest.json', JSON.stringify(good));
    expect(checkFolder(root)).toMatchObject({
      code: 'CUDA_MANIFEST',
      reason: `${join(root, 'manifest.json')} does not list onnxruntime_binding.node`,
    });
  });
});

test('the folder is in the cache, unless a variable names another', () => {
  vi.stubEnv('ISONET_ONNX_CUDA', '');
  vi.stubEnv('XDG_CACHE_HOME', '/cache');
  expect(folderPath()).toBe('/cache/isonet/onnxruntime-1.30.0-cuda13');
  vi.stubEnv('ISONET_ONNX_CUDA', '/elsewhere');
  expect(folderPath()).toBe('/elsewhere');
});

describe('a card', () => {
  test('needs a device node, and a driver that is not too old', () => {
    mkdirSync(join(root, 'dev'));
    expect(missingCard(root)).toMatchObject({ code: 'NO_CARD' });
    write('dev/nvidiactl', '');
    expect(missingCard(root)).toMatchObject({ code: 'NO_CARD' });
    write('dev/nvidia0', '');
    expect(missingCard(root)).toBeUndefined();
    write('sys/module/nvidia/version', '580.65.06\n');
    expect(missingCard(root)).toBeUndefined();
    write('sys/module/nvidia/version', '570.211.01\n');
    expect(missingCard(root)).toEqual({
      code: 'OLD_CUDA_DRIVER',
      reason: "NVIDIA's driver is too old for CUDA 13 (570.211.01)",
      fix: 'update the driver to 580 or newer',
    });
  });

  test('and its driver are identified from files', () => {
    expect(cardText(root)).toBe('');
    write('proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA H100 80GB HBM3\nIRQ: 1\n');
    write('proc/driver/nvidia/gpus/0000:02:00.0/information', 'Model: \t\t NVIDIA H100 80GB HBM3\n');
    write(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.54.03  Tue Jun 6\nGCC',
    );
    expect(cardText(root)).toBe('NVIDIA H100 80GB HBM3, driver 535.54.03');
    write('dev/nvidia0', '');
    expect(missingCard(root)).toMatchObject({ code: 'OLD_CUDA_DRIVER' });
  });

  test("is distinguished from a virtual machine's display by its vendor", () => {
    expect(hasHardware(root)).toBe(false);
    write('sys/class/drm/renderD128/device/vendor', '0x1af4\n');
    expect(hasHardware(root)).toBe(false);
    write('sys/class/drm/renderD129/device/vendor', '0x10de\n');
    expect(hasHardware(root)).toBe(true);
  });
});

describe("ONNX Runtime's errors about CUDA", () => {
  const folder: CudaFolder = { path: '/folder', onnxruntime: '1.30.0', packages: {}, files: {} };
  /** An error message as observed, with shortened function names. */
  const errorWith = (text: string): Error =>
    new Error(
      `/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:154 onnxruntime::CudaCall(...) [with ERRTYPE = cudaError] ${text} ; ` +
        'GPU=-1 ; hostname=vm ; file=/onnxruntime_src/cuda_execution_provider.cc ; line=352 ; expr=cudaSetDevice(info_.device_id); \n\n',
    );

  test.each([
    [
      '35: CUDA driver version is insufficient for CUDA runtime version',
      'OLD_CUDA_DRIVER',
      'update the driver to 580',
    ],
    ['100: no CUDA-capable device is detected', 'CUDA_FAILED', 'check the output of nvidia-smi'],
    ['2: out of memory', 'CUDA_FAILED', 'check that nvidia-smi runs and that the card has free memory'],
  ])('include CUDA failure %s', async (text, code, fix) => {
    const failure = await failureOf(errorWith(`CUDA failure ${text}`), folder);
    expect(failure).toMatchObject({ code, fix: expect.stringContaining(fix) as string });
    expect(failure.reason).toContain(text.slice(text.indexOf(':') + 2));
    expect(failure.reason).not.toContain('onnxruntime_src');
  });

  test('are otherwise shortened to the end of one line', async () => {
    const { reason } = await failureOf(new Error(`${'x'.repeat(500)}\ncuDNN library was not found`), folder);
    expect(reason).toMatch(/^\.\.\. x+ cuDNN library was not found$/);
  });
});

describe('TF32', () => {
  const settle = async (): Promise<(tf32: boolean) => () => void> => {
    vi.resetModules();
    return (await import('../src/runtime/cuda/tf32.ts')).settleTf32;
  };

  test('is off unless requested, and is then fixed', async () => {
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', undefined);
    const settleTf32 = await settle();
    settleTf32(false);
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBe('0');
    settleTf32(false);
    expect(() => settleTf32(true)).toThrow(
      `onnx "cuda": this process has loaded NVIDIA's libraries with tf32: false; open with tf32: true in a separate process`,
    );
    (await settle())(true);
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBeUndefined();
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', '1');
    const again = await settle();
    again(false)();
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBe('1');
    again(true)();
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBe('1');
  });

  test('cannot be set by a worker', async () => {
    const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];
    const inWorker = async (env: Readonly<Record<string, string>>, tf32: boolean): Promise<string> => {
      const file = new URL('worker/settleTf32.mjs', import.meta.url);
      const worker = new Worker(file, { env, workerData: tf32, execArgv: conditions, stdout: true });
      let output = '';
      worker.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      await once(worker, 'exit');
      return output;
    };
    expect(await inWorker({}, false)).toBe(
      'onnx "cuda": a worker thread cannot turn TF32 off; start the process with NVIDIA_TF32_OVERRIDE=0',
    );
    expect(await inWorker({ NVIDIA_TF32_OVERRIDE: '0' }, false)).toBe('settled');
    expect(await inWorker({ NVIDIA_TF32_OVERRIDE: '0' }, true)).toBe(
      'onnx "cuda": a worker thread cannot turn TF32 on; start the process without NVIDIA_TF32_OVERRIDE',
    );
    expect(await inWorker({}, true)).toBe('settled');
  });
});
