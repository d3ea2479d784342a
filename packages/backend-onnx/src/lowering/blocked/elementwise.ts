// Pointwise ops in the layout, a line each: what becomes of the zeros behind the last channel (pointwise.ts).
import { defined } from '@isonet/core';
import type { OnnxKernels } from '@isonet/onnx/write';
import { writeGradInput, summedAt } from './conv2dGradInput.ts';
import type { Layout } from './layout.ts';
import { pointwise } from './pointwise.ts';

type Elementwise =
  | ('add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'select')
  | ('exp' | 'log' | 'sqrt' | 'tanh' | 'erf' | 'stopGradient')
  | ('leakyRelu' | 'sigmoid' | 'hardSigmoid' | 'clip');

export function elementwise(layout: Layout, plain: OnnxKernels): Pick<OnnxKernels, Elementwise> {
  const add = pointwise('kept with zeros', layout, plain.add);
  return {
    // The gradients of a value that several convolutions read add up in the last of those convolutions.
    add: (node, operands, writer) => {
      const summed = summedAt(node, writer);
      if (!summed) return add(node, operands, writer);
      const [y] = operands.outputs;
      const other = writer.inForm(summed.other, layout.form, 'zero');
      writer.setForm(y, layout.form, writeGradInput(summed.convolution, other, layout, writer), 'zero');
    },
    sub: pointwise('kept with zeros', layout, plain.sub),
    mul: pointwise('kept', layout, plain.mul),
    div: pointwise('lost', layout, plain.div),
    max: pointwise('kept with zeros', layout, plain.max),
    min: pointwise('kept with zeros', layout, plain.min),
    select: pointwise('kept with zeros', layout, plain.select),

    exp: pointwise('lost', layout, plain.exp),
    log: pointwise('lost', layout, plain.log),
    sqrt: pointwise('kept', layout, plain.sqrt),
    tanh: pointwise('kept', layout, plain.tanh),
    erf: pointwise('kept', layout, plain.erf),
    stopGradient: pointwise('kept', layout, plain.stopGradient),

    leakyRelu: pointwise('kept', layout, defined(plain.leakyRelu, 'leakyRelu')),
    sigmoid: pointwise('lost', layout, defined(plain.sigmoid, 'sigmoid')),
    hardSigmoid: pointwise('lost', layout, defined(plain.hardSigmoid, 'hardSigmoid')),
    clip: pointwise('lost', layout, defined(plain.clip, 'clip')),
  };
}
