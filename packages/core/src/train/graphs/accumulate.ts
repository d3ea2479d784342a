// Gradient accumulation: a batch that is too large to compute at once is computed in parts, whose gradients are summed on the
// device and applied once. The sums, and the running statistics between parts, are scratch state. The first part of each batch
// resets it, so checkpoints do not include it and a failed step does not affect the next.
import { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/value.ts';
import { DataError, GraphError } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import { commonSubexpressions } from '../../passes/commonSubexpressions.ts';
import { copyInto, copyResults } from '../../passes/copy.ts';
import { deadCode } from '../../passes/deadCode.ts';
import { gradientName } from '../../passes/grad.ts';
import { float32 } from '../../tensor.ts';
import type { Shape, Tensors } from '../../tensor.ts';
import type { Model, ModelState } from '../model.ts';
import type { Task } from '../task/task.ts';
import type { Optimizer } from '../optimizers.ts';
import { apply } from './apply.ts';
import type { ApplyOptions } from './apply.ts';
import { trainingGraph } from './gradients.ts';
import type { GradientsOptions } from './gradients.ts';
import { bufferName } from './names.ts';

/**
 * Builds the graph for one part of a batch. Inputs: the feeds of {@link gradients}, `total: float32 []` (the number of samples
 * in the whole batch) and `offset: float32 []` (the number of samples in the preceding parts). Outputs: `loss: float32 []` (the
 * mean over the part) and `<output>: [batch, ...]`. Adds the part's loss and gradients, each times `batch / total`, to
 * `sum/loss` and `sum/<parameter>`, and continues the running statistics in `next/<buffer>`. With offset 0, the sums start from
 * zero and the statistics from the buffers.
 * @param batch the number of samples in the part
 * @throws DataError `COUPLED` if the task's loss couples samples
 */
export function accumulate(model: Model, batch: number, options: GradientsOptions = {}): Graph {
  checkApart(options.task);
  const { graph: part, state } = trainingGraph(model, batch, options);
  const b = new GraphBuilder(`${model.name}.accumulate`, 'update');
  const offset = b.input('offset', { dtype: 'float32', shape: [] });
  const total = b.input('total', { dtype: 'float32', shape: [] });
  const later = b.op.greater(offset, b.scalar(0));
  const carried = (before: Value, start: Value): Value =>
    b.op.select(b.op.broadcast(later, { shape: start.shape }), before, start);

  const running = state.updated.map(({ name, shape }) => {
    const before = b.state(nextName(name), { dtype: 'float32', shape });
    const start = b.state(name, { dtype: 'float32', shape });
    return [name, b.within({ layer: name }, () => carried(before, start))] as const;
  });
  const at = copyInto(b, part, { bind: new Map(running) });
  const results = new Map(part.outputs.map(({ name, value }) => [name, at(value)]));
  const result = (name: string): Value => {
    const value = results.get(name);
    if (!value) throw new GraphError(`graph "${part.name}": no output "${name}"`);
    return value;
  };
  for (const name of ['loss', model.output.name]) b.output(name, result(name));
  for (const { name } of state.updated) b.update(nextName(name), result(bufferName(name)));
  const share = b.op.div(b.scalar(batch), total);
  for (const { sum, output, shape } of summed(state)) {
    b.within({ layer: sum }, () => {
      const before = b.state(sum, { dtype: 'float32', shape });
      const value = b.op.mul(result(output), b.op.broadcast(share, { shape }));
      b.update(sum, b.op.add(carried(before, b.fill(0, shape)), value));
    });
  }
  return deadCode(commonSubexpressions(b.build()));
}

/** @throws DataError `COUPLED` if the task's loss couples samples, which rules out computing a batch in parts */
export function checkApart(task: Task | undefined): void {
  if (task?.couplesSamples !== true) return;
  throw new DataError(
    'COUPLED',
    `task "${task.name}": its loss couples the samples of a batch, which cannot be computed in parts; omit microBatchSize`,
  );
}

/**
 * Builds the graph that completes a batch computed in parts: {@link apply} with the sums as its loss and
 * gradients, and the parts' running statistics as its buffers.
 * @param name the name of the model
 */
export function applySums(
  name: string,
  state: ModelState,
  optimizer: Optimizer,
  options: ApplyOptions = {},
): Graph {
  const whole = apply(name, state, optimizer, options);
  const b = new GraphBuilder(`${name}.applySums`, 'update');
  const bind = new Map<string, Value>();
  for (const { sum, output, shape } of summed(state)) {
    bind.set(output, b.state(sum, { dtype: 'float32', shape }));
  }
  for (const { name: buffer, shape } of state.updated)
    bind.set(bufferName(buffer), b.state(nextName(buffer), { dtype: 'float32', shape }));
  copyResults(b, whole, copyInto(b, whole, { bind }));
  return b.build();
}

/** Returns the extra state that computation in parts needs. Its contents are undefined between steps. */
export function scratch(state: ModelState): Tensors {
  return Object.fromEntries([
    ...summed(state).map(({ sum, shape }) => [sum, float32(shape)] as const),
    ...state.updated.map(({ name, shape }) => [nextName(name), float32(shape)] as const),
  ]);
}

/**
 * Lists the accumulated values: the name of each sum in the state, e.g. `sum/nin1.c1.w`, and the name of its
 * summand in the gradients graph.
 */
function summed({
  learned,
}: ModelState): readonly { readonly sum: string; readonly output: string; readonly shape: Shape }[] {
  const gradientSums = learned.map(({ name, shape }) => ({
    sum: `sum/${name}`,
    output: gradientName(name),
    shape,
  }));
  return [{ sum: 'sum/loss', output: 'loss', shape: [] }, ...gradientSums];
}

/** Returns the state name of a buffer's value after the parts so far, e.g. `next/nin1.c1.bn.mean`. */
function nextName(buffer: string): string {
  return `next/${buffer}`;
}
