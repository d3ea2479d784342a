// Tests that a run that isonet 0.1.0 stopped during its second epoch resumes to the losses that 0.1.0 itself reached. `isonet train nin
// --backend onnx --recipe best --dropout 0.2 --limit 512 --batch-size 64 --epochs 2` wrote fixtures/run-0.1.0 before it was stopped
// after step 12 of 16; weights.safetensors and the path of the data were removed.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors } from '@isonet/core';
import { encodeIdx, loadFashionMnistSample } from '@isonet/data';
import { expect, test } from 'vitest';
import { main } from '../src/cli.ts';
import { makeIo, makeWorld } from './helpers.ts';

/** The result of 0.1.0 after it resumed the run with its own command line. */
interface Finished {
  /** Per epoch. */
  readonly losses: readonly number[];
}

interface Run {
  readonly format: string;
  readonly status: string;
  readonly step: number;
  readonly segments: readonly { readonly step: number; readonly plans: object }[];
  readonly history: readonly { readonly loss: number }[];
}

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/**
 * Writes the sample under the file names of the full dataset. The run was trained on the sample; if the full dataset is installed,
 * it would replace the sample.
 */
async function writeSample(folder: string): Promise<void> {
  await mkdir(folder);
  const { train, test: rest } = await loadFashionMnistSample();
  for (const [name, { images, labels, length }] of [
    ['train', train],
    ['t10k', rest],
  ] as const) {
    await writeFile(join(folder, `${name}-images-idx3-ubyte`), encodeIdx([length, 28, 28], images));
    await writeFile(join(folder, `${name}-labels-idx1-ubyte`), encodeIdx([length], Uint8Array.from(labels)));
  }
}

test('resumes a run of 0.1.0 to the same losses', { timeout: 120_000 }, async () => {
  const { cwd } = await makeWorld();
  const [run, sample] = [join(cwd, 'run'), join(cwd, 'sample')];
  await cp(fixture('run-0.1.0'), run, { recursive: true });
  await writeSample(sample);
  const expected = (await readJson(fixture('run-0.1.0.finished.json'))) as Finished;

  const { io, stdout, stderr } = makeIo(cwd);
  const code = await main(['train', '--resume', 'run', '--data', sample], io);
  expect(code, stderr.text).toBe(0);
  expect(stdout.text).toMatch(
    /^backend: onnx, cpu \(.*\): as before; the run was saved by isonet 0\.1\.0, whose plans cannot be compared with current ones, so the bits may differ from this step on\n/,
  );

  const { format, status, step, segments, history } = (await readJson(join(run, 'run.json'))) as Run;
  expect([format, status, step]).toEqual(['isonet-run-2', 'finished', 16]);
  expect(segments.map((segment) => [segment.step, Object.keys(segment.plans)])).toEqual([
    [0, []],
    [12, ['step 64', 'evaluate 256', 'evaluate 232']],
  ]);
  const { tensors } = decodeSafetensors(await readFile(join(run, 'weights.safetensors')));
  expect(Object.keys(tensors).length).toBeGreaterThan(0);
  // Since 0.4.0, the steps use another layout, which rounds differently: the second loss differs by 8e-6.
  const apart = expected.losses.map((loss, i) => Math.abs((history[i]?.loss ?? NaN) / loss - 1));
  expect(Math.max(...apart)).toBeLessThan(1e-3);
});
