// Runs ONNX's own backend tests on every device of every backend, or on some, and holds them to the list of those that pass
// (packages/conformance/onnxCases.json). A listed case that fails and another that passes are errors.
//   npm run onnx:cases
//   npm run onnx:cases -- --backend onnx --device portable --filter node/test_conv
//   npm run onnx:cases -- --backend ./mine.js --data FOLDER --json
//   npm run onnx:cases -- --record         writes the list anew; reasons that it has already stay
// Debian's libonnx-testdata has the tests; --data names another folder.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { backends } from '@isonet/cli';
import type { OnnxOutcome, Prepared } from '@isonet/conformance/onnx';
import {
  findOnnxCases,
  isFolded,
  isOnnxError,
  onnxCaseList,
  prepare,
  runOnnxCase,
} from '@isonet/conformance/onnx';
import type { Backend, DeviceInfo } from '@isonet/core';
import { externalBackend } from '@isonet/runs';
import { format, resolveConfig } from 'prettier';

const LIST = fileURLToPath(new URL('../packages/conformance/onnxCases.json', import.meta.url));

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: '/usr/share/libonnx-testdata/data' },
    backend: { type: 'string', default: 'all' },
    device: { type: 'string' },
    filter: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

interface Subject {
  readonly name: string;
  readonly backend: Backend;
  readonly info: DeviceInfo;
}

async function subjects(): Promise<readonly Subject[]> {
  const names = backends.map(({ name }) => name);
  const chosen = backends.filter(({ name }) => options.backend === 'all' || options.backend === name);
  const entries = chosen.length > 0 ? chosen : [await externalBackend(options.backend, process.cwd(), names)];
  const found: Subject[] = [];
  for (const entry of entries) {
    const backend = await entry.load();
    const probe = await backend.probe();
    if (!probe.ok) {
      note(`left out: ${entry.name}: ${probe.reason}; ${probe.fix}`);
      continue;
    }
    for (const info of probe.devices) {
      if (options.device !== undefined && options.device !== info.id) continue;
      found.push({ name: `${entry.name} (${info.id})`, backend, info });
    }
  }
  if (found.length === 0) throw new Error(`--device ${options.device ?? ''}: there is no such device`);
  return found;
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A line that replaces the one before, on a terminal. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
}

const list = onnxCaseList();
const cases = (await findOnnxCases(options.data)).filter(({ key }) => key.includes(options.filter));
const known = new Set(cases.map(({ key }) => key));
const lacking = [...list.passing, ...list.folded, ...Object.keys(list.rest)].filter(
  (key) => key.includes(options.filter) && !known.has(key),
);
for (const key of lacking) print(`ERROR ${key}: it is listed, and not in ${options.data}`);
let errors = lacking.length;

const prepared: Prepared[] = [];
for (const test of cases) {
  progress(`reading ${prepared.length + 1} of ${cases.length}: ${test.key}`);
  prepared.push(await prepare(test));
}

/** Reasons by key, of all devices. */
const reasons = new Map<string, string>();
for (const { name, backend, info } of await subjects()) {
  const started = performance.now();
  await using device = await backend.open({ device: info.id });
  const outcomes: OnnxOutcome[] = [];
  for (const each of prepared) {
    progress(`${name}: ${outcomes.length + 1} of ${prepared.length}: ${each.key}`);
    const outcome = await runOnnxCase(device, each, list);
    outcomes.push(outcome);
    if (outcome.reason !== undefined && !reasons.has(outcome.key)) reasons.set(outcome.key, outcome.reason);
  }
  progress('');
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const wrong = outcomes.filter(isOnnxError);
  if (!options.record) errors += wrong.length;
  const passed = outcomes.filter(({ reason }) => reason === undefined).length;
  if (options.json) {
    print(JSON.stringify({ event: 'device', name, passed, cases: outcomes.length, seconds, wrong }));
  } else {
    print(`${name}: ${passed} of ${outcomes.length} pass, ${wrong.length} not as listed, in ${seconds} s`);
    if (!options.record) {
      for (const { key, status, reason = 'it passes' } of wrong)
        print(`  ERROR ${key}: ${status}: ${reason}`);
    }
  }
}

if (options.record) await record();
process.exitCode = errors > 0 ? 1 : 0;

/** Writes which cases passed on every device that was run. */
async function record(): Promise<void> {
  const rest = [...known]
    .filter((key) => reasons.has(key))
    .map((key) => [key, list.rest[key] ?? reasons.get(key)] as const);
  const passed = prepared.filter(({ key }) => !reasons.has(key));
  const keysOf = (all: readonly Prepared[]): readonly string[] => all.map(({ key }) => key);
  const passing = keysOf(passed.filter((each) => !isFolded(each)));
  const folded = keysOf(passed.filter((each) => isFolded(each)));
  const text = JSON.stringify({ passing, folded, rest: Object.fromEntries(rest) });
  const config = await resolveConfig(LIST);
  const old = await readFile(LIST, 'utf8').catch(() => '');
  const next = await format(text, { ...config, parser: 'json' });
  if (next !== old) await writeFile(LIST, next);
  print(`${LIST}: ${passing.length} pass, ${folded.length} fold, ${rest.length} do not pass`);
}
