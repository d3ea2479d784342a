// Any graph of core as an ONNX model in standard operators, with static shapes: gradients, apply, whole training steps. A
// stock runtime that knows nothing of training then trains.
import type { Graph } from '@isonet/core';
import { DataError } from '@isonet/core';
import { trainingPixels } from './pixels/index.ts';
import { training } from './training.ts';
import type { UniformInput } from './uniform.ts';
import { legal, writeGraph } from './writeGraph.ts';
import { staticDims } from './writer/dims.ts';
import { encodeModel } from './writer/encode.ts';

/** A graph as a .onnx file, and the names that it has there. */
export interface ExportedGraph {
  /** The .onnx file. */
  readonly bytes: Uint8Array;
  /** ONNX's name of each output: the output's own, unless an input or state entry has that. */
  readonly outputs: ReadonlyMap<string, string>;
  /** ONNX's name of each state entry's new value: `next/<state>`. */
  readonly updates: ReadonlyMap<string, string>;
  /**
   * Inputs of random numbers, `uniform/<layer>`, one in place of each randomUniform node: fed with `drawUniform`, any
   * runtime sees the numbers that isonet's devices see. The key itself is not an input then.
   */
  readonly uniforms: readonly UniformInput[];
}

/** The options of {@link exportGraph}. */
export interface ExportGraphOptions {
  /**
   * How images lie in memory inside the graph; inputs, state and results are the same. `pixels`, the default, is what
   * processors are fast in: from 8 images on, a convolution is one Gather and one matrix product over all images. With `nchw`
   * every convolution stays ONNX's Conv, which GPUs are fast in.
   */
  readonly layout?: 'pixels' | 'nchw';
}

const tables = { pixels: trainingPixels, nchw: training };

/**
 * Writes a graph in standard ONNX operators. Inputs and state are inputs under their names; the new state comes back as
 * outputs `next/<state>`.
 * @throws UnsupportedOpError for a graph that cannot be written
 * @throws DataError `OPTION` for a layout that there is not
 */
export function exportGraph(graph: Graph, { layout = 'pixels' }: ExportGraphOptions = {}): ExportedGraph {
  if (!Object.hasOwn(tables, layout)) {
    throw new DataError('OPTION', `exportGraph: layout must be "pixels" or "nchw", got ${layout}`);
  }
  const table = tables[layout];
  const lowered = legal(graph, table);
  const written = writeGraph(lowered, { dims: staticDims(lowered), table });
  const { outputs, updates, uniforms } = written;
  return { bytes: encodeModel(written.graph), outputs, updates, uniforms };
}
