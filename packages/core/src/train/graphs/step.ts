// The step graph: gradients and apply in one graph.
import type { Graph } from '../../graph/graph.ts';
import { inline } from '../../passes/inline.ts';
import type { Model } from '../model.ts';
import type { Optimizer } from '../optimizers.ts';
import type { ApplyOptions } from './apply.ts';
import { apply } from './apply.ts';
import type { GradientsOptions } from './gradients.ts';
import { trainingGraph } from './gradients.ts';

/**
 * Builds one training step: gradients and apply in one graph with the outputs `loss`, `<output>` and `finite`.
 * @throws the errors of gradients and apply
 */
export function step(
  model: Model,
  batch: number,
  optimizer: Optimizer,
  options: GradientsOptions & ApplyOptions = {},
): Graph {
  const { graph, state } = trainingGraph(model, batch, options);
  const parts = [graph, apply(model.name, state, optimizer, options)];
  return inline(`${model.name}.step`, parts, ['loss', model.output.name, 'finite']);
}
