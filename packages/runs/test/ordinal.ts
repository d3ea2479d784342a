// A task on the labels of Fashion-MNIST that is no classification: how many classes a prediction is off.
import type { Task } from '@isonet/core';
import { classification, predictedClasses } from '@isonet/core';

const { targets, check, losses } = classification();

export const ordinal: Task = {
  name: 'ordinal',
  targets,
  check,
  losses,
  score: (output, labels) => {
    const predicted = predictedClasses(output);
    const off = predicted.map((k, i) => Math.abs(k - (labels.data[i] ?? NaN)));
    return { classesOff: { sum: off.reduce((sum, one) => sum + one, 0), count: off.length } };
  },
};
