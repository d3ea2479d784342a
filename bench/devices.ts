// Checks whether devices leak. Each round opens a device, compiles and runs one training step, and disposes of
// everything. The threads and the resident memory over these rounds are compared with those of the bare library in the
// same loop. Prints a Markdown table, or JSON.
//   npm run bench:devices -- --rounds 300 --only onnx,webgpu --json
// Each measurement goes to stderr as soon as it is done. Linux only: it reads /proc/self/status. Neither threads nor slopes depend
// on the load of the machine.
import { execFile } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { defined } from 'isonet';

/** A measurement after a round and a garbage collection. */
export interface Reading {
  readonly threads: number;
  /** Resident memory. */
  readonly kilobytes: number;
}

/** Each device, and the bare library that it is compared with. The reference uses no library. */
const pairs = [
  ['reference:cpu', undefined],
  ['onnx:cpu', 'bare ONNX Runtime'],
  ['onnx:cpu in a worker', 'bare ONNX Runtime in a worker'],
  ['tfjs:cpu', 'bare TensorFlow.js, cpu'],
  ['tfjs:wasm', 'bare TensorFlow.js, wasm'],
  ['webgpu:software', 'bare Dawn'],
] as const;

/** A candidate of bench/deviceRounds.ts. */
export type Candidate = Exclude<(typeof pairs)[number][number], undefined>;

/** The maximum difference between the slopes of a device and of its bare library, in kB per round. */
const MARGIN = 20;

interface Result {
  readonly name: Candidate;
  readonly rounds: number;
  /** The counts after the third round and after the last. */
  readonly threads: readonly [number, number];
  /** The minimum and the maximum count from the third round on. */
  readonly threadRange: readonly [number, number];
  readonly megabytes: readonly [number, number];
  /** The growth of resident memory in kB per round, by least squares over the last two thirds of the rounds. */
  readonly slope: number;
}

interface Row extends Result {
  readonly bare?: Result;
  readonly leaks: boolean;
}

async function measure(name: Candidate, rounds: number): Promise<Result> {
  const file = fileURLToPath(new URL('./deviceRounds.ts', import.meta.url));
  const flags = ['--expose-gc', '--conditions=@isonet/source', '--import', 'tsx'];
  const options = { maxBuffer: 2 ** 24 };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...flags, file, name, String(rounds)],
    options,
  );
  const readings = JSON.parse(stdout) as readonly Reading[];
  const third = defined(readings[2], 'the reading of the third round');
  const last = defined(readings.at(-1), 'the last reading');
  const threads = readings.slice(2).map((reading) => reading.threads);
  const result: Result = {
    name,
    rounds,
    threads: [third.threads, last.threads],
    threadRange: [Math.min(...threads), Math.max(...threads)],
    megabytes: [third.kilobytes / 1024, last.kilobytes / 1024],
    slope: slopeOf(readings.slice(Math.floor(rounds / 3)).map(({ kilobytes }) => kilobytes)),
  };
  process.stderr.write(`${JSON.stringify(result)}\n`);
  return result;
}

/** Returns the least-squares slope, per element of the list. */
function slopeOf(values: readonly number[]): number {
  const [x, y] = [(values.length - 1) / 2, values.reduce((sum, value) => sum + value, 0) / values.length];
  const products = values.map((value, i) => (i - x) * (value - y));
  const squares = values.map((_, i) => (i - x) ** 2);
  const total = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0);
  return total(products) / total(squares);
}

async function rowOf(name: Candidate, bareName: Candidate | undefined, rounds: number): Promise<Row> {
  const own = await measure(name, rounds);
  const bare = bareName === undefined ? undefined : await measure(bareName, rounds);
  // If the bare library frees memory during these rounds, the device does not have to.
  const most = (bare ? Math.max(0, bare.slope) : 0) + MARGIN;
  const [first, last] = own.threads;
  return { ...own, ...(bare ? { bare } : {}), leaks: last > first || own.slope > most };
}

function tableOf(rows: readonly Row[]): string {
  const header = [
    'device',
    'threads',
    'MB after round 3',
    'MB after the last',
    'kB per round',
    'bare library, kB per round',
    'leaks',
  ];
  const lines = rows.map(({ name, threads, threadRange, megabytes, slope, bare, leaks }) => {
    const [least, most] = threadRange;
    const shown = least === most ? `${least}` : `${least} to ${most}, ${threads[1]} at the end`;
    const [first, last] = megabytes.map((value) => value.toFixed(0));
    return [
      name,
      shown,
      first,
      last,
      slope.toFixed(1),
      bare ? bare.slope.toFixed(1) : '',
      leaks ? 'yes' : 'no',
    ];
  });
  return [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      rounds: { type: 'string', default: '300' },
      /** Prefixes of device names; default: all. */
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(options.rounds);
  if (!Number.isInteger(rounds) || rounds < 6)
    throw new Error(`--rounds: expected at least 6, got ${options.rounds}`);
  const wanted = options.only?.split(',') ?? [''];
  const rows: Row[] = [];
  for (const [name, bare] of pairs) {
    if (wanted.some((prefix) => name.startsWith(prefix))) rows.push(await rowOf(name, bare, rounds));
  }
  const machine = `${cpus()[0]?.model}, ${availableParallelism()} cores, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, rounds, rows }, null, 2)}\n`);
  else
    process.stdout.write(
      `${machine}\n${rounds} rounds, slopes of the last ${rounds - Math.floor(rounds / 3)}\n\n${tableOf(rows)}`,
    );
  if (rows.some(({ leaks }) => leaks)) process.exitCode = 1;
}

await main();
