// Gradient accumulation: a batch that is too large to be computed at once is computed in parts, whose gradients are added
// up on the device and applied once. Sums, and the running statistics between the parts, are state of their own; it is
// scratch, which each batch's first part starts anew, so that no checkpoint holds it and no failed step spoils the next.
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { GraphError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { commonSubexpressions } from '../passes/commonSubexpressions.ts';
import { copyInto, copyResults } from '../passes/copy.ts';
import { deadCode } from '../passes/deadCode.ts';
import { gradientName } from '../passes/grad.ts';
import { float32 } from '../tensor.ts';
import type { Tensors } from '../tensor.ts';
import { apply, bufferName, gradients, stateOf } from './model.ts';
import type { ApplyOptions, LossOptions, Model, ModelState } from './model.ts';
import type { Optimizer } from './optimizers.ts';

/**
 * One part of a batch: the feeds of {@link gradients}, `total: float32 []`, the images of the whole batch, and
 * `offset: float32 []`, those of the parts before this one, `-> loss: float32 []`, the mean over the part,
 * `logits: [batch, classes]`. The part's gradients, each times `batch / total`, are added to `sum/<parameter>`, and its
 * running statistics go on from `next/<buffer>`; with the offset 0, from zeros and from the buffers as they are.
 * @param batch images in the part
 */
export function accumulate(model: Model, batch: number, options: LossOptions = {}): Graph {
  const part = gradients(model, batch, options);
  const { parameters, buffers } = stateOf(model);
  const b = new GraphBuilder(`${model.name}.accumulate`, 'update');
  const offset = b.input('offset', { dtype: 'float32', shape: [] });
  const total = b.input('total', { dtype: 'float32', shape: [] });
  const later = b.op.greater(offset, b.scalar(0));
  const carried = (before: Value, start: Value): Value =>
    b.op.select(b.op.broadcast(later, { shape: start.shape }), before, start);

  const running = buffers.map(({ name, shape }) => {
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
  for (const name of ['loss', 'logits']) b.output(name, result(name));
  for (const { name } of buffers) b.update(nextName(name), result(bufferName(name)));
  const share = b.op.div(b.scalar(batch), total);
  for (const { name, shape } of parameters) {
    b.within({ layer: name }, () => {
      const before = b.state(sumName(name), { dtype: 'float32', shape });
      const gradient = b.op.mul(result(gradientName(name)), b.op.broadcast(share, { shape }));
      b.update(sumName(name), b.op.add(carried(before, b.fill(0, shape)), gradient));
    });
  }
  return deadCode(commonSubexpressions(b.build()));
}

/** What ends a batch in parts: {@link apply} with the sums as its gradients and the parts' running statistics as buffers. */
export function applySums(model: Model, optimizer: Optimizer, options: ApplyOptions = {}): Graph {
  const { parameters, buffers } = stateOf(model);
  const whole = apply(model.name, { parameters, buffers }, optimizer, options);
  const b = new GraphBuilder(`${model.name}.applySums`, 'update');
  const bind = new Map<string, Value>();
  for (const { name, shape } of parameters)
    bind.set(gradientName(name), b.state(sumName(name), { dtype: 'float32', shape }));
  for (const { name, shape } of buffers)
    bind.set(bufferName(name), b.state(nextName(name), { dtype: 'float32', shape }));
  copyResults(b, whole, copyInto(b, whole, { bind }));
  return b.build();
}

/** The state that parts need beside the model's and the optimizer's. What it holds between steps means nothing. */
export function scratch({ parameters, buffers }: ModelState): Tensors {
  return Object.fromEntries([
    ...parameters.map(({ name, shape }) => [sumName(name), float32(shape)] as const),
    ...buffers.map(({ name, shape }) => [nextName(name), float32(shape)] as const),
  ]);
}

/** The state's name of the sum of a parameter's gradients, e.g. `sum/nin1.c1.w`. */
function sumName(parameter: string): string {
  return `sum/${parameter}`;
}

/** The state's name of what a buffer has become after the parts so far, e.g. `next/nin1.c1.bn.mean`. */
function nextName(buffer: string): string {
  return `next/${buffer}`;
}
