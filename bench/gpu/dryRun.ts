// Builds the pack and runs it as on the bare machine: with an empty environment, no network, an empty home, and no Node
// but the pack's. The parts run on a software driver and ONNX Runtime's cpu, with a forged CUDA provider. Then runs the
// pack twice more, each time with one library removed.
//   node --conditions=@isonet/source --import tsx bench/gpu/dryRun.ts [--pack FOLDER] [--keep]
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { defined } from '@isonet/core';
import { findSoftware, unpackSoftware } from '../../packages/backend-webgpu/src/adapters/software.ts';
import { bytesOf, MEBIBYTE, MOST_BYTES } from './pack/archives.mjs';
import type { Finished } from './run/results.ts';
import { schedule } from './run/schedule.ts';
import { linkTools, pathOf, pythonPath } from './test/bareTools.ts';
import { forgeWheel } from './test/forged.ts';

const { values: options } = parseArgs({
  options: {
    /** An existing pack, with its CUDA provider. */
    pack: { type: 'string' },
    /** Keeps all files, and prints their folder. */
    keep: { type: 'boolean', default: false },
  },
});

const LIMIT_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), 'isonet-dry-'));
const problems: string[] = [];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function check(holds: boolean, problem: string): void {
  if (holds) return;
  problems.push(problem);
  say(`PROBLEM: ${problem}`);
}

function timed<T>(what: string, work: () => T): T {
  const began = Date.now();
  const result = work();
  say(`${what}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
  return result;
}

/** Finds the ONNX Runtime of this checkout: the original package, which the platform's package copies. */
function installedRuntime(): { readonly file: string; readonly version: string } {
  const described = new URL('../../platforms/onnxruntime/library.json', import.meta.url);
  const { from, platforms } = JSON.parse(readFileSync(described, 'utf8')) as {
    from: { name: string; version: string };
    platforms: { 'linux-x64': readonly { name: string; from: string }[] };
  };
  const require = createRequire(new URL('../../packages/backend-onnx/package.json', import.meta.url));
  const original = dirname(require.resolve(`${from.name}/package.json`));
  const library = platforms['linux-x64'].find(({ name }) => name.startsWith('libonnxruntime.'));
  return { file: join(original, defined(library, 'ONNX Runtime itself').from), version: from.version };
}

/** Builds the pack, or uses an existing one, and checks its size. */
function pack(): string {
  const out = options.pack ?? join(folder, 'pack');
  if (options.pack === undefined) {
    mkdirSync(join(folder, 'wheel'));
    const wheel = forgeWheel(join(folder, 'wheel'), installedRuntime());
    const script = fileURLToPath(new URL('pack.mjs', import.meta.url));
    execFileSync(process.execPath, [script, '--out', out, '--wheel', wheel], { stdio: 'inherit' });
  }
  for (const name of readdirSync(out)) {
    const bytes = bytesOf(join(out, name));
    say(`${name}: ${(bytes / MEBIBYTE).toFixed(1)} MiB`);
    check(bytes <= MOST_BYTES, `${name} is larger than ${MOST_BYTES / MEBIBYTE} MiB`);
  }
  return out;
}

interface Run {
  readonly parts: readonly Finished[];
  readonly code: number | null;
  readonly output: string;
}

/** A machine with only the pack, a driver and the basic system tools. */
class BareMachine {
  readonly #driver: string;
  readonly #python: string;

  constructor(packed: string, driver: string) {
    this.#driver = join(folder, 'driver', 'vk_swiftshader_icd.json');
    cpSync(dirname(driver), dirname(this.#driver), { recursive: true });
    cpSync(packed, join(folder, 'bare'), { recursive: true });
    mkdirSync(join(folder, 'home'));
    linkTools(join(folder, 'bin'));
    this.#python = pythonPath();
  }

  run(out: string, parts: readonly string[]): Run {
    const results = join(folder, out);
    const env = {
      HOME: join(folder, 'home'),
      PATH: join(folder, 'bin'),
      PYTHON: this.#python,
      OUT: results,
      BUDGET: String(LIMIT_MS / 1000),
      ISONET_GPU_WORK: join(folder, 'work'),
      ISONET_SOFTWARE_DRIVER: this.#driver,
      ...(offline.length > 0 ? {} : { http_proxy: NO_PROXY, https_proxy: NO_PROXY }),
    };
    const [program = 'bash', ...args] = [
      ...offline,
      pathOf('bash'),
      join(folder, 'bare', 'base', 'run.sh'),
      ...parts,
    ];
    const { status, stdout, stderr } = spawnSync(program, args, {
      env,
      encoding: 'utf8',
      timeout: LIMIT_MS,
      maxBuffer: 2 ** 26,
    });
    const output = stdout + stderr;
    const file = join(results, 'summary.json');
    if (!existsSync(file)) throw new Error(`run.sh wrote no summary; it printed:\n${output}`);
    const { parts: finished } = JSON.parse(readFileSync(file, 'utf8')) as { parts: readonly Finished[] };
    return { parts: finished, code: status, output };
  }

  /** Runs parts while a library is missing from every folder into which it was unpacked. */
  without(name: string, out: string, parts: readonly string[]): Run {
    const paths = unpacked(name);
    check(paths.length > 0, `${name} is not in the pack`);
    for (const path of paths) renameSync(path, `${path}.away`);
    try {
      return timed(`without ${name}`, () => this.run(out, parts));
    } finally {
      for (const path of paths) renameSync(`${path}.away`, path);
    }
  }
}

/** Lists all files of that name in the unpacked pack. */
function unpacked(name: string): readonly string[] {
  const entries = readdirSync(join(folder, 'work'), { recursive: true, encoding: 'utf8' });
  return entries.filter((entry) => basename(entry) === name).map((entry) => join(folder, 'work', entry));
}

/** A proxy address on which nothing listens. */
const NO_PROXY = 'http://127.0.0.1:9';
const offline = ownNetwork();

/**
 * Returns the command that runs another in a network without interfaces; empty if this user may not create such a
 * network.
 */
function ownNetwork(): readonly string[] {
  const command = [pathOf('unshare'), '--net'] as const;
  return spawnSync(command[0], [command[1], pathOf('true')]).status === 0 ? command : [];
}

function outcomeOf({ parts }: Run, name: string): Finished | undefined {
  return parts.find(({ part }) => part === name);
}

/** Checks that each part ran and left results. */
function checkWhole(run: Run): void {
  for (const { name } of schedule) {
    const finished = outcomeOf(run, name);
    if (finished === undefined) {
      check(false, `${name} is not in the summary`);
      continue;
    }
    say(`  ${name}: ${finished.outcome}, ${finished.seconds.toFixed(1)} s, ${finished.line}`);
    const text = readFileSync(join(folder, 'results', `${name}.json`), 'utf8');
    const { results, line } = JSON.parse(text) as { results: object; line: string };
    // PyTorch takes 5 GB and may be missing; then the part has to report that.
    const noTorch = name === 'torch' && finished.line.startsWith('PyTorch cannot be imported: ');
    check(
      finished.outcome === (noTorch ? 'failed' : 'passed'),
      `${name} ${finished.outcome}: ${finished.line}`,
    );
    check(line !== '', `${name}.json has no line`);
    check(noTorch || Object.keys(results).length > 0, `${name}.json has no results`);
  }
  const log = readFileSync(join(folder, 'results', 'log.txt'), 'utf8');
  check(log.includes('steps-webgpu'), 'log.txt has no steps');
  check(
    readFileSync(join(folder, 'results', 'tables.md'), 'utf8').includes('| nin-2 | step |'),
    'tables.md has no steps',
  );
}

/** Checks that the folder matches its manifest, as @isonet/backend-onnx does before it opens anything. */
function checkProvider(): void {
  const provider = join(folder, 'work', 'cuda');
  const manifest = JSON.parse(readFileSync(join(provider, 'manifest.json'), 'utf8')) as {
    files: Record<string, { bytes: number }>;
  };
  const names = Object.keys(manifest.files);
  check(names.length === 5, `the manifest lists ${names.join(', ')}`);
  for (const [name, { bytes }] of Object.entries(manifest.files)) {
    const got = readFileSync(join(provider, name)).length;
    check(got === bytes, `${name}: expected ${bytes} bytes, as in the manifest, got ${got}`);
  }
}

/** Checks that exactly these parts failed or were skipped, each for its reason, and that the others passed. */
function checkFailures(run: Run, reasons: Readonly<Record<string, RegExp>>): void {
  check(run.code === 1, `expected exit code 1, got ${run.code}`);
  for (const { part, outcome, line } of run.parts) {
    say(`  ${part}: ${outcome}, ${line}`);
    const reason = reasons[part];
    if (reason === undefined) check(outcome === 'passed', `${part} ${outcome}: ${line}`);
    else
      check(
        outcome !== 'passed' && reason.test(line),
        `${part} ${outcome}, expected ${String(reason)}: ${line}`,
      );
    check(run.output.includes(line), `the summary lacks ${part}'s line`);
  }
}

async function main(): Promise<void> {
  const software = findSoftware();
  if ('reason' in software) throw new Error(`${software.reason}; ${software.fix}`);
  const { manifest } = await unpackSoftware(software);
  const machine = new BareMachine(timed('packing', pack), manifest);

  say(offline.length > 0 ? 'no network' : 'a proxy that refuses connections: unshare is not permitted here');
  checkWhole(timed('all parts', () => machine.run('results', [])));
  checkProvider();

  const dawn = 'dawn.node';
  checkFailures(
    machine.without(dawn, 'without-dawn', ['adapters', 'products-webgpu', 'steps-cuda', 'system']),
    {
      adapters: /dawn\.node/,
      'products-webgpu': /WebGPU has no GPU here, see adapters/,
    },
  );
  const runtime = 'libonnxruntime.so.1';
  checkFailures(
    machine.without(runtime, 'without-onnxruntime', ['adapters', 'steps-webgpu', 'steps-cuda', 'system']),
    {
      'steps-cuda': /libonnxruntime\.so\.1/,
    },
  );
}

try {
  await main();
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error));
} finally {
  if (options.keep) say(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
if (problems.length > 0) {
  process.stderr.write(`the dry run fails:\n${problems.map((problem) => `  ${problem}\n`).join('')}`);
  process.exitCode = 1;
}
