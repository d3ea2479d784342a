// isonet bisect MODEL: finds the first layer whose result is wrong on a backend, forward or backward, and writes a minimal
// reproduction.
import { join } from 'node:path';
import type { Bisection, Finding, Problem, ScriptedDevice } from '@isonet/bisect';
import {
  bisect as search,
  findingLines,
  layerText,
  nodesText,
  reproduction,
  trainingProblem,
} from '@isonet/bisect';
import type { ImageClassifier, Tensors } from '@isonet/core';
import { defined } from '@isonet/core';
import type { BackendEntry, DeviceRequest, Dims, FolderName, OpenDevice } from '@isonet/runs';
import {
  backendLine,
  buildModel,
  checkFree,
  command,
  counted,
  externalBackend,
  findModel,
  loadRun,
  makeFolder,
  makeNumberedFolder,
  openDevice,
  UsageError,
  writeNewFile,
} from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { printJson, printLine, printNote } from '../io.ts';
import { deviceJson } from '../show/json.ts';
import { writingWhole } from '../stop.ts';

/** Options of {@link bisect}. */
export interface BisectOptions extends DeviceRequest {
  readonly backend: string;
  readonly against?: string;
  readonly againstDevice?: string;
  readonly batch?: number;
  readonly seed?: number;
  readonly batchNorm?: boolean;
  /** Sizes for the dynamic dimensions of an ONNX file. */
  readonly dims?: Dims;
  readonly run?: string;
  /** False: check only the forward pass. */
  readonly backward: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** The backend against which all others are judged. */
const REFERENCE = 'reference';

/** A backend that the user names: its source, and its device. */
interface Named {
  readonly entry: BackendEntry;
  readonly module: Omit<ScriptedDevice, 'options'>;
  /** Its device and the settings of the device. */
  readonly request: Omit<DeviceRequest, 'backend'>;
}

/** The destination of a reproduction. */
interface Place {
  readonly model: string;
  /** The folder in `bisect`, numbered if it exists already. */
  readonly name: string;
  /** The folder that the user names with --out. */
  readonly out: string | undefined;
}

/** Receives the progress of a search. */
interface SearchListener {
  readonly onDevice: (opened: OpenDevice) => void;
  /** Prints a line of the result for the user. */
  readonly say: (line: string) => void;
}

interface Outcome {
  readonly opened: OpenDevice;
  readonly bisection: Bisection;
  /** The folder of the reproduction, relative to the working directory. */
  readonly folder: string | undefined;
  /** The exit code of a signal that arrived while the reproduction was written. */
  readonly stopped: number | undefined;
}

/**
 * Searches one or two backends for wrong results.
 * @returns 0 if every node is right, 1 if one is wrong; 128 + the signal number if a signal arrived while files were written
 */
export async function bisect(context: Context, name: string, options: BisectOptions): Promise<number> {
  const { io } = context;
  const { batch = 2, seed = 0, backward, out, json = false } = options;
  const say = (line: string): void => (json ? undefined : printLine(io, line));
  const { model, weights } = await modelOf(context, name, options);
  // If the reader closes the pipe early, still write the reproduction, and return the exit code of the finding.
  io.onClosedOutput(() => undefined);
  const named = await backendsOf(context, options);
  const places = named.map(({ entry }, i): Place => {
    const own = i === 0 || out === undefined ? out : `${out}-${entry.name}`;
    return { model: model.name, name: `${model.name}-${entry.name}`, out: own };
  });
  for (const place of places) if (place.out !== undefined) await checkFree(io.cwd, place.out);
  const problem = trainingProblem(model, { batch, seed, backward, ...(weights ? { weights } : {}) });
  const nodes = problem.graph.nodes.length;
  const settings = { model: model.name, run: options.run ?? null, batch, seed, backward, nodes };
  const onDevice = (opened: OpenDevice): void => {
    if (json) printJson(io, { event: 'start', ...deviceJson(opened), ...settings });
    else printLine(io, backendLine(opened));
  };
  const own = weights && options.run === undefined ? `weights of ${name}` : 'initial weights';
  const from = options.run === undefined ? own : `weights of ${options.run}`;
  say(problemLine(model.name, problem, from, options));
  const outcomes: Outcome[] = [];
  for (const [i, place] of places.entries()) {
    const one = named[i];
    if (!one) continue;
    const outcome = await searchOn(io, one, problem, place, { say, onDevice });
    if (json) printJson(io, { event: 'result', ...outcomeJson(problem, outcome) });
    if (outcome.stopped !== undefined) return outcome.stopped;
    outcomes.push(outcome);
  }
  if (outcomes.length > 1) say(arbitration(outcomes));
  return outcomes.some(({ bisection }) => bisection.finding) ? 1 : 0;
}

/** Loads the model, and the weights to search with. @throws UsageError if the run belongs to another model */
async function modelOf(
  context: Context,
  name: string,
  { run, batchNorm, dims }: BisectOptions,
): Promise<{ readonly model: ImageClassifier; readonly weights?: Tensors }> {
  if (run === undefined) {
    const entry = await findModel(context, name, dims);
    const model = await buildModel(entry, batchNorm === undefined ? {} : { batchNorm });
    return { model, ...(entry.onnx ? { weights: entry.onnx.network.values } : {}) };
  }
  if (dims) throw new UsageError(`--run ${run} determines the sizes: leave out --dims`);
  const option = command`npx isonet bisect FILE --run ${run}`;
  const { model, weights, record } = await loadRun(context, run, name, option);
  if (batchNorm !== undefined && batchNorm !== record.options.batchNorm) {
    throw new UsageError(`--run ${run} determines the settings: leave out --batch-norm`);
  }
  return { model, weights };
}

/**
 * Lists the backends to search, without the reference, which is right by definition.
 * @throws UsageError if the reference is the only one
 */
async function backendsOf(context: Context, options: BisectOptions): Promise<readonly Named[]> {
  const { backend, device, threads, tf32, against = REFERENCE, againstDevice } = options;
  if (againstDevice !== undefined && against === REFERENCE) {
    throw new UsageError(`\`--against-device ${againstDevice}\` also needs \`--against NAME\``);
  }
  const requests = [
    { name: backend, request: { device, threads, tf32 } },
    { name: against, request: { device: againstDevice } },
  ].filter(({ name }) => name !== REFERENCE);
  if (requests.length === 0) {
    throw new UsageError(
      `\`--backend ${REFERENCE}\`: the reference judges the others and cannot be searched; choose another backend`,
    );
  }
  return Promise.all(requests.map(({ name, request }) => find(context, name, request)));
}

async function find({ io, backends }: Context, name: string, request: Named['request']): Promise<Named> {
  const entry = backends.find((one) => one.name === name);
  if (entry) return { entry, module: { module: `@isonet/backend-${name}`, exported: name }, request };
  const known = backends.map((one) => one.name);
  const { module, exported, ...external } = await externalBackend(name, io.cwd, known);
  return { entry: external, module: { module, exported }, request };
}

async function searchOn(
  io: Io,
  { entry, module, request }: Named,
  problem: Problem,
  place: Place,
  { say, onDevice }: SearchListener,
): Promise<Outcome> {
  const opened = await openDevice([entry], { ...request, backend: entry.name });
  const { backend } = opened;
  try {
    onDevice(opened);
    const bisection = await search(opened.device, problem, (text) => printNote(io, `${backend}: ${text}`));
    const { finding } = bisection;
    if (!finding) {
      say(rightLine(problem, backend, bisection));
      return { opened, bisection, folder: undefined, stopped: undefined };
    }
    findingLines(problem.graph, finding).forEach((line, i) =>
      say(i === 0 ? `${backend}: ${line}` : `  ${line}`),
    );
    const scripted = { ...module, options: { ...opened.settings, device: opened.device.info.id } };
    let folder: FolderName | undefined;
    const stopped = await writingWhole(io, 'the reproduction', async () => {
      folder = await writeReproduction(io, finding, scripted, `${place.model} on ${backend}`, place);
    });
    if (folder)
      say(`  to see it again: ${runnerOf(module.module)} ${command`${join(folder.shown, 'reproduce.mjs')}`}`);
    return { opened, bisection, folder: folder?.shown, stopped };
  } finally {
    await opened.device[Symbol.asyncDispose]();
  }
}

/** Returns the command that runs a script which imports this module. */
function runnerOf(module: string): 'node' | 'npx tsx' {
  // Node has this property since 22.10. It is true or a string if Node runs TypeScript.
  const strips = 'typescript' in process.features && process.features.typescript !== false;
  return /\.[cm]?ts$/.test(module) && !strips ? 'npx tsx' : 'node';
}

/** Writes the reproduction. @returns its folder; undefined if there is nothing to reproduce */
async function writeReproduction(
  io: Io,
  { smallest }: Finding,
  from: ScriptedDevice,
  of: string,
  place: Place,
): Promise<FolderName | undefined> {
  if (!smallest) return undefined;
  const { problem, trial } = smallest;
  const folder =
    place.out === undefined
      ? await makeNumberedFolder(io.cwd, 'bisect', place.name)
      : await makeFolder(io.cwd, place.out);
  const files = reproduction(trial, `${nodesText(problem.graph, trial.part.nodes)}: ${of}`, from);
  for (const [file, text] of Object.entries(files)) await writeNewFile(join(folder.path, file), text);
  return folder;
}

/** Describes the problem: `nin, forward and backward: 147 nodes on 2 images, initial weights, seed 0` */
function problemLine(name: string, { graph }: Problem, weights: string, options: BisectOptions): string {
  const { batch = 2, seed = 0, backward } = options;
  const ways = backward ? 'forward and backward' : 'forward';
  return `${name}, ${ways}: ${counted(graph.nodes.length, 'node')} on ${counted(batch, 'image')}, ${weights}, seed ${seed}`;
}

/** Reports that nothing is wrong. In the compiled graph, only the results that are read can be judged. */
function rightLine({ graph }: Problem, backend: string, { worst, read }: Bisection): string {
  const alone = `each of the ${counted(graph.nodes.length, 'node')} is right on its own`;
  const together = `so ${read === 1 ? 'is the result' : `are the ${counted(read, 'result')}`} read from the compiled graph`;
  const largest = `largest error/bound ${worst.ratio.toFixed(2)}, at ${nodesText(graph, [worst.node])}`;
  return `${backend}: nothing wrong: ${alone}, and ${together}; ${largest}`;
}

/** Reports which of two backends is right, as judged by the reference. */
function arbitration(outcomes: readonly Outcome[]): string {
  const names = (list: readonly Outcome[]): string => list.map(({ opened }) => opened.backend).join(' and ');
  const wrong = outcomes.filter(({ bisection }) => bisection.finding);
  const right = outcomes.filter(({ bisection }) => !bisection.finding);
  if (wrong.length === 0) return `${names(right)} both agree with the reference`;
  if (right.length === 0) return `${names(wrong)} are both wrong, according to the reference`;
  return `${names(right)} is right and ${names(wrong)} is wrong, according to the reference`;
}

function outcomeJson(
  { graph }: Problem,
  { opened, bisection, folder }: Outcome,
): Readonly<Record<string, unknown>> {
  const { finding, worst } = bisection;
  const { backend, device } = opened;
  return {
    backend,
    device: device.info.id,
    closest: { node: worst.node + 1, text: nodesText(graph, [worst.node]), ratio: worst.ratio },
    wrong: finding ? findingJson(graph, finding) : null,
    reproduction: folder ?? null,
  };
}

function findingJson(
  graph: Problem['graph'],
  { kind, nodes, layer, phase, judgement }: Finding,
): Readonly<Record<string, unknown>> {
  return {
    text: nodesText(graph, nodes),
    kind,
    layer: layerText(layer),
    way: phase,
    ops: nodes.map((index) => defined(graph.nodes[index], `node ${index + 1}`).op),
    nodes: nodes.map((node) => node + 1),
    ...judgement,
  };
}
