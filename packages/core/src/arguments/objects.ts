// The forms of objects that training accepts. An object is recognized by its methods, not its class: a remote object, or one
// created by another copy of core, has the same methods.
import type { Form } from './forms.ts';
import { callback, isObject, isText, listOfObjects, ranges } from './forms.ts';

/** Returns the form of an object with these methods. */
function withMethods(text: string, ...methods: readonly string[]): Form {
  return {
    text,
    fits: (value) => isObject(value) && methods.every((name) => typeof value[name] === 'function'),
  };
}

const isShape = (value: unknown): boolean => Array.isArray(value) && value.every(ranges.count.fits);

const isSampleSpec = (value: unknown): boolean =>
  isObject(value) && isText(value['name']) && isShape(value['shape']);

type ObjectName =
  | 'model'
  | 'device'
  | 'state'
  | 'tensor'
  | 'tensors'
  | 'task'
  | 'dataset'
  | 'optimizer'
  | 'initializer'
  | 'schedule'
  | 'rules'
  | 'trainer'
  | 'checkpoint'
  | 'gradients'
  | 'signal';

/** The forms of objects, by their role. */
export const objects: Readonly<Record<ObjectName, Form>> = {
  // The layer is checked when it is built.
  model: {
    text: 'a model { name, input: { name, shape }, output: { name, shape }, layer }',
    fits: (value) =>
      isObject(value) &&
      isText(value['name']) &&
      isSampleSpec(value['input']) &&
      isSampleSpec(value['output']),
  },
  device: withMethods('an open device, await backend.open()', 'createState', 'compile'),
  state: withMethods('a state, trainer.state or await device.createState(weights)', 'read', 'write'),
  tensor: {
    text: 'a tensor, such as float32([1, 2], [0.5, 0.5])',
    fits: (value) =>
      isObject(value) &&
      isText(value['dtype']) &&
      Array.isArray(value['shape']) &&
      ArrayBuffer.isView(value['data']),
  },
  tensors: { text: 'tensors by name', fits: isObject },
  task: withMethods('a task, such as regression()', 'targets', 'check', 'losses', 'score'),
  // Emptiness is checked separately.
  dataset: {
    text: 'a dataset { length, batch(indices) }',
    fits: (value) =>
      isObject(value) && ranges.countFrom0.fits(value['length']) && typeof value['batch'] === 'function',
  },
  optimizer: withMethods('an optimizer, such as adam()', 'scalarsAt', 'update'),
  initializer: withMethods('an initializer, such as he', 'bound'),
  schedule: {
    text: 'a learning rate of at least 0, or a schedule, such as cosine({ peak: 0.1 })',
    fits: (value) => callback.fits(value) || ranges.from0.fits(value),
  },
  // Each rule is checked when it is applied, so that the message can name it.
  rules: listOfObjects('a list of rules, such as { match: "c1", frozen: true }'),
  trainer: withMethods('a Trainer, await Trainer.create(...)', 'start', 'snapshot'),
  checkpoint: {
    text: 'a checkpoint { step, values, epoch }',
    fits: (value) => isObject(value) && isObject(value['values']) && isObject(value['epoch']),
  },
  gradients: {
    text: 'the gradients of a batch { loss, gradients, buffers }',
    fits: (value) => isObject(value) && isObject(value['gradients']) && isObject(value['buffers']),
  },
  signal: {
    text: 'an AbortSignal or { aborted }',
    fits: (value) => isObject(value) && typeof value['aborted'] === 'boolean',
  },
};
