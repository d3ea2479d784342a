// Tests a user's project, as after `npm install isonet @isonet/cli`: a folder outside the repository whose node_modules link to the built
// packages, with a network in TypeScript and labelled colour images. Every command runs as a separate process.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeIdx } from '@isonet/data';
import { expect, it, onTestFinished } from 'vitest';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const CLASSES = 3;
const SIDE = 16;

const NETWORK = `
import { conv2d, dense, flatten, maxPool2d, sequential, type Model } from 'isonet';
import { classes } from './classes.ts';

const model: Model = {
  name: 'my-net',
  input: { name: 'pixels', shape: [3, 8, 8] },
  output: { name: 'scores', shape: [classes] },
  layer: sequential({
    c1: conv2d(6, { kernel: 3, activation: 'relu' }),
    pool: maxPool2d({ kernel: 2 }),
    flatten: flatten(),
    head: dense(classes),
  }),
};
export default model satisfies Model;
`;

/** Creates colour images: class k is bright in channel k. */
function pictures(n: number): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const labels = Uint8Array.from({ length: n }, (_, i) => i % CLASSES);
  const images = Uint8Array.from({ length: n * 3 * SIDE ** 2 }, (_, i) => {
    const [image, channel] = [Math.floor(i / (3 * SIDE ** 2)), Math.floor(i / SIDE ** 2) % 3];
    return (i % 50) + (labels[image] === channel ? 200 : 0);
  });
  return { images, labels };
}

async function makeProject(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'isonet-project-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'node_modules/@isonet'), { recursive: true });
  await symlink(join(packages, 'isonet'), join(folder, 'node_modules/isonet'));
  await symlink(join(packages, 'cli'), join(folder, 'node_modules/@isonet/cli'));
  await writeFile(join(folder, 'my-net.ts'), NETWORK);
  await writeFile(join(folder, 'classes.ts'), `export const classes: number = ${CLASSES};\n`);
  await mkdir(join(folder, 'pictures'));
  for (const [part, n] of [
    ['train', 60],
    ['t10k', 12],
  ] as const) {
    const { images, labels } = pictures(n);
    const file = join(folder, 'pictures', part);
    await writeFile(`${file}-images-idx4-ubyte`, encodeIdx([n, 3, SIDE, SIDE], images));
    await writeFile(`${file}-labels-idx1-ubyte`, encodeIdx([n], labels));
  }
  return folder;
}

/** Runs a command and returns its stdout and stderr. */
async function isonet(folder: string, ...args: readonly string[]): Promise<{ out: string; error: string }> {
  const script = join(folder, 'node_modules/isonet/bin/isonet.js');
  // The variables of this test run must not lead the command line to the sources.
  const env = { ...process.env, NODE_PATH: '', NODE_OPTIONS: '', NO_COLOR: '1' }; // CI runners force colours
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { cwd: folder, env }, (_, out, error) =>
      resolve({ out, error }),
    );
  });
}

it('runs every command on a network in TypeScript', { timeout: 120_000 }, async () => {
  const folder = await makeProject();
  const run = (...args: readonly string[]) => isonet(folder, ...args);
  const on = ['--backend', 'reference'] as const;

  const summary = await run('summary', 'my-net.ts');
  expect(summary.error).toBe('');
  expect(summary.out).toMatch(/Layer\.name head +- Output Shape - \(1, 3\) +165 +162\ntotal for 1x3x8x8 /);

  const train = await run(
    'train',
    './my-net.ts',
    '--data',
    'pictures',
    '--batch-size',
    '10',
    '--epochs',
    '3',
    ...on,
  );
  expect(train.error).toBe('');
  expect(train.out).toContain(
    `data: 60 training and 12 test images [3, 16, 16] of 3 classes from ${join(folder, 'pictures')}, resized to 8x8\n` +
      'my-net, recipe best: 3 epochs of 6 steps of 10 images, lr 0.03, seed 0, into runs/my-net-best-reference-0\n',
  );
  const name = 'runs/my-net-best-reference-0';
  expect(JSON.parse(await readFile(join(folder, name, 'run.json'), 'utf8'))).toMatchObject({
    model: 'my-net',
    network: { fromRun: '../../my-net.ts' },
    data: { classes: ['0', '1', '2'] },
  });

  const evaluate = await run('evaluate', name, ...on);
  expect(evaluate.error).toBe('');
  expect(evaluate.out).toContain('test acc 1.000 (12 of 12 images)');

  const blue =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#22f"/></svg>';
  await writeFile(join(folder, 'blue.svg'), blue);
  const predict = await run('predict', name, 'blue.svg', ...on);
  expect(predict.out).toMatch(/\nblue\.svg: 2 \d+\.\d %, /);

  const exported = await run('export', name, '--to', 'my-net.onnx');
  expect(exported.out).toMatch(
    /^my-net\.onnx: ONNX, [\d,]+ bytes, pixels \[N, 3, 8, 8\] -> scores \[N, 3\]\n$/,
  );

  const bisect = await run('bisect', 'my-net.ts', '--run', name, '--backend', 'onnx', '--no-backward');
  expect(bisect.out).toMatch(
    /^my-net, forward: \d+ nodes on 2 images, weights of runs\/my-net-best-reference-0, seed 0\n/,
  );
  expect(bisect.out).toContain('onnx: nothing wrong');

  await rename(join(folder, 'my-net.ts'), join(folder, 'net.mts'));
  const moved = await run('evaluate', name, '--model', 'net.mts', ...on);
  expect([moved.out, moved.error]).toEqual([evaluate.out, '']);
  const gone = await run('bisect', 'my-net', '--run', name, '--backend', 'onnx');
  expect(gone.error).toBe(
    `error: run "${name}": my-net.ts, which defines its network, is missing: pass its current path with npx isonet bisect FILE --run ${name}\n`,
  );
});

it('reports a problem of the network or the data in one line', { timeout: 120_000 }, async () => {
  const folder = await makeProject();
  await writeFile(join(folder, 'broken.mjs'), 'const a = 1;\nexport default const;\n');
  const broken = await isonet(folder, 'summary', 'broken.mjs');
  expect(broken).toEqual({ out: '', error: "error: broken.mjs:2: Unexpected token 'const'\n" });
  const data = await isonet(folder, 'train', 'my-net.ts', '--backend', 'reference');
  expect(data.error).toBe(
    'error: my-net needs images [3, 8, 8] of 3 classes; Fashion-MNIST, the default, has [1, 28, 28] of 10: choose a folder with ' +
      'images that fit, --data FOLDER, with train-images-idx4-ubyte (bytes [N, 3, H, W]), train-labels-idx1-ubyte (0 .. 2), ' +
      't10k-images-idx4-ubyte, t10k-labels-idx1-ubyte; or change the network: 1 channel in its input shape, and 10 as its ' +
      'output shape and in its last layer\n',
  );
  // A single wrong label adds classes.
  const labels = join(folder, 'pictures/t10k-labels-idx1-ubyte');
  await writeFile(labels, encodeIdx([12], Uint8Array.of(0, 1, 2, 0, 1, 7, 0, 1, 2, 0, 1, 2)));
  const odd = await isonet(folder, 'train', 'my-net.ts', '--backend', 'reference', '--data', 'pictures');
  expect(odd.error).toContain(
    'my-net needs images [3, 8, 8] of 3 classes; the data in pictures has [3, 16, 16] of 8, because the highest label is 7, ' +
      `first at index 5 of ${labels}: choose a folder with images that fit, `,
  );
  expect(odd.error).toMatch(/; or change the network: 8 as its output shape and in its last layer\n$/);
});

it('the README shows the network of the example, which learns', { timeout: 120_000 }, async () => {
  const example = join(packages, '../examples/myNet.ts');
  const code = (await readFile(example, 'utf8')).replace(/^.*\n/, '');
  const readme = await readFile(join(packages, 'cli/README.md'), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n// my-net.ts\n${code}\`\`\``);

  const folder = await makeProject();
  const args = ['--epochs', '1', '--limit', '2048', '--backend', 'onnx', '--json'];
  const { out, error } = await isonet(folder, 'train', example, ...args);
  expect(error).toBe('');
  const record = JSON.parse(out.trim().split('\n').at(-1) ?? '') as { history: { testAccuracy: number }[] };
  expect(record.history[0]?.testAccuracy).toBeGreaterThan(0.6);
});
