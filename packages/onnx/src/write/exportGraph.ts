// Exports any core graph (gradients, apply, a whole training step) as an ONNX model with static shapes and standard
// operators, so that an inference-only runtime can train.
import type { Graph } from '@isonet/core';
import { DataError } from '@isonet/core';
import { trainingPixels } from './pixels/index.ts';
import { training } from './training.ts';
import type { UniformInput } from './uniform.ts';
import { legal, writeGraph } from './writeGraph.ts';
import { staticDims } from './writer/dims.ts';
import { encodeModel } from './writer/encode.ts';

/** A graph as an .onnx file, and its names in that file. */
export interface ExportedGraph {
  /** The .onnx file. */
  readonly bytes: Uint8Array;
  /** The ONNX name of each output: its name in the graph, unless an input or state entry already has that name. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The ONNX name of each state entry's new value: `next/<state>`. */
  readonly updates: ReadonlyMap<string, string>;
  /**
   * Inputs for random numbers, `uniform/<layer>`, one in place of each randomUniform node. Draw them with
   * `drawUniform`, and any runtime uses the same random numbers as isonet's devices. The key of the random numbers is
   * not an input.
   */
  readonly uniforms: readonly UniformInput[];
}

/** The options of {@link exportGraph}. */
export interface ExportGraphOptions {
  /**
   * The memory layout of images inside the graph. Inputs, state and results do not change. `pixels`, the default, is fast on CPUs:
   * from 8 images on, a convolution is one Gather and one matrix product over all images. `nchw` writes every convolution as
   * ONNX's Conv, which is fast on GPUs.
   */
  readonly layout?: 'pixels' | 'nchw';
}

const tables = { pixels: trainingPixels, nchw: training };

/**
 * Writes a graph in standard ONNX operators. Inputs and state become inputs under their own names; the new state becomes outputs
 * named `next/<state>`.
 * @throws UnsupportedOpError for a graph that cannot be written
 * @throws DataError `OPTION` for an unknown layout
 */
export function exportGraph(graph: Graph, { layout = 'pixels' }: ExportGraphOptions = {}): ExportedGraph {
  if (!Object.hasOwn(tables, layout)) {
    throw new DataError('OPTION', `exportGraph: expected layout "pixels" or "nchw", got "${layout}"`);
  }
  const table = tables[layout];
  const lowered = legal(graph, table);
  const written = writeGraph(lowered, { dims: staticDims(lowered), table });
  const { outputs, updates, uniforms } = written;
  return { bytes: encodeModel(written.graph), outputs, updates, uniforms };
}
