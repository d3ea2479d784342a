// Resolves the candidates: isonet's devices and other libraries. A missing named candidate causes an error before anything is measured.
import type { Backend, DeviceInfo, Probe } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { BackendEntry, RunContext } from '@isonet/runs';
import { deviceOfRank, nearest, probe, ranks, unknownName, UsageError } from '@isonet/runs';
import type { BenchOptions } from '../options.ts';
import { WORKS } from '../options.ts';
import type { CandidateResult, MissingCandidate, Work } from '../report.ts';
import { findRival, rivals as knownRivals } from '../rivals/index.ts';
import type { SubjectRequest } from '../subject.ts';
import type { IsonetSpec } from './isonet.ts';
import { backendEntry } from './isonet.ts';

/** The context of a benchmark. */
export interface BenchContext extends RunContext {
  /**
   * The program that serves isonet's own candidates, with its first arguments. It calls `serveCandidate` with the same tables and
   * its last argument.
   */
  readonly candidate: readonly string[];
}

/** A candidate before it is opened. */
export interface CandidateSpec {
  readonly name: string;
  readonly kind: CandidateResult['kind'];
  /** The device; null: the default of the library. */
  readonly device: string | null;
  readonly works: readonly Work[];
  /** True for a candidate that `all` selects: if it refuses to open, the benchmark does not fail. */
  readonly mayRefuse: boolean;
  /** Returns the program that measures a network, with its arguments. */
  readonly command: (request: SubjectRequest) => readonly string[];
}

/** All candidates of a benchmark. */
export interface CandidateSpecs extends Found {
  readonly specs: readonly CandidateSpec[];
}

type Named = Omit<CandidateSpec, 'mayRefuse'>;

interface Found {
  readonly specs: readonly Named[];
  /** The candidates that `all` would select if they were available. */
  readonly missing: readonly MissingCandidate[];
}

/**
 * Finds the candidates, isonet's own first.
 * @throws UsageError for an unknown name, and for a rival that supports none of the work; BackendError, with a fix, for a named candidate
 *   that is not available
 */
export async function findCandidates(context: BenchContext, options: BenchOptions): Promise<CandidateSpecs> {
  const { backend = ['auto'], rivals = [], work = WORKS } = options;
  const [allBackends, allRivals] = [backend.includes('all'), rivals.includes('all')];
  const isonet = await (allBackends ? everyBackend(context) : namedBackends(context, backend));
  const others = await (allRivals ? everyRival(context) : namedRivals(context, rivals, work));
  const specs = [
    ...isonet.specs.map((spec) => ({ ...spec, mayRefuse: allBackends })),
    ...others.specs.map((spec) => ({ ...spec, mayRefuse: allRivals })),
  ];
  const names = specs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    const isAuto = backend.includes('auto') && isonet.specs.some(({ name }) => name === twice);
    throw new UsageError(`${twice} is requested twice${isAuto ? ' (auto may select it)' : ''}: remove one`);
  }
  return { specs, missing: [...isonet.missing, ...others.missing] };
}

/**
 * Splits `webgpu:software` into `webgpu` and `software`. A device may contain a colon: `torch:cuda:0`. If the text after a colon contains
 * a path separator, it is part of a path: `C:\mine.js`.
 * @param known names that end at the first colon; in a path, the device starts after the last colon
 * @throws UsageError if nothing follows the colon
 */
function split(
  given: string,
  { flag, known }: { readonly flag: string; readonly known: readonly string[] },
): { readonly name: string; readonly device: string | undefined } {
  const isKnown = known.some((name) => given.startsWith(`${name}:`));
  const at = isKnown ? given.indexOf(':') : given.lastIndexOf(':');
  const device = given.slice(at + 1);
  if (at < 0 || (!isKnown && /[/\\]/.test(device))) return { name: given, device: undefined };
  if (device === '') throw new UsageError(`${flag} ${given}: expected a device after the colon`);
  return { name: given.slice(0, at), device };
}

async function namedBackends(context: BenchContext, given: readonly string[]): Promise<Found> {
  const specs: Named[] = [];
  const known = ['auto', ...context.backends.map(({ name }) => name)];
  for (const one of given) {
    const { name, device } = split(one, { flag: '--backend', known });
    if (name === 'auto') {
      if (device !== undefined)
        throw new UsageError(`--backend ${one}: auto has no devices: choose a backend`);
      specs.push(await fastest(context));
    } else {
      const entry = await backendEntry(context, name);
      const found = await probe(entry);
      if (!found.ok) {
        throw new BackendError(found.code, `backend ${name} is not available: ${found.reason}; ${found.fix}`);
      }
      const id = device === undefined ? ownDevice(entry, found).id : await named(entry, found, device);
      specs.push(isonetCandidateSpec(context, { backend: name, entry, id }));
    }
  }
  return { specs, missing: [] };
}

/** Returns the default device of `open`: the first that is not a software driver, else the first. */
function ownDevice({ name }: BackendEntry, found: Extract<Probe, { readonly ok: true }>): DeviceInfo {
  const info = found.devices.find(({ kind }) => kind !== 'software') ?? found.devices[0];
  if (info) return info;
  throw new BackendError('NO_DEVICE', `backend ${name} lists no device; report this to its author`);
}

/** Returns the id of a named device. Opens a device that the backend does not list, so that its error names what is missing. */
async function named(
  entry: BackendEntry,
  { devices }: Extract<Probe, { readonly ok: true }>,
  id: string,
): Promise<string> {
  const ids = devices.map((info) => info.id);
  if (ids.includes(id)) return id;
  if (nearest(id, ids) !== undefined) throw unknownName(`device of ${entry.name}`, id, ids);
  const backend: Backend = await entry.load();
  await using device = await backend.open({ device: id });
  return device.info.id;
}

/** Selects the device of `auto`, as all commands do. */
async function fastest(context: BenchContext): Promise<Named> {
  const reasons = new Map<string, string>();
  for (const rank of ranks) {
    const entry = context.backends.find(({ name }) => name === rank.backend);
    if (!entry) continue;
    const found = await probe(entry);
    const info = deviceOfRank(rank, found);
    if (info) return isonetCandidateSpec(context, { backend: entry.name, entry, id: info.id });
    if (!found.ok) reasons.set(entry.name, `${entry.name}: ${found.reason}, ${found.fix}`);
  }
  const why = [...reasons.values()].map((reason) => `; ${reason}`).join('');
  throw new BackendError('NO_BACKEND', `auto found no device: choose one with --backend${why}`);
}

/** Selects every device except software drivers and devices that need minutes for a step. */
async function everyBackend(context: BenchContext): Promise<Found> {
  const specs: Named[] = [];
  const missing: MissingCandidate[] = [];
  for (const entry of context.backends) {
    const found = await probe(entry);
    if (!found.ok) {
      missing.push({ name: entry.name, reason: found.reason, fix: found.fix });
      continue;
    }
    const quick = found.devices.filter(({ id, kind }) => kind !== 'software' && !isSlow(entry.name, id));
    for (const { id } of quick) specs.push(isonetCandidateSpec(context, { backend: entry.name, entry, id }));
  }
  if (specs.length > 0) return { specs, missing };
  throw new BackendError(
    'NO_BACKEND',
    'no fast device is available: choose one with --backend, see isonet backends',
  );
}

function isSlow(backend: string, device: string): boolean {
  return backend === 'reference' || (backend === 'tfjs' && device === 'cpu');
}

function isonetCandidateSpec(
  { candidate }: BenchContext,
  { backend, entry, id }: { readonly backend: string; readonly entry: BackendEntry; readonly id: string },
): Named {
  return {
    name: `${entry.name}:${id}`,
    kind: 'isonet',
    device: id,
    works: WORKS,
    command: (request) => [...candidate, JSON.stringify({ ...request, backend } satisfies IsonetSpec)],
  };
}

async function namedRivals(
  { cwd }: BenchContext,
  given: readonly string[],
  asked: readonly Work[],
): Promise<Found> {
  const specs: Named[] = [];
  const known = knownRivals.map(({ name }) => name);
  for (const one of given) {
    const { name, device } = split(one, { flag: '--rivals', known });
    const rival = await findRival(name, cwd);
    if (!asked.some((work) => rival.works.includes(work))) {
      const what = asked.map(cannot).join(' and ');
      throw new UsageError(`rival ${rival.name} ${what}; ${workFix(rival.works)}, or leave it out`);
    }
    const found = await rival.locate(cwd);
    if ('reason' in found) {
      throw new BackendError(
        'NO_RIVAL',
        `rival ${rival.name} is not available: ${found.reason}; ${found.fix}`,
      );
    }
    const own = device === undefined ? rival.name : `${rival.name}:${device}`;
    specs.push(rivalCandidateSpec(own, device ?? null, rival.works, found.command));
  }
  return { specs, missing: [] };
}

async function everyRival({ cwd }: BenchContext): Promise<Found> {
  const specs: Named[] = [];
  const missing: MissingCandidate[] = [];
  for (const rival of knownRivals) {
    const { name, works } = rival;
    const found = await rival.locate(cwd);
    if ('reason' in found) missing.push({ name, reason: found.reason, fix: found.fix });
    else specs.push(rivalCandidateSpec(name, null, works, found.command));
  }
  return { specs, missing };
}

function rivalCandidateSpec(
  name: string,
  device: string | null,
  works: readonly Work[],
  command: readonly string[],
): Named {
  return { name, kind: 'rival', device, works, command: () => command };
}

/** Lists candidates that do not support some of the requested work, once per kind of work. */
export function withoutWork(
  asked: readonly Work[],
  specs: readonly CandidateSpec[],
): readonly MissingCandidate[] {
  return [...new Set(asked)].flatMap((work) =>
    specs
      .filter(({ works }) => !works.includes(work))
      .map(({ name, works }) => ({
        name,
        reason: cannot(work),
        fix: workFix(works),
      })),
  );
}

function cannot(work: Work): string {
  return `cannot run ${work === 'step' ? 'training steps' : 'forward passes'}`;
}

function workFix(works: readonly Work[]): string {
  return `pass --work ${works.join(',')}`;
}
