// Checks that the examples in the READMEs of the packages compile and run. readme.test.ts covers the root README.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

const packages = new URL('../../', import.meta.url);
const root = fileURLToPath(new URL('../', packages));
const require = createRequire(import.meta.url);
const tsx = pathToFileURL(require.resolve('tsx')).href;
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['@isonet/source'];
const run = promisify(execFile);

/** A block of TypeScript, named `PACKAGE-1`, `PACKAGE-2` and so on, in the order of the page. */
interface Example {
  readonly name: string;
  readonly code: string;
}

async function examplesOf(folder: string): Promise<readonly Example[]> {
  const page = await readFile(new URL(`${folder}/README.md`, packages), 'utf8');
  return [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ''], i) => ({
    name: `${folder}-${i + 1}`,
    code,
  }));
}

/** The expected output of each example, or undefined if it cannot run on its own. */
const outputs: Readonly<Record<string, RegExp | undefined>> = {
  'backend-onnx-1': /^ONNX Runtime .+, \d+ threads?.* onnx-[\da-f]{32} Float32Array\(10\)/s,
  'backend-reference-1': /dtype: 'float64',\s+shape: \[ 1, 10 \]/,
  'backend-tfjs-1': /^TensorFlow(\.js)? [\d.]+ on .+ loss: [\d.]+,.*'nin4\.c1\.w'/s,
  'backend-webgpu-1': /(loss: [\d.]+,.*){3}/s,
  'backend-webgpu-2': undefined, // a web worker
  'backend-webgpu-3': undefined, // a web page
  'bench-1': /^forward onnx:cpu [\d.]+ \[ [\d.]+, [\d.]+ \]\nstep onnx:cpu [\d.]+ \[.+\]$/m,
  'bench-2': undefined, // needs two reports
  'bisect-1': /^no wrong node$/m,
  'cli-1': undefined, // a network for the command line
  'cli-2': /^total for 1x1x28x28 +149,542 +9,477,760$/m,
  'conformance-1': undefined, // a vitest suite
  'conformance-2': /^(\d+) of \1 checks passed \[\]$/m,
  'core-1': /Float64Array\(1\) \[ 14 \].*Float64Array\(3\) \[ 2, 4, 6 \]/s,
  'data-1': / 8000 1000\n\[ 3, 1, 28, 28 \] \[ 'T-shirt\/top', 'Trouser', 'Pullover' \]\n$/,
  'data-2': undefined, // needs a folder of images
  'data-3': undefined, // needs an image
  'fashion-mnist-sample-1': /^784016\n$/,
  'isonet-1': /testAccuracy: 0\.[3-9]/,
  'models-1': /^nin1\.c1\.bn .*\n41 36\n\[ 1, 28, 28 \] 10\n$/s,
  'native-1': undefined, // uses a library that does not exist
  'onnx-1': /^next\/nin1\.c1\.w uniform\/dropout\n$/,
  'onnx-2': undefined, // needs an ONNX file and photos
  'onnx-backend-tests-1': /^node\/test_basic_conv_with_padding passed $/m,
  'runs-1': /\nfinished\n$/,
};

const written = join(root, '.cache', 'readmes');
let examples: readonly Example[] = [];

beforeAll(async () => {
  await rm(written, { recursive: true, force: true });
  await mkdir(written, { recursive: true });
  const folders = await readdir(packages);
  examples = (await Promise.all(folders.map(examplesOf))).flat();
  await Promise.all(examples.map(({ name, code }) => writeFile(join(written, `${name}.ts`), code)));
});

afterAll(() => rm(written, { recursive: true, force: true }));

it('every package has an example, and this test covers all of them', async () => {
  const names = examples.map(({ name }) => name);
  expect(names.toSorted()).toEqual(Object.keys(outputs).toSorted());
  for (const folder of await readdir(packages)) expect(names).toContain(`${folder}-1`);
});

it('every example compiles against the last build', async () => {
  // The examples are not compiled against the sources, because some sources do not compile with the DOM types that
  // vitest and ONNX Runtime bring in.
  const lib = ['ES2023', 'ESNext.Disposable', 'DOM'];
  const compilerOptions = {
    noEmit: true,
    incremental: false,
    customConditions: [],
    lib,
    noUnusedLocals: false,
  };
  const project = join(written, 'tsconfig.json');
  const base = join(root, 'tsconfig.test.json');
  await writeFile(project, JSON.stringify({ extends: base, compilerOptions, include: ['*.ts'] }));
  const compiled = run(process.execPath, [tsc, '--project', project]);
  const { stdout } = await compiled.catch((error: { readonly stdout: string }) => error);
  expect(stdout).toBe('');
});

/** Whether npm has the software driver for this system. Machines that run the tests may have no GPU. */
const hasSoftwareDriver = process.platform === 'linux' && process.arch === 'x64';

const cases = fileURLToPath(new URL('onnx-backend-tests/test/fixtures', packages));

/** The replacement that the test makes in an example. */
const replacements: Readonly<Record<string, readonly [from: string, to: string]>> = {
  'backend-webgpu-1': ['webgpu.open();', "webgpu.open({ device: 'software' });"],
  'onnx-backend-tests-1': ["'/usr/share/libonnx-testdata/data'", JSON.stringify(cases)],
};

const runnable = Object.entries(outputs).filter(
  ([name, output]) => output !== undefined && (hasSoftwareDriver || name !== 'backend-webgpu-1'),
);

it.each(runnable)(
  '%s prints %s',
  async (name, output) => {
    if (name in replacements) await adapt(name);
    const cwd = await mkdtemp(join(tmpdir(), 'isonet-readme-'));
    onTestFinished(() => rm(cwd, { recursive: true, force: true }));
    const args = [...conditions.map((condition) => `--conditions=${condition}`), '--import', tsx];
    const { stdout } = await run(process.execPath, [...args, join(written, `${name}.ts`)], { cwd });
    expect(stdout).toMatch(output!);
  },
  120_000,
);

/** Makes an example independent of what is installed on this machine. */
async function adapt(name: string): Promise<void> {
  const file = join(written, `${name}.ts`);
  const code = await readFile(file, 'utf8');
  const [from, to] = replacements[name]!;
  expect(code).toContain(from);
  await writeFile(
    file,
    code.replace(from, () => to),
  );
}
