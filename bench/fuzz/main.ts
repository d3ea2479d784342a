// Fuzzes isonet's parsers. Each case is generated from (seed, target, index); for each, the parser must return a valid
// value or throw an isonet error, in bounded time and memory. Prints the outcomes, the coverage of each parser, and the
// smallest input found for a fault.
//   npm run bench:fuzz -- --cases 1000000 --seed 1
//   npm run bench:fuzz -- --target idx --seed 1 --case 4711
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.ts';
import type { Outcome, Target } from './target.ts';

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '0' },
    target: { type: 'string' },
    case: { type: 'string' },
    faults: { type: 'string', default: '.cache/fuzz' },
    json: { type: 'boolean', default: false },
    // Counting blocks makes the fuzzer up to twice as slow.
    coverage: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

/** The maximum processor time of a case. */
const SECONDS = 5;
/** The number of faults after which a target is stopped. */
const MAX_FAULTS = 20;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
/** Prints a fault, to stderr if stdout is JSON. */
const note = (line: string): void => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
/** On a terminal, prints a line that replaces the previous one. */
const progress = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
};
const percent = ([covered, all]: readonly [number, number]): string =>
  `${((100 * covered) / Math.max(1, all)).toFixed(1)} % (${covered}/${all})`;

const coverage = options.coverage ? await Coverage.start() : undefined;
const { Random } = await import('./random.ts');
const { shrunk } = await import('./shrink.ts');
const { Fault } = await import('./target.ts');
const { targets } = await import('./targets/index.ts');

const seed = Number(options.seed);
const chosen = targets.filter(({ name }) => options.target === undefined || name === options.target);
if (chosen.length === 0) {
  throw new Error(
    `--target ${options.target}: expected one of ${targets.map(({ name }) => name).join(', ')}`,
  );
}

/** Runs a case. @returns its outcome, or a fault of any kind, including time and memory */
async function run(target: Target, index: number): Promise<Outcome | InstanceType<typeof Fault>> {
  const input = target.generate(Random.of(seed, target.name, index));
  const peak = process.resourceUsage().maxRSS;
  const cpu = process.cpuUsage();
  let outcome: Outcome | InstanceType<typeof Fault>;
  try {
    outcome = await target.examine(input);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  // The peak of the process rises if a case takes more memory than any before it.
  const megabytes = (process.resourceUsage().maxRSS - peak) / 1024;
  const isMuch = megabytes > target.megabytes + (16 * input.length) / 2 ** 20;
  // It also rises with the garbage of earlier cases, so a separate process repeats the case.
  if (isMuch && (options.case !== undefined || !passesAlone(target, index))) {
    return new Fault('memory', `${megabytes.toFixed(0)} MB for ${input.length} bytes`);
  }
  const seconds = process.cpuUsage(cpu).user / 1e6;
  return seconds > SECONDS ? new Fault('time', `${seconds.toFixed(1)} s for ${input.length} bytes`) : outcome;
}

function passesAlone({ name }: Target, index: number): boolean {
  const one = ['--target', name, '--seed', String(seed), '--case', String(index), '--no-coverage'];
  const { status } = spawnSync(process.execPath, [
    ...process.execArgv,
    fileURLToPath(import.meta.url),
    ...one,
  ]);
  return status === 0;
}

async function report(target: Target, index: number, fault: InstanceType<typeof Fault>): Promise<void> {
  const input = target.generate(Random.of(seed, target.name, index));
  const least = await shrunk(target, input, fault);
  mkdirSync(options.faults, { recursive: true });
  const file = join(options.faults, `${target.name}-${seed}-${index}`);
  writeFileSync(file, least);
  progress('');
  note(`  FAULT ${fault.message}`);
  note(
    `    --target ${target.name} --seed ${seed} --case ${index}; reproduced by ${least.length} bytes: ${file}`,
  );
}

process.on('unhandledRejection', (error) => {
  throw error;
});

let faults = 0;
for (const target of chosen) {
  const [first, cases] = options.case === undefined ? [0, Number(options.cases)] : [Number(options.case), 1];
  const counts = new Map<string, number>();
  const kinds = new Set<string>();
  const started = performance.now();
  for (let index = first; index < first + cases && kinds.size < MAX_FAULTS; index++) {
    if (index % 256 === 0) progress(`${target.name}: ${index - first} of ${cases}`);
    const outcome = await run(target, index);
    const word = outcome instanceof Fault ? `fault ${outcome.kind}` : outcome;
    counts.set(word, (counts.get(word) ?? 0) + 1);
    if (!(outcome instanceof Fault)) continue;
    faults++;
    if (kinds.has(outcome.kind)) continue;
    kinds.add(outcome.kind);
    await report(target, index, outcome);
  }
  const seconds = (performance.now() - started) / 1000;
  const found = [...counts].toSorted((a, b) => b[1] - a[1]).map(([word, count]) => `${word} ${count}`);
  progress('');
  if (options.json) {
    const outcomes = Object.fromEntries(counts);
    print(JSON.stringify({ target: target.name, cases, seed, faults: kinds.size, seconds, outcomes }));
    continue;
  }
  print(
    `${target.name}: ${cases} cases, seed ${seed}, ${kinds.size} faults, ${seconds.toFixed(0)} s; ${found.join(', ')}`,
  );
}
if (coverage && !options.json) {
  for (const { source, lines, branches, missed } of await coverage.take([
    ...new Set(chosen.flatMap(({ sources }) => sources)),
  ])) {
    const list = missed.length === 0 ? '' : `; not run: ${missed.join(', ')}`;
    print(`${source}: lines ${percent(lines)}, branches ${percent(branches)}${list}`);
  }
}
process.exitCode = faults > 0 ? 1 : 0;
