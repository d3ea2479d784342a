// A test task other than classification, on the labels of Fashion-MNIST. Its metric is the distance, in classes,
// between the prediction and the label.
import type { Task } from '@isonet/core';
import { classification, predictedClasses } from '@isonet/core';

const classes = classification();

export const ordinal: Task = {
  name: 'ordinal',
  targets: (output) => classes.targets(output),
  check: (labels, output) => classes.check(labels, output),
  losses: (b, output, labels) => classes.losses(b, output, labels),
  score: (output, labels) => {
    const predicted = predictedClasses(output);
    const off = predicted.map((k, i) => Math.abs(k - (labels.data[i] ?? NaN)));
    return { classesOff: { sum: off.reduce((sum, one) => sum + one, 0), count: off.length } };
  },
};
