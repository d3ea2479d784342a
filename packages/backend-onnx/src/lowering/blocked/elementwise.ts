// Pointwise ops in the layout, one line each, with their effect on the zero padding after the last channel (pointwise.ts).
import type { OnnxKernels } from '@isonet/onnx/write';
import { elementwise as kernels } from '@isonet/onnx/write';
import { writeGradInput, summedAt } from './conv2dGradInput.ts';
import type { Layout } from './layout.ts';
import { pointwise } from './pointwise.ts';

type Elementwise =
  | ('add' | 'sub' | 'mul' | 'div' | 'max' | 'min')
  | ('exp' | 'log' | 'sqrt' | 'tanh' | 'erf' | 'stopGradient')
  | ('leakyRelu' | 'sigmoid' | 'hardSigmoid' | 'clip');

export function elementwise(layout: Layout): Pick<OnnxKernels, Elementwise> {
  const add = pointwise('kept with zeros', layout, kernels.add);
  return {
    // If several convolutions read a value, the last of them adds up its gradients.
    add: (node, operands, writer) => {
      const summed = summedAt(node, writer);
      if (!summed) return add(node, operands, writer);
      const [y] = operands.outputs;
      const other = writer.inForm(summed.other, layout.form, 'zero');
      writer.setForm(y, layout.form, writeGradInput(summed.convolution, other, layout, writer), 'zero');
    },
    sub: pointwise('kept with zeros', layout, kernels.sub),
    mul: pointwise('kept', layout, kernels.mul),
    div: pointwise('lost', layout, kernels.div),
    max: pointwise('kept with zeros', layout, kernels.max),
    min: pointwise('kept with zeros', layout, kernels.min),

    exp: pointwise('lost', layout, kernels.exp),
    log: pointwise('lost', layout, kernels.log),
    sqrt: pointwise('kept', layout, kernels.sqrt),
    tanh: pointwise('kept', layout, kernels.tanh),
    erf: pointwise('kept', layout, kernels.erf),
    stopGradient: pointwise('kept', layout, kernels.stopGradient),

    leakyRelu: pointwise('kept', layout, kernels.leakyRelu),
    sigmoid: pointwise('lost', layout, kernels.sigmoid),
    hardSigmoid: pointwise('lost', layout, kernels.hardSigmoid),
    clip: pointwise('lost', layout, kernels.clip),
  };
}
