// Runs ONNX's own backend tests on every device of every backend, or on selected ones, and compares the results with the list of
// passing cases (packages/onnx-backend-tests/cases.json). A listed case that fails and an unlisted one that passes are errors.
//   npm run onnx:cases
//   npm run onnx:cases -- --backend onnx --device portable --filter node/test_conv
//   npm run onnx:cases -- --backend ./mine.js --data FOLDER --json
//   npm run onnx:cases -- --record         rewrites the list, and keeps the reasons that it contains
// The tests come from Debian's libonnx-testdata; --data names another folder.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { backends } from '@isonet/cli';
import type { Backend, DeviceInfo } from '@isonet/core';
import { IsonetError } from '@isonet/core';
import type { OnnxCaseList, OnnxOutcome, PartlyPassing, Prepared } from '@isonet/onnx-backend-tests';
import {
  findOnnxCases,
  isFolded,
  differsFromList,
  onnxCaseList,
  prepareOnnxCase,
  runOnnxCase,
} from '@isonet/onnx-backend-tests';
import type { BackendEntry } from '@isonet/runs';
import { externalBackend, UsageError } from '@isonet/runs';
import { format, resolveConfig } from 'prettier';

const LIST = fileURLToPath(new URL('../packages/onnx-backend-tests/cases.json', import.meta.url));

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: '/usr/share/libonnx-testdata/data' },
    /** Default: all backends. */
    backend: { type: 'string', multiple: true, default: [] },
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
  const wanted = options.backend.length === 0 ? names : options.backend;
  const entries: BackendEntry[] = [];
  for (const name of wanted) {
    const own = backends.find((each) => each.name === name);
    entries.push(own ?? (await externalBackend(name, process.cwd(), names)));
  }
  const found: Subject[] = [];
  for (const entry of entries) {
    const backend = await entry.load();
    const probe = await backend.probe();
    if (!probe.ok) {
      note(`skipped: ${entry.name}: ${probe.reason}; ${probe.fix}`);
      continue;
    }
    for (const info of probe.devices) {
      if (options.device !== undefined && options.device !== info.id) continue;
      found.push({ name: `${entry.name} (${info.id})`, backend, info });
    }
  }
  if (found.length === 0)
    throw new UsageError(`--device ${options.device ?? ''}: no selected backend has this device`);
  return found;
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** On a terminal, prints a line that replaces the previous one. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
}

process.on('uncaughtException', (error) => {
  note(
    error instanceof IsonetError || error instanceof UsageError
      ? error.message
      : (error.stack ?? String(error)),
  );
  process.exit(2);
});

const list = onnxCaseList();
/** The list to compare with. When recording, it is empty, so that the old list has no effect. */
const expected: OnnxCaseList = options.record
  ? { passing: [], folded: [], partly: {}, operators: {}, rest: {} }
  : list;
const cases = (await findOnnxCases(options.data)).filter(({ key }) => key.includes(options.filter));
const known = new Set(cases.map(({ key }) => key));
const lacking = [
  ...list.passing,
  ...list.folded,
  ...Object.keys(list.partly),
  ...Object.keys(list.rest),
].filter((key) => key.includes(options.filter) && !known.has(key));
for (const key of lacking) print(`ERROR ${key}: listed, but missing from ${options.data}`);
let errors = lacking.length;

const prepared: Prepared[] = [];
for (const test of cases) {
  progress(`reading ${prepared.length + 1} of ${cases.length}: ${test.key}`);
  prepared.push(await prepareOnnxCase(test));
}

/** By key, then by backend: the reason why a device of the backend did not pass. Contains only cases that failed on some device. */
const failures = new Map<string, Map<string, string>>();
const ran = new Set<string>();
for (const { name, backend, info } of await subjects()) {
  const started = performance.now();
  ran.add(backend.name);
  await using device = await backend.open({ device: info.id });
  const outcomes: OnnxOutcome[] = [];
  for (const each of prepared) {
    progress(`${name}: ${outcomes.length + 1} of ${prepared.length}: ${each.key}`);
    const outcome = await runOnnxCase(device, each, { list: expected, backend: backend.name });
    outcomes.push(outcome);
    const { reason } = outcome;
    const byBackend = failures.get(each.key) ?? new Map<string, string>();
    if (reason !== undefined) failures.set(each.key, byBackend.set(backend.name, reason));
  }
  progress('');
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const wrong = outcomes.filter(differsFromList);
  if (!options.record) errors += wrong.length;
  const passed = outcomes.filter(({ reason }) => reason === undefined).length;
  if (options.json) {
    print(JSON.stringify({ event: 'device', name, passed, cases: outcomes.length, seconds, wrong }));
  } else {
    const listed = options.record ? '' : `, ${wrong.length} differ from the list`;
    print(`${name}: ${passed} of ${outcomes.length} pass${listed}, in ${seconds} s`);
    if (!options.record) {
      for (const { key, status, reason = 'it passes' } of wrong)
        print(`  ERROR ${key}: ${status}: ${reason}`);
    }
  }
}

if (options.record) await record();
process.exitCode = errors > 0 ? 1 : 0;

/** Rewrites the list from the results of the devices that ran. */
async function record(): Promise<void> {
  const passed = prepared.filter(({ key }) => !failures.has(key));
  const keysOf = (all: readonly Prepared[]): readonly string[] => all.map(({ key }) => key);
  const partly: [string, PartlyPassing][] = [];
  const rest: [string, string][] = [];
  for (const { key } of prepared) {
    const byBackend = failures.get(key);
    const [first] = byBackend?.values() ?? [];
    if (!byBackend || first === undefined) continue;
    const failsOn = [...byBackend.keys()];
    if (failsOn.length === ran.size) rest.push([key, list.rest[key] ?? first]);
    else partly.push([key, { failsOn, reason: list.partly[key]?.reason ?? first }]);
  }
  const operators = new Map<string, string>();
  const run = passed.filter((each) => !isFolded(each));
  for (const each of [...passed.filter(isFolded), ...run.toReversed()]) {
    for (const operator of 'operators' in each ? each.operators : []) operators.set(operator, each.key);
  }
  const next: OnnxCaseList = {
    passing: keysOf(run),
    folded: keysOf(passed.filter(isFolded)),
    partly: Object.fromEntries(partly),
    operators: Object.fromEntries([...operators].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    rest: Object.fromEntries(rest),
  };
  const config = await resolveConfig(LIST);
  await writeFile(LIST, await format(JSON.stringify(next), { ...config, parser: 'json' }));
  print(
    `${LIST}: ${next.passing.length} pass, ${next.folded.length} fold, ${partly.length} pass on some backends, ${rest.length} do not`,
  );
}
