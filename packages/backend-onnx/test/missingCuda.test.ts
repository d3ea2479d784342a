// Tests simulated machines on which CUDA is unavailable, with stub libraries. On each, one line names the reason and the fix, native
// code neither prints nor crashes, and the CPU still computes.
import { execFile } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { missingLibrary, openLibrary } from '@isonet/native';
import { DRIVER_LIBRARY, folderPath, PROVIDER } from '../src/runtime/cuda/files.ts';
import { openedLibraries } from '../src/runtime/cuda/libraries.ts';
import { fakeFolder, hasPrograms, stub, stubDriver, writeManifest } from './fakeFolder.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const program = fileURLToPath(new URL('missingCudaProgram.ts', import.meta.url));

interface Outcome {
  readonly code: unknown;
  readonly out: string;
  readonly error: readonly string[];
}

const stubs = mkdtempSync(join(tmpdir(), 'isonet-stubs-'));
let home = '';
let folder = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'isonet-cuda-'));
  folder = join(home, '.cache/isonet/onnxruntime-1.30.0-cuda13');
  mkdirSync(join(home, 'root/dev'), { recursive: true });
  writeFileSync(join(home, 'root/dev/nvidia0'), '');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
afterAll(() => rmSync(stubs, { recursive: true, force: true }));

function run(
  env: Readonly<Record<string, string>> = {},
  open: readonly object[] = [{ device: 'cuda' }],
): Promise<Outcome> {
  const { PATH = '' } = process.env;
  const args = ['--conditions=@isonet/source', '--import', 'tsx', program];
  const options = {
    cwd: root,
    env: { PATH, HOME: home, ROOT: join(home, 'root'), OPEN: JSON.stringify(open), ...env },
  };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, out, stderr) => {
      const lines = stderr.split('\n').filter((line) => line !== '');
      resolve({ code: error?.code ?? error?.signal ?? 0, out, error: lines });
    });
  });
}

/** Runs the program, expects that the CPU computes and that CUDA fails with one line, and returns that line. */
async function failure(env?: Readonly<Record<string, string>>): Promise<string> {
  const { code, out, error } = await run(env);
  expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/^cpu 2 4\ndevices cpu/) as string });
  expect(error).toHaveLength(1);
  const [line = ''] = error;
  expect(line).toMatch(/^[A-Z_0-9]+: onnx "cuda": .+; .+/);
  return line;
}

const skipped = process.platform !== 'linux' || process.arch !== 'x64' || !hasPrograms('gcc');

describe.skipIf(skipped)('on a simulated machine (needs linux x64 and gcc)', () => {
  const driver = (): Record<string, string> => {
    const own = join(stubs, 'driver');
    if (!existsSync(own)) stubDriver(own);
    return { LD_LIBRARY_PATH: own };
  };

  test('CUDA is unavailable if there is no card, and the fix does not suggest a download', async () => {
    rmSync(join(home, 'root/dev/nvidia0'));
    expect(await failure(driver())).toBe(
      'NO_CARD: onnx "cuda": this machine has no NVIDIA card (there is no /dev/nvidia0); ' +
        'install a card and its driver; for a container, start it with --gpus all',
    );
  });

  test.skipIf(missingLibrary(DRIVER_LIBRARY) === undefined)(
    'CUDA is unavailable if there is no driver (needs a system without one)',
    async () => {
      fakeFolder(folder, stubs);
      expect(await failure()).toContain(
        'NO_CUDA_DRIVER: onnx "cuda": NVIDIA\'s driver is not installed, or not visible to this process (libcuda.so.1: ',
      );
    },
  );

  test('CUDA is unavailable if nothing is installed', async () => {
    expect(await failure(driver())).toBe(
      `NO_CUDA_PROVIDER: onnx "cuda": ONNX Runtime's CUDA provider is not installed (there is no ${folder}/manifest.json); ` +
        'run npx -p @isonet/backend-onnx isonet-onnx-cuda (needs an NVIDIA driver of 580 or newer, and downloads 1.2 GB)',
    );
  });

  test('CUDA is unavailable if the system has another version of CUDA than the provider needs', async () => {
    fakeFolder(folder, stubs);
    for (const name of ['libcublas.so.13', 'libcublasLt.so.13']) rmSync(join(folder, name));
    writeManifest(folder, {});
    const older = join(home, 'cuda-12');
    for (const name of ['libcublas.so.12', 'libcublasLt.so.12']) stub(older, name);
    const { LD_LIBRARY_PATH } = driver();
    const line = await failure({ LD_LIBRARY_PATH: `${LD_LIBRARY_PATH}:${older}` });
    expect(line).toContain(
      'CUDA_LIBRARY: onnx "cuda": libcublasLt.so.13 cannot be opened (libcublasLt.so.13: ',
    );
    expect(line).toContain('install CUDA 13 and cuDNN 9');
    expect(line).toMatch(/isonet-onnx-cuda without --provider-only$/);
  });

  test("a system's own CUDA 13 is used if the folder has only the provider", async () => {
    fakeFolder(folder, stubs);
    const system = join(home, 'cuda-13');
    for (const name of ['libcublas.so.13', 'libcublasLt.so.13']) {
      rmSync(join(folder, name));
      stub(system, name);
    }
    writeManifest(folder, {});
    const { LD_LIBRARY_PATH } = driver();
    // The libraries are found; only the stub of the provider fails to load.
    expect(await failure({ LD_LIBRARY_PATH: `${LD_LIBRARY_PATH}:${system}` })).toContain('CUDA_PROVIDER: ');
  });

  test('CUDA is unavailable if a library is missing', async () => {
    fakeFolder(folder, stubs);
    rmSync(join(folder, 'libcudnn.so.9'));
    expect(await failure(driver())).toBe(
      `CUDA_FILE: onnx "cuda": ${folder}/libcudnn.so.9 is missing; remove the folder ${folder} and run npx -p @isonet/backend-onnx isonet-onnx-cuda`,
    );
  });

  test('CUDA is unavailable if a library is corrupt', async () => {
    fakeFolder(folder, stubs);
    writeFileSync(join(folder, 'libcurand.so.10'), 'garbage');
    writeManifest(folder, {});
    expect(await failure(driver())).toMatch(
      /^CUDA_LIBRARY: onnx "cuda": libcurand\.so\.10 cannot be opened \(.+\); remove the folder .+ and run npx -p @isonet\/backend-onnx isonet-onnx-cuda$/,
    );
  });

  test('CUDA is unavailable if the provider has another version', async () => {
    fakeFolder(folder, stubs);
    writeManifest(folder, { onnxruntime: '1.29.1' });
    expect(await failure(driver())).toContain(
      `CUDA_VERSION: onnx "cuda": ${folder}: expected ONNX Runtime 1.30.0, found 1.29.1; remove the folder`,
    );
  });

  test('CUDA is unavailable if the provider is truncated, garbage, or another library', async () => {
    fakeFolder(folder, stubs);
    const path = join(folder, PROVIDER);
    const whole = readFileSync(path);
    const env = driver();
    expect(await failure(env)).toContain(
      `CUDA_PROVIDER: onnx "cuda": ONNX Runtime cannot load its provider ${path}; remove the folder`,
    );
    writeFileSync(path, Buffer.alloc(whole.length, 'x'));
    expect(await failure(env)).toContain(
      `${path} is damaged: its digest differs from the installed file's; `,
    );
    truncateSync(path, 100);
    expect(await failure(env)).toContain(
      `CUDA_FILE: onnx "cuda": ${path} has 100 bytes, expected ${whole.length}; `,
    );
  });

  test("CUDA is unavailable if the folder's own copy of ONNX Runtime does not load", async () => {
    fakeFolder(folder, stubs);
    rmSync(join(folder, 'onnxruntime_binding.node'));
    writeFileSync(join(folder, 'onnxruntime_binding.node'), 'garbage');
    writeManifest(folder, {});
    expect(await failure(driver())).toMatch(
      /^CUDA_FOLDER: onnx "cuda": the ONNX Runtime in \S+ does not load: .+; set ISONET_ONNX_CUDA to a folder /,
    );
  });

  test('CUDA is unavailable if the folder cannot be read', async () => {
    const cache = join(home, '.cache');
    symlinkSync(cache, cache);
    expect(await failure(driver())).toContain(
      `cannot read ${folder}/manifest.json: ELOOP; make it readable, or`,
    );
  });

  test('CUDA is unavailable if the manifest is garbage', async () => {
    fakeFolder(folder, stubs);
    writeFileSync(join(folder, 'manifest.json'), '{"format": ');
    expect(await failure(driver())).toContain(
      `CUDA_MANIFEST: onnx "cuda": ${folder}/manifest.json is not a valid manifest: it is not JSON; remove the folder`,
    );
  });

  test('CUDA is unavailable if the folder that ISONET_ONNX_CUDA names lacks it, even if the default folder has it', async () => {
    fakeFolder(folder, stubs);
    const named = join(home, 'named');
    expect(await failure({ ...driver(), ISONET_ONNX_CUDA: named })).toContain(`${named}/manifest.json`);
    fakeFolder(named, stubs);
    const { error } = await run({ ...driver(), ISONET_ONNX_CUDA: named });
    expect(error.join()).toContain(`cannot load its provider ${named}/`);
  });

  test('CUDA is unavailable if another copy of ONNX Runtime is loaded first', async () => {
    fakeFolder(folder, stubs);
    const other = join(home, 'other');
    mkdirSync(other);
    linkSync(join(folder, 'libonnxruntime.so.1'), join(other, 'libonnxruntime.so.1'));
    const { LD_LIBRARY_PATH } = driver();
    expect(await failure({ LD_LIBRARY_PATH: `${LD_LIBRARY_PATH}:${other}` })).toContain(
      `OTHER_COPY: onnx "cuda": this process has loaded ONNX Runtime from ${other}/libonnxruntime.so.1, not from ${folder} with`,
    );
  });

  test('TF32 is fixed for the process once the libraries are loaded', async () => {
    fakeFolder(folder, stubs);
    const both = [{ device: 'cuda' }, { device: 'cuda', tf32: true }, { device: 'cuda', tf32: false }];
    const { error } = await run(driver(), both);
    expect(error.map((line) => line.split(':', 1)[0])).toEqual(['CUDA_PROVIDER', 'OPTION', 'CUDA_PROVIDER']);
    expect(error[1]).toBe(
      `OPTION: onnx "cuda": this process has loaded NVIDIA's libraries with tf32: false; open with tf32: true in a separate process`,
    );
  });

  test('TF32 is not fixed if no library was loaded', async () => {
    fakeFolder(folder, stubs);
    writeFileSync(join(folder, 'libcudart.so.13'), 'garbage');
    writeManifest(folder, {});
    const { error } = await run(driver(), [{ device: 'cuda' }, { device: 'cuda', tf32: true }]);
    expect(error.map((line) => line.split(':', 1)[0])).toEqual(['CUDA_LIBRARY', 'CUDA_LIBRARY']);
  });

  test("the list of opened libraries includes cuDNN's engines before they are opened", () => {
    for (const name of ['libcudnn.so.9', 'libcudnn_ops.so.9']) stub(join(stubs, 'cudnn'), name);
    expect(openLibrary(join(stubs, 'cudnn/libcudnn.so.9'))).toBeUndefined();
    expect(openedLibraries()).toEqual([
      expect.stringMatching(/^libcudnn\.so\.9 \d+$/),
      expect.stringMatching(/^libcudnn_ops\.so\.9 \d+$/),
    ]);
  });

  test('WebGPU is unavailable if Vulkan has no loader or no driver', async () => {
    const open = [{ device: 'webgpu' }];
    mkdirSync(join(home, 'vulkan'));
    const none = await run({ VK_DRIVER_FILES: join(home, 'vulkan') }, open);
    expect(none.code).toBe(1);
    expect(none.error).toHaveLength(1);
    expect(none.error[0]).toMatch(/^NO_VULKAN_(LOADER|DRIVER): onnx "webgpu": .+; .+/);
  });
});

const installed = folderPath() ?? '';
describe.skipIf(skipped || !existsSync(join(installed, 'manifest.json')))(
  'with the libraries of isonet-onnx-cuda (needs them)',
  () => {
    test('the provider loads and rejects the stub driver', async () => {
      stubDriver(join(home, 'driver'));
      const env = { LD_LIBRARY_PATH: join(home, 'driver'), ISONET_ONNX_CUDA: installed };
      expect(await failure(env)).toContain('OLD_CUDA_DRIVER: onnx "cuda": ');
    });
  },
);
