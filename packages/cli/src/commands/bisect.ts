// isonet bisect MODEL: finds the first layer whose result is wrong on a backend, forward or backward, and writes the least
// that shows it.
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
  /** Sizes that an ONNX file leaves open. */
  readonly dims?: Dims;
  readonly run?: string;
  /** False: the forward pass alone. */
  readonly backward: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** The backend that every other is judged by. */
const REFERENCE = 'reference';

/** A backend that was named: where it comes from, and its device. */
interface Named {
  readonly entry: BackendEntry;
  readonly module: Omit<ScriptedDevice, 'options'>;
  /** Its device, and the settings of it. */
  readonly request: Omit<DeviceRequest, 'backend'>;
}

/** Where a reproduction goes. */
interface Place {
  readonly model: string;
  /** Under `bisect`, numbered where it is taken. */
  readonly name: string;
  /** The folder that was asked for. */
  readonly out: string | undefined;
}

/** Called as a search goes on. */
interface SearchListener {
  readonly onDevice: (opened: OpenDevice) => void;
  /** A line of the result, for people. */
  readonly say: (line: string) => void;
}

interface Outcome {
  readonly opened: OpenDevice;
  readonly bisection: Bisection;
  /** The folder of the reproduction, as people type it. */
  readonly folder: string | undefined;
  /** The exit code of a signal that came while the reproduction was written. */
  readonly stopped: number | undefined;
}

/** @returns 0 where every node is right, 1 where one is wrong; 128 and its number where a signal came at the end */
export async function bisect(context: Context, name: string, options: BisectOptions): Promise<number> {
  const { io } = context;
  const { batch = 2, seed = 0, backward, out, json = false } = options;
  const say = (line: string): void => (json ? undefined : printLine(io, line));
  const { model, weights } = await modelOf(context, name, options);
  // Whoever reads the first lines only still gets the reproduction, and an exit code that says what was found.
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

/** @throws UsageError when the run is another model's */
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
  if (dims) throw new UsageError(`--run ${run} has its own sizes: leave out --dims`);
  const option = command`npx isonet bisect FILE --run ${run}`;
  const { model, weights, record } = await loadRun(context, run, name, option);
  if (batchNorm !== undefined && batchNorm !== record.options.batchNorm) {
    throw new UsageError(`--run ${run} has its own settings: leave out --batch-norm`);
  }
  return { model, weights };
}

/** Those to be searched: the reference is right. @throws UsageError when that leaves none */
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
      `\`--backend ${REFERENCE}\`: the reference judges the others and cannot be searched; name another backend`,
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
    if (folder) say(`  to see it again: ${command`node ${join(folder.shown, 'reproduce.mjs')}`}`);
    return { opened, bisection, folder: folder?.shown, stopped };
  } finally {
    await opened.device[Symbol.asyncDispose]();
  }
}

/** @returns its folder; undefined where there is nothing to reproduce */
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

/** `nin, forward and backward: 147 nodes on 2 images, initial weights, seed 0` */
function problemLine(name: string, { graph }: Problem, weights: string, options: BisectOptions): string {
  const { batch = 2, seed = 0, backward } = options;
  const ways = backward ? 'forward and backward' : 'forward';
  return `${name}, ${ways}: ${counted(graph.nodes.length, 'node')} on ${counted(batch, 'image')}, ${weights}, seed ${seed}`;
}

/** Of nodes that are compiled together, only the results that are read can be judged. */
function rightLine({ graph }: Problem, backend: string, { worst, read }: Bisection): string {
  const alone = `each of the ${counted(graph.nodes.length, 'node')} is right alone`;
  const together = `so ${read === 1 ? 'is the result' : `are the ${counted(read, 'result')}`} read from the compiled graph`;
  const largest = `largest error/bound ${worst.ratio.toFixed(2)}, at ${nodesText(graph, [worst.node])}`;
  return `${backend}: nothing wrong: ${alone}, and ${together}; ${largest}`;
}

/** Of two backends, which is right; the reference has judged both. */
function arbitration(outcomes: readonly Outcome[]): string {
  const names = (list: readonly Outcome[]): string => list.map(({ opened }) => opened.backend).join(' and ');
  const wrong = outcomes.filter(({ bisection }) => bisection.finding);
  const right = outcomes.filter(({ bisection }) => !bisection.finding);
  if (wrong.length === 0) return `${names(right)} both agree with the reference`;
  if (right.length === 0) return `${names(wrong)} are both wrong, by the reference`;
  return `${names(right)} is right and ${names(wrong)} is wrong, by the reference`;
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
