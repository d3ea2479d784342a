// isonet summary MODEL: lists the layers with their shapes, as the book prints them, and their cost. It loads no backend.
import type { Forward, Model } from '@isonet/core';
import {
  defined,
  definitionOf,
  forward,
  nodesByReason,
  parameterCount,
  typesOf,
  UnsupportedOpError,
} from '@isonet/core';
import type { Dims } from '@isonet/runs';
import { buildModel, findModel, isOnnxFile, readOnnxModel, UsageError } from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { printJson, printLine } from '../io.ts';
import { onnxJson, onnxLines } from '../show/onnxFile.ts';
import type { LayerGroup } from '../show/onnxLayers.ts';
import { layerGroups, nodeGroups } from '../show/onnxLayers.ts';
import { table } from '../show/table.ts';
import { count } from '../show/text.ts';

/** Options of {@link summary}. */
export interface SummaryOptions {
  /** Images, channels, height, width. */
  readonly input?: readonly [number, number, number, number];
  readonly batchNorm?: boolean;
  /** Sizes for the dynamic dimensions of an ONNX file. */
  readonly dims?: Dims;
  /** For an ONNX file: list every node. */
  readonly nodes?: boolean;
  readonly json?: boolean;
}

/** A row of the summary: one layer of the outermost sequence, with the costs of everything inside it. */
interface Row {
  readonly name: string;
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** The count for the whole input, with every image of a batch. */
  readonly multiplyAdds: number;
}

/** Prints the layers of a network. @returns the exit code */
export async function summary(context: Context, name: string, options: SummaryOptions): Promise<number> {
  return isOnnxFile(name) ? ofOnnx(context, name, options) : ofModel(context, name, options);
}

async function ofModel(context: Context, name: string, options: SummaryOptions): Promise<number> {
  if (options.nodes) throw new UsageError('--nodes applies only to ONNX files: leave it out');
  const entry = await findModel(context, name, options.dims);
  const model = sized(await buildModel(entry, options.batchNorm ? { batchNorm: true } : {}), options);
  const built = forward(model, model.images);
  printRows(context.io, model, layerRows(built), options, {});
  return 0;
}

/** Summarizes an ONNX file. Its network may have any input and output, even if isonet cannot train it. */
async function ofOnnx({ io }: Context, name: string, options: SummaryOptions): Promise<number> {
  if (options.batchNorm)
    throw new UsageError(`--batch-norm cannot change the layers of ${name}: leave it out`);
  const file = await readFile(io, name, options);
  const { json = false, nodes = false } = options;
  const model = sized(file.network, options);
  if (!json) for (const line of onnxLines(file)) printLine(io, line);
  const built = forward(model, model.images);
  const rows = groupRows(built, nodes ? nodeGroups(built) : layerGroups(built));
  printRows(io, model, rows, options, { onnx: onnxJson(file) });
  return 0;
}

/** Reads an ONNX file. Before it throws, it lists every unsupported node, one line per reason. */
async function readFile(
  io: Io,
  name: string,
  { dims, json }: SummaryOptions,
): ReturnType<typeof readOnnxModel> {
  try {
    return await readOnnxModel(io.cwd, name, dims);
  } catch (error) {
    if (!(error instanceof UnsupportedOpError) || json || error.refusals.length < 2) throw error;
    for (const [text, refused] of nodesByReason(error.refusals))
      printLine(io, `${text}: ${refused.join(', ')}`);
    throw new UnsupportedOpError(
      `${name}: ${error.refusals.length} of its nodes are not supported, see above`,
      error.refusals,
    );
  }
}

/** Returns the model with the input shape of --input. */
function sized<M extends Model>(model: M, { input }: SummaryOptions): M & { readonly images: number } {
  if (input === undefined) return { ...model, images: 1 };
  const [images, ...shape] = input;
  return { ...model, input: { ...model.input, shape }, images };
}

function printRows(
  io: Io,
  { name, input, images }: Model & { readonly images: number },
  rows: readonly Row[],
  { json }: SummaryOptions,
  more: object,
): void {
  const parameters = sum(rows.map((row) => row.parameters));
  const multiplyAdds = sum(rows.map((row) => row.multiplyAdds));
  if (json) {
    const shape = [images, ...input.shape];
    printJson(io, { model: name, ...more, input: shape, layers: rows, parameters, multiplyAdds });
    return;
  }
  const columns = [
    { head: '' },
    { head: '' },
    { head: 'parameters', align: 'right' },
    { head: 'multiply-adds', align: 'right' },
  ] as const;
  const cells = rows.map((row) => [
    `Layer.name ${row.name}`,
    `- Output Shape - (${row.outputShape.join(', ')})`,
    count(row.parameters),
    count(row.multiplyAdds),
  ]);
  const total = [
    `total for ${[images, ...input.shape].join('x')}`,
    '',
    count(parameters),
    count(multiplyAdds),
  ];
  for (const line of table(columns, [...cells, total])) printLine(io, line);
}

function layerRows(built: Forward): readonly Row[] {
  const { layers, parameters } = built;
  const top = layers.filter(({ path }) => path !== '' && !path.includes('.'));
  return top.map(({ path, shape }) => {
    const inside = (name: string): boolean => name === path || name.startsWith(`${path}.`);
    return {
      name: path,
      outputShape: shape,
      parameters: parameterCount(parameters.filter(({ name }) => inside(name))),
      multiplyAdds: multiplyAddsOf(built, inside),
    };
  });
}

/** Builds a row per group. A parameter that several rows share counts in the first. */
function groupRows(built: Forward, groups: readonly LayerGroup[]): readonly Row[] {
  const { graph, parameters, layers } = built;
  const names = new Map(graph.state.map(({ name, value }) => [value, name]));
  const counted = new Set<string>();
  return groups.map(({ name: group, members }) => {
    const nodes = graph.nodes.filter(({ origin }) => members.has(origin.layer));
    const read = new Set(nodes.flatMap(({ inputs }) => inputs.flatMap((value) => names.get(value) ?? [])));
    const own = parameters.filter(({ name }) => read.has(name) && !counted.has(name));
    for (const { name } of own) counted.add(name);
    const last = defined(
      layers.findLast(({ path }) => members.has(path)),
      `the result of ${group}`,
    );
    return {
      name: group,
      outputShape: last.shape,
      parameters: parameterCount(own),
      multiplyAdds: multiplyAddsOf(built, (layer) => members.has(layer)),
    };
  });
}

/** Sums the multiply-adds of some layers. @param inside returns whether the layer with this path counts */
function multiplyAddsOf({ graph }: Forward, inside: (layer: string) => boolean): number {
  const nodes = graph.nodes.filter(({ origin }) => inside(origin.layer));
  const costs = nodes.map((node) => {
    const [inputs, outputs] = [typesOf(graph, node.inputs), typesOf(graph, node.outputs)];
    return definitionOf(node.op).cost?.(inputs, outputs, node.attrs) ?? 0;
  });
  return sum(costs);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, n) => total + n, 0);
}
