// The context of benchmarks in tests: the tiny network, the reference backend, and fake candidates.
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { reference } from '@isonet/backend-reference';
import type { BackendEntry, ModelEntry } from '@isonet/runs';
import { tinyEntry } from '../../runs/test/tiny.ts';
import type { BenchContext, CandidateSpec } from '../src/candidates/find.ts';

export const tinyTables: {
  readonly models: readonly ModelEntry[];
  readonly backends: readonly BackendEntry[];
} = {
  models: [tinyEntry(28)],
  backends: [{ name: 'reference', load: () => Promise.resolve(reference) }],
};

const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Arguments of Node that run TypeScript. */
export const typeScript: readonly string[] = [...conditions, '--import', tsx];

export const context: BenchContext = {
  ...tinyTables,
  cwd: tmpdir(),
  candidate: [process.execPath, ...typeScript, fileURLToPath(new URL('serveTiny.ts', import.meta.url))],
};

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The answers and the fault of a fake candidate; see fakeCandidate.mjs. */
export interface FakeSettings {
  readonly name: string;
  readonly log?: string;
  readonly time?: number;
  readonly logit?: number;
  /** Default: 2.3; null: it sends none. */
  readonly loss?: number | null;
  readonly on?: string;
  readonly after?: number;
  readonly bad?: string;
  readonly text?: string;
  readonly first?: number;
  readonly deviceBytes?: number;
  /** The memory that it allocates at its check, in bytes. */
  readonly checkBytes?: number;
  /** The file to which it writes its process id. */
  readonly pidFile?: string;
}

export function fakeCommand(settings: FakeSettings): readonly string[] {
  const program = fileURLToPath(new URL('fakeCandidate.mjs', import.meta.url));
  return [process.execPath, program, JSON.stringify(settings)];
}

/** Creates a fake candidate, by default an isonet candidate, because a rival needs one to be checked against. */
export function fake(settings: FakeSettings, kind: CandidateSpec['kind'] = 'isonet'): CandidateSpec {
  return {
    name: settings.name,
    kind,
    device: null,
    works: ['forward', 'step'],
    mayRefuse: false,
    command: () => fakeCommand(settings),
  };
}

/** Creates a folder that is removed after the test. */
export async function temporaryFolder(onFinished: (remove: () => Promise<void>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isonet-bench-test-'));
  onFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
