// The gradient of avgPool2d -> Div by each window's divisor, spread to all positions of the window, along the rows and then along the
// columns. `dy: [N, C, OH, OW] -> [N, C, H, W]`
import { avgPool2dGrad as plain, counts } from '../gradients/avgPool2dGrad.ts';
import type { OnnxKernel } from '../writer/writer.ts';
import { inPixels, pixelDims, pixelsOf, setPixels, viewed } from './form.ts';
import { isIdentity, lineDims, linesOf, spread } from './lines.ts';

export const avgPool2dGrad: OnnxKernel<'avgPool2dGrad'> = (node, values, writer) => {
  const {
    inputs: [dy],
    outputs: [dx],
  } = values;
  if (!inPixels(dy, writer)) return plain(node, values, writer);
  const [shape, pooled] = [writer.shape4(dx), writer.shape4(dy)];
  const [across, down] = linesOf(shape, pooled, node.attrs);
  const divisors = counts(node.attrs, pooled);
  const [, , oh, ow] = pooled;
  const perWindow =
    divisors.shape.length === 0
      ? writer.constant(divisors)
      : viewed(writer.constant(divisors), [1, 1, oh * ow, 1], writer);
  const shares = writer.emit('Div', [pixelsOf(dy, writer), perWindow]);
  const gradient = [down, across].reduce((name, line) => {
    if (isIdentity(line)) return name;
    const sent = viewed(name, lineDims(line).y, writer);
    return spread(new Array<string>(line.kernel).fill(sent), line, writer);
  }, shares);
  setPixels(dx, viewed(gradient, pixelDims(shape), writer), writer);
};
