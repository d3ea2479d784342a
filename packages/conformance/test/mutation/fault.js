import { defined } from '@isonet/core';
import { wrongKernels } from './wrongKernels.js';
import { inBits, isOneNumber, oneFurther, sameData, valued } from './tensors.js';
/**
 * One operand is changed on its way in.
 * @param unless what is to be said of its data where that makes no other of it
 */
export function operand(index, name, change, unless, unseen) {
  const plant = ({ operands }) => {
    const changed = withOperand(operands, index, change);
    return sameTensors(operands, changed) ? unless : { operands: changed };
  };
  return { name, plant, ...(unseen && { unseen }) };
}
/** @throws GraphError when there is no such operand */
export function withOperand(operands, index, change) {
  return operands.with(index, change(defined(operands[index], `operand ${index}`)));
}
export function sameTensors(some, others) {
  return some.every((x, i) => sameData(x, defined(others[i], `operand ${i}`)));
}
/** One operand is read one number further on, in row-major order. */
export function oneOff(index, what, unseen) {
  return operand(index, `${what} is read one place off`, oneFurther, `${what} is one number`, unseen);
}
/** One operand is taken for 0. */
export function forgotten(index, what) {
  return operand(index, `${what} is forgotten`, (x) => valued(x, () => 0), `${what} is 0`);
}
/** Two operands of one type change places. */
export function exchanged(first, second, unseen) {
  const other = (i) => (i === first ? second : i === second ? first : i);
  const plant = ({ operands }) => {
    const given = operands;
    const changed = given.map((_, i) => defined(given[other(i)], `operand ${other(i)}`));
    return sameTensors(given, changed) ? 'the operands are equal' : { operands: changed };
  };
  return { name: 'exchanged operands', plant, ...(unseen && { unseen }) };
}
/** All operands rounded to fewer bits. */
export function inFormat(format) {
  const bits = FORMATS[format];
  const plant = ({ operands }) => {
    const changed = operands.map((x) => inBits(x, bits));
    return sameTensors(operands, changed) ? `no operand has more than ${bits} bits` : { operands: changed };
  };
  return { name: `inputs in ${format}`, plant };
}
/** A wrong kernel by its name in {@link wrongKernels}, `<op>: <what is wrong>`. */
export function kernel(name, unseen) {
  const replace = defined(wrongKernels[name], `the wrong kernel "${name}"`);
  const plant = ({ node }) => ({
    emit: (b, inputs) => replace(b, node, inputs) ?? b.emit(node.op, inputs, node.attrs),
  });
  return { name: name.slice(name.indexOf(': ') + 2), plant, ...(unseen && { unseen }) };
}
/** Significant bits. */
export const FORMATS = { TF32: 11, bf16: 8 };
/** For `unseen`: an op that gives the same whatever it is given. */
export function oneResult({ results }) {
  return results.every(isOneNumber) ? 'every result is one number' : undefined;
}
//# sourceMappingURL=fault.js.map
