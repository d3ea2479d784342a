// Tests the package inside another program's bundle for Node: which file starts as the worker, and which parts are missing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

/** A program that opens the backend, and prints the device's text or the error. */
const program = `
  import { onnx, onnxHere } from './index.ts';
  const [backend, device] = process.argv.slice(-2);
  const opened = (backend === 'onnxHere' ? onnxHere : onnx).open({ device });
  opened.then(({ info }) => info.text, ({ code, message }) => code + ' ' + message).then((text) => console.log(text));
`;

/** Simulates a missing onnxruntime-web: an import of it breaks the bundle. */
const noPeer: Plugin = {
  name: 'no onnxruntime-web',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^onnxruntime-web/ }, ({ path }) => ({
      errors: [{ text: `Could not resolve "${path}"` }],
    }));
  },
};

let scripts: Readonly<Record<'esm' | 'cjs', string>>;
let folder: string;

beforeAll(async () => {
  const bundle = async (format: 'esm' | 'cjs'): Promise<string> => {
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: fileURLToPath(new URL('../src/', import.meta.url)) },
      bundle: true,
      minify: true,
      write: false,
      platform: 'node',
      format,
      conditions: ['@isonet/source'],
      plugins: [noPeer],
      logLevel: 'silent',
    });
    return outputFiles[0]?.text ?? '';
  };
  scripts = { esm: await bundle('esm'), cjs: await bundle('cjs') };
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isonet-bundled-'));
  return () => rmSync(folder, { recursive: true });
});

/** Writes a file into the program's folder. @returns its path */
function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** The environment without NODE_PATH, through which package managers name further folders of packages. */
const env: NodeJS.ProcessEnv = { ...process.env, NODE_PATH: '' };

function printed(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder, env });
  return stdout + stderr;
}

describe('a bundle without node_modules', () => {
  const line =
    "WORKER onnx: cannot find the worker's file, because this program is bundled; keep @isonet/backend-onnx external, or use " +
    'onnxHere, which computes on the calling thread\n';

  test.each([
    ['esm', 'bundle.mjs'],
    ['cjs', 'bundle.cjs'],
  ] as const)('in %s has no worker, and the error names the fix', (format, name) => {
    expect(printed(file(name, scripts[format]), 'onnx', 'cpu')).toBe(line);
  });

  test.each([
    ['bundle.mjs', 'serveOnnx.js'],
    ['start.js', 'serveOnnx.js'],
    ['worker/start.js', 'serve.js'],
  ])("does not start one of the program's own files as the worker: from %s, %s", (name, sibling) => {
    file('package.json', '{ "type": "module" }');
    file(join(dirname(name), sibling), 'console.log("not ours")');
    expect(printed(file(name, scripts.esm), 'onnx', 'cpu')).toBe(line);
  });
});

describe('a bundle next to node_modules', () => {
  let bundle: string;

  /** Installs a fake package whose worker prints a line and exits. */
  beforeEach(() => {
    bundle = file('bundle.mjs', scripts.esm);
    file(
      'node_modules/@isonet/backend-onnx/package.json',
      '{ "type": "module", "exports": "./dist/index.js" }',
    );
    file('node_modules/@isonet/backend-onnx/dist/index.js', '');
    file(
      'node_modules/@isonet/backend-onnx/dist/worker/serveOnnx.js',
      "import { writeSync } from 'node:fs'; writeSync(1, 'the installed worker\\n'); process.exit(3);",
    );
  });

  const started = 'the installed worker\nREMOTE onnx: no device was opened: the worker exited with code 3\n';

  test("starts the installed package's worker", () => {
    expect(printed(bundle, 'onnx', 'cpu')).toBe(started);
  });

  test.each([['--input-type=module'], ['--input-type module'], ['--input_type=module']])(
    'starts it from a program on the command line, although a worker inherits the option %s',
    (options) => {
      const code = `await import(${JSON.stringify(pathToFileURL(bundle).href)})`;
      expect(printed(...options.split(' '), '--eval', code, 'onnx', 'cpu')).toBe(started);
    },
  );

  test('opens wasm if onnxruntime-web is installed', () => {
    const web = createRequire(import.meta.url).resolve('onnxruntime-web');
    symlinkSync(dirname(dirname(web)), join(folder, 'node_modules/onnxruntime-web'), 'junction');
    expect(printed(bundle, 'onnxHere', 'wasm')).toMatch(/^ONNX Runtime 1\.30\.0 in WebAssembly/);
  });

  test('names what to install if onnxruntime-web is missing, or only require finds it', () => {
    const line =
      'NOT_INSTALLED onnx "wasm": onnxruntime-web is not installed; run npm install onnxruntime-web@1.30.0 (148 MB)\n';
    expect(printed(bundle, 'onnxHere', 'wasm')).toBe(line);
    env['NODE_PATH'] = fileURLToPath(new URL('../node_modules', import.meta.url));
    onTestFinished(() => void (env['NODE_PATH'] = ''));
    expect(printed(bundle, 'onnxHere', 'wasm')).toBe(line);
  });
});

test('a CommonJS bundle has no wasm, and the error names the fix', () => {
  expect(printed(file('bundle.cjs', scripts.cjs), 'onnxHere', 'wasm')).toBe(
    'BUNDLED onnx "wasm": onnxruntime-web cannot be found from inside a CommonJS bundle; ' +
      "leave isonet's packages out of the bundle (esbuild: --external:@isonet/*)\n",
  );
});
