// isonet summary MODEL: the layers with their shapes, as the book prints them, and what each costs. No backend loads.
import type { Forward, ImageClassifier } from '@isonet/core';
import { definitionOf, forward, parameterCount, typesOf } from '@isonet/core';
import { buildModel, findModel } from '@isonet/runs';
import type { Context } from '../context.ts';
import { printJson, printLine } from '../io.ts';
import { table } from '../show/table.ts';
import { count } from '../show/text.ts';

/** Options of {@link summary}. */
export interface SummaryOptions {
  /** Images, channels, height, width. */
  readonly input?: readonly [number, number, number, number];
  readonly batchNorm?: boolean;
  readonly json?: boolean;
}

/** One row per layer of the network's own sequence; what is inside a block is added up. */
interface Row {
  readonly name: string;
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** For the whole input. */
  readonly multiplyAdds: number;
}

/** Prints the layers of a network. @returns the exit code */
export async function summary(context: Context, name: string, options: SummaryOptions): Promise<number> {
  const { io } = context;
  const entry = await findModel(context, name);
  const known = await buildModel(entry, options.batchNorm ? { batchNorm: true } : {});
  const [images, ...imageShape] = options.input ?? [1, ...known.input.shape];
  const model: ImageClassifier = { ...known, input: { ...known.input, shape: imageShape } };
  const rows = rowsOf(forward(model, images));
  const parameters = sum(rows.map((row) => row.parameters));
  const multiplyAdds = sum(rows.map((row) => row.multiplyAdds));
  if (options.json) {
    printJson(io, {
      model: known.name,
      input: [images, ...imageShape],
      layers: rows,
      parameters,
      multiplyAdds,
    });
    return 0;
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
    `total for ${[images, ...imageShape].join('x')}`,
    '',
    count(parameters),
    count(multiplyAdds),
  ];
  for (const line of table(columns, [...cells, total])) printLine(io, line);
  return 0;
}

function rowsOf({ graph, parameters, layers }: Forward): readonly Row[] {
  const top = layers.filter(({ path }) => path !== '' && !path.includes('.'));
  return top.map(({ path, shape }) => {
    const inside = (name: string): boolean => name === path || name.startsWith(`${path}.`);
    const costs = graph.nodes
      .filter((node) => inside(node.origin.layer))
      .map((node) => {
        const [inputs, outputs] = [typesOf(graph, node.inputs), typesOf(graph, node.outputs)];
        return definitionOf(node.op).cost?.(inputs, outputs, node.attrs) ?? 0;
      });
    return {
      name: path,
      outputShape: shape,
      parameters: parameterCount(parameters.filter((parameter) => inside(parameter.name))),
      multiplyAdds: sum(costs),
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
