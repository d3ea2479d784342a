// Tests a process that has loaded another copy of ONNX Runtime, which Linux would link to the addon regardless of its version.
import { execFile } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { library } from '../src/runtime/library.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const addon = library.original.addon(process.platform, process.arch);
const original = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
const file = 'libonnxruntime.so.1';

/** Returns a program that first loads the library from `path`, and then probes the backend. */
function program(path: string): string {
  return `
    const now = 2, noDelete = 0x1000; // without RTLD_NODELETE, Node unloads a library that is not a Node addon
    try { process.dlopen({ exports: {} }, ${JSON.stringify(path)}, now | noDelete); } catch {}
    import('@isonet/backend-onnx').then(async ({ onnx }) => {
      const probe = await onnx.probe();
      const cpu = probe.absent?.find(({ id }) => id === 'cpu'); // wasm is available all the same
      const code = cpu && (await onnx.open().catch((error) => error.code));
      console.log(cpu ? [code, cpu.reason, cpu.fix].join('; ') : 'ok');
    });
  `;
}

async function probe(path: string): Promise<string> {
  const args = ['--conditions=@isonet/source', '--import', 'tsx', '--eval', program(path)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return stdout.trim();
}

describe.runIf(process.platform === 'linux')('another copy of the library in the process', () => {
  let folder: string;
  let copy: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'isonet-ort-'));
    copy = join(folder, file);
    copyFileSync(join(original, dirname(addon), file), copy);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is used if it has the same bytes', async () => {
    expect(await probe(copy)).toBe('ok');
  });

  test('is rejected in one line if it has another version', async () => {
    appendFileSync(copy, 'another version');
    const output = await probe(copy);
    expect(output).toMatch(/^OTHER_COPY; another ONNX Runtime is already loaded in this process, from /);
    expect(output).toContain(copy);
    expect(output.split('\n')).toHaveLength(1);
  });

  test('is detected through a symbolic link, as systems install it', async () => {
    const versioned = `${copy}.30.0`;
    renameSync(copy, versioned);
    symlinkSync(versioned, copy);
    expect(await probe(copy)).toContain(
      `OTHER_COPY; another ONNX Runtime is already loaded in this process, from ${versioned},`,
    );
  });
});
