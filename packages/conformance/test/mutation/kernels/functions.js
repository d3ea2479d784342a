import { instead } from '../devices.js';
export const wrongFunctions = {
  'adamUpdate: epsilon inside the root': instead('adamUpdate', (b, inputs, { attrs }) => {
    const [weight, , , , lr, correction1, correction2] = inputs;
    const [, mean, square] = b.op.adamUpdate(...inputs, attrs);
    const { shape } = weight;
    const whole = (scalar) => b.op.broadcast(scalar, { shape });
    const inside = b.op.add(b.op.mul(square, whole(correction2)), b.fill(attrs.epsilon, shape));
    const ratio = b.op.div(b.op.mul(mean, whole(correction1)), b.op.sqrt(inside));
    return [b.op.sub(weight, b.op.mul(ratio, whole(lr))), mean, square];
  }),
  'equal: within a millionth': instead('equal', (b, [x, y]) => {
    const magnitude = (value) => b.op.max(value, b.op.mul(value, b.fill(-1, value.shape)));
    const [distance, size] = [magnitude(b.op.sub(x, y)), magnitude(x)];
    const far = b.op.cast(b.op.greater(distance, b.op.mul(size, b.fill(1e-6, x.shape))), { to: 'float32' });
    return [b.op.greater(b.fill(0.5, x.shape), far)];
  }),
  /** Abramowitz and Stegun 7.1.25, off by 2.5e-5. */
  'erf: by three terms': erfByTerms(0.47047, [0.3480242, -0.0958798, 0.7478556]),
  'gelu: x times sigmoid(1.702 x)': instead('gelu', (b, [x]) => [
    b.op.mul(x, b.op.sigmoid(b.op.mul(x, b.fill(1.702, x.shape)))),
  ]),
  'leakyRelu: the larger of x and alpha x': instead('leakyRelu', (b, [x], { attrs }) => [
    b.op.max(x, b.op.mul(x, b.fill(attrs.alpha, x.shape))),
  ]),
  'logSoftmax: the logarithm of softmax': instead('logSoftmax', (b, [x], { attrs }) => [
    b.op.log(b.op.softmax(x, attrs)),
  ]),
  'silu: a quotient of exponentials': instead('silu', (b, [x]) => {
    const up = b.op.exp(x);
    return [b.op.div(b.op.mul(x, up), b.op.add(up, b.fill(1, x.shape)))];
  }),
  'silu: the gate without x': instead('silu', (b, [x]) => [b.op.sigmoid(x)]),
  'softmax: the maximum is not taken off': instead('softmax', (b, [x], { attrs }) => {
    const exps = b.op.exp(x);
    const sum = b.op.reduceSum(exps, { axes: [attrs.axis] });
    return [b.op.div(exps, b.op.broadcast(sum, { shape: x.shape }))];
  }),
  'sqrt: by its inverse': instead('sqrt', (b, [x]) => [
    b.op.mul(x, b.op.div(b.fill(1, x.shape), b.op.sqrt(x))),
  ]),
  'tanh: a quotient of exponentials': instead('tanh', (b, [x]) => {
    const [up, down] = [b.op.exp(x), b.op.exp(b.op.mul(x, b.fill(-1, x.shape)))];
    return [b.op.div(b.op.sub(up, down), b.op.add(up, down))];
  }),
};
/** Not a fault: Abramowitz and Stegun 7.1.26, off by 1.5e-7, is as good an erf as many devices have. */
export const erfByFiveTerms = erfByTerms(
  0.3275911,
  [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429],
);
/** erf(x) = 1 - (a1 t + a2 t^2 + ...) e^(-x^2) with t = 1 / (1 + p x), for x >= 0; odd. */
function erfByTerms(p, factors) {
  return instead('erf', (b, [x]) => {
    const { shape } = x;
    const one = b.fill(1, shape);
    const negated = (value) => b.op.mul(value, b.fill(-1, shape));
    const size = b.op.max(x, negated(x));
    const t = b.op.div(one, b.op.add(one, b.op.mul(size, b.fill(p, shape))));
    const sum = factors.reduceRight(
      (total, a) => b.op.mul(t, b.op.add(total, b.fill(a, shape))),
      b.fill(0, shape),
    );
    const positive = b.op.sub(one, b.op.mul(sum, b.op.exp(negated(b.op.mul(x, x)))));
    return [b.op.select(b.op.greater(b.fill(0, shape), x), negated(positive), positive)];
  });
}
//# sourceMappingURL=functions.js.map
