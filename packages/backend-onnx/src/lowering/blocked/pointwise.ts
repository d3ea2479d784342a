// Pointwise ops. They use the layout if an operand of the result's size is already in it, and otherwise the graph's own layout.
import type { OpName, Shape4, Tensor, ValueId } from '@isonet/core';
import { shape4 } from '@isonet/core';
import type {
  ElementwiseOperands,
  OnnxAttrs,
  OnnxKernel,
  PointwiseKernel,
  PointwiseWriter,
  Writer,
  Written,
} from '@isonet/onnx/write';
import { writeElementwise } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { padEnd, roundUp, view } from './layout.ts';

/**
 * An op's effect on the zero padding after the last channel: `kept` if f(0, ...) is 0 for any scalar operands, `kept with zeros` if
 * f(0, ...) is 0 only without scalar operands, `lost` otherwise.
 */
export type Zeros = 'kept' | 'kept with zeros' | 'lost';

/**
 * Creates a kernel for the layout from a kernel that writes operators for operands of any layout.
 * @param plain the kernel for the graph's own layout
 */
export function pointwise<K extends OpName>(
  zeros: Zeros,
  layout: Layout,
  kernel: PointwiseKernel<K>,
  plain: OnnxKernel<K> = kernel,
): OnnxKernel<K> {
  return (node, operands, writer) => {
    const inputs: readonly ValueId[] = node.inputs;
    const [y] = node.outputs;
    if (!isInLayout(inputs, y, layout, writer)) return plain(node, operands, writer);
    const shape = writer.shape4(y);
    const found = new Map(inputs.map((value) => [value, operandOf(value, shape, layout, writer)]));
    const target = new Target(writer, sameRank(found, shape, layout, writer));
    kernel(node, operands, target);
    const result = target.result;
    if (!result) throw writer.refuse('sets no result in the blocked layout');
    const [n, c, h, w] = shape;
    const name = sameSize(result.dims, shape, layout)
      ? result.name
      : view(writer, result.name, [n, roundUp(c, layout.block), h, w]);
    writer.setForm(y, layout.form, name, keepsZeros(zeros, [...found.values()]) ? 'zero' : 'any');
  };
}

function keepsZeros(zeros: Zeros, operands: readonly Operand[]): boolean {
  if (zeros === 'lost') return false;
  return operands.every((operand) => operand.zeros || (zeros === 'kept' && operand.as === 'scalar'));
}

/** Passes a kernel its operands in the layout, and receives its result. */
class Target implements PointwiseWriter {
  result: Written | undefined;
  readonly #writer: Writer;
  readonly #operands: ReadonlyMap<ValueId, Written>;

  constructor(writer: Writer, operands: ReadonlyMap<ValueId, Written>) {
    this.#writer = writer;
    this.#operands = operands;
  }

  operand(value: ValueId): Written {
    return this.#operands.get(value) ?? this.#writer.operand(value);
  }

  emit(opType: string, inputs: readonly string[], attrs?: OnnxAttrs): string {
    return this.#writer.emit(opType, inputs, attrs);
  }

  constant(data: Tensor): string {
    return this.#writer.constant(data);
  }

  set(value: ValueId, name: string, dims: Written['dims'] = this.#writer.dims(value)): void {
    this.result = { name, dims };
  }

  elementwise(opType: string, operands: ElementwiseOperands, attrs?: OnnxAttrs): void {
    writeElementwise(this, opType, operands, attrs);
  }
}

function isInLayout(inputs: readonly ValueId[], y: ValueId, { form }: Layout, writer: Writer): boolean {
  const areFloats = [...inputs, y].every((value) => writer.dtype(value) === 'float32');
  return areFloats && inputs.some((value) => writer.hasForm(value, form));
}

/** An operand in the layout. */
interface Operand {
  readonly name: string;
  /** `declared`: `[N, Cp, H, W]`; `repeated`: a view that broadcasts to `[N, Cb, H * W, B]`; `scalar`: `[]` */
  readonly as: 'declared' | 'scalar' | { readonly repeated: readonly number[] };
  /** Whether the padding after the last channel is zero. */
  readonly zeros: boolean;
}

function operandOf(value: ValueId, shape: Shape4, layout: Layout, writer: Writer): Operand {
  const { form, block } = layout;
  const declared = (): Operand => ({
    name: writer.inForm(value, form, 'any'),
    as: 'declared',
    zeros: writer.hasForm(value, form, 'zero'),
  });
  if (writer.hasForm(value, form)) return declared();
  const { name, dims } = writer.operand(value);
  if (dims.length === 0) return { name, as: 'scalar', zeros: false };
  const sizes = dims.filter((dim) => typeof dim === 'number');
  const [a, b, c, d] = shape4(sizes);
  if (c !== 1 || d !== 1) return declared();
  // One element per channel, per image, or per channel and image.
  const channels = b === 1 ? 1 : roundUp(b, block);
  const whole = channels === b ? name : padEnd(writer, name, [0, channels - b, 0, 0]);
  const repeated = b === 1 ? [a, 1, 1, 1] : [a, channels / block, 1, block];
  const isSame = b === 1;
  return {
    name: isSame ? whole : view(writer, whole, repeated),
    as: { repeated },
    zeros: b !== 1 || shape[1] % block === 0,
  };
}

/** Brings all operands to one rank: the declared shape if none is repeated within the layout, otherwise views. */
function sameRank(
  operands: ReadonlyMap<ValueId, Operand>,
  [n, c, h, w]: Shape4,
  { block }: Layout,
  writer: Writer,
): ReadonlyMap<ValueId, Written> {
  const cp = roundUp(c, block);
  const areRepeated = [...operands.values()].some(({ as }) => typeof as === 'object');
  return new Map(
    [...operands].map(([value, { name, as }]): [ValueId, Written] => {
      if (as === 'scalar') return [value, { name, dims: [] }];
      if (typeof as === 'object') return [value, { name, dims: as.repeated }];
      if (!areRepeated) return [value, { name, dims: [n, cp, h, w] }];
      const dims = [n, cp / block, h * w, block];
      return [value, { name: view(writer, name, dims), dims }];
    }),
  );
}

function sameSize(dims: Written['dims'], [n, c, h, w]: Shape4, { block }: Layout): boolean {
  const declared = [n, roundUp(c, block), h, w];
  return dims.length === 4 && dims.every((dim, axis) => dim === declared[axis]);
}
