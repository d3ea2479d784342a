// Each example runs from source, learns, and writes only the expected files. Not covered here: train.ts, which takes minutes;
// myNet.ts, a network that the tests of the command line train; and the page in browser/, which scripts/packed/pages checks.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];

/** The output of an example, and the names of the files that it wrote to its current folder. */
interface Outcome {
  readonly output: string;
  readonly written: readonly string[];
}

async function run(name: string): Promise<Outcome> {
  const cwd = await mkdtemp(join(tmpdir(), 'isonet-example-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const args = [...conditions, '--import', tsx, join(examples, `${name}.ts`)];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd });
  expect(stderr).toBe('');
  return { output: stdout, written: await readdir(cwd) };
}

/** Returns the number after each occurrence of a text. */
function numbersAfter(output: string, text: string): readonly number[] {
  return [...output.matchAll(new RegExp(`${text} (-?[\\d.]+)`, 'g'))].map(([, number]) => Number(number));
}

/** Returns the number after the only occurrence of a text. */
function numberAfter(output: string, text: string): number {
  const [number, ...more] = numbersAfter(output, text);
  if (number === undefined || more.length > 0)
    throw new Error(`expected one number after "${text}":\n${output}`);
  return number;
}

/** For each example, asserts that it learned. Random guesses would miss each threshold by far. */
const checks: Readonly<Record<string, (outcome: Outcome) => void>> = {
  ownCnn: ({ output }) => {
    expect(numberAfter(output, 'test accuracy')).toBeGreaterThan(0.8);
  },
  residual: ({ output }) => {
    expect(numbersAfter(output, 'test accuracy').at(-1)).toBeGreaterThan(0.65);
  },
  regression: ({ output }) => {
    const [before, after] = ['before:', 'after:'].map((when) => numberAfter(output, when));
    expect(after).toBeLessThan(before! / 4);
  },
  multiLabel: ({ output }) => {
    expect(numberAfter(output, 'exact match')).toBeGreaterThan(0.8);
  },
  freeze: ({ output }) => {
    expect(output).toContain('missing: groups.w, groups.b; not used: garments.w, garments.b\n');
    const [before, ...after] = numbersAfter(output, 'test accuracy');
    expect(after).toHaveLength(2);
    for (const accuracy of after) expect(accuracy).toBeGreaterThan(Math.max(before!, 0.8));
  },
  finetune: ({ output }) => {
    expect(output).toContain('operator set 17: 10 classes\nnew: fc/Gemm, 32 -> 3\n');
    const [untrained, tuned] = numbersAfter(output, 'test accuracy');
    // A head of zeros assigns all images to the first class, to which half of them belong.
    expect(untrained).toBeCloseTo(0.5, 1);
    expect(tuned).toBeGreaterThan(0.7);
  },
  ownLoop: ({ output }) => {
    expect(numbersAfter(output, 'step')).toEqual([0, 16, 32, 48, 64, 80]);
    expect(numberAfter(output, 'test accuracy')).toBeGreaterThan(0.6);
  },
  earlyStopping: ({ output }) => {
    const [stopped, best] = [
      numberAfter(output, 'stopped after epoch'),
      numberAfter(output, 'weights of epoch'),
    ];
    expect(stopped).toBe(Math.min(best + 3, 60));
    expect(numberAfter(output, 'test accuracy')).toBeGreaterThan(0.7);
    expect(numberAfter(output, 'without averaging')).toBeGreaterThan(0.7);
  },
};

/** The files that examples write. */
const files: Readonly<Record<string, readonly string[]>> = {
  ownCnn: ['shapes.onnx'],
  finetune: ['groups.onnx'],
};

it('covers every example but train.ts, myNet.ts, the page in browser/ and the scripts in import/', async () => {
  const names = (await readdir(examples)).map((file) => file.replace(/\.ts$/, ''));
  expect(names.toSorted()).toEqual(
    [...Object.keys(checks), 'myNet', 'train', 'browser', 'import'].toSorted(),
  );
});

it.each(Object.keys(checks))(
  '%s learns',
  async (name) => {
    const outcome = await run(name);
    expect(outcome.written).toEqual(files[name] ?? []);
    checks[name]?.(outcome);
  },
  180_000,
);
