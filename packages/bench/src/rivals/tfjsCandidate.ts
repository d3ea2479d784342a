// The rival TensorFlow.js: a LayersModel as users of the library write it, NHWC, trained with trainOnBatch.
import { defined } from '@isonet/core';
import type { OpenRequest, OptimizerSettings } from '../protocol.ts';
import type { Files, RivalCandidate } from './serve.ts';
import { Refusal } from './serve.ts';
import { layersModel } from './tfjsModel.ts';
import type { LayersModel, Tensor, Tf } from './tfjsModel.ts';

/** A built and compiled model. */
export class TfjsCandidate implements RivalCandidate {
  readonly text: string;
  readonly #tf: Tf;
  readonly #request: OpenRequest;
  readonly #files: Files;
  readonly #model: LayersModel;
  /** The data in the usual form of the library: images in NHWC, labels as one-hot rows. */
  readonly #images: Float32Array;
  readonly #oneHot: Tensor;
  /** The loss of the current step, without the penalty that represents weight decay. */
  #loss: Tensor | undefined;

  constructor(tf: Tf, request: OpenRequest, files: Files, text: string) {
    this.text = text;
    this.#tf = tf;
    this.#request = request;
    this.#files = files;
    const { optimizer, work } = request;
    const { images, labels, network } = files;
    this.#model = layersModel(tf, files, work === 'step' ? optimizer.weightDecay : 0);
    this.#images = tf.tidy(() => {
      const x = tf.tensor4d(images.data, shape4(images.shape));
      return tf.transpose(x, [0, 2, 3, 1]).dataSync<'float32'>();
    });
    this.#oneHot = tf.oneHot(tf.tensor1d(labels.data, 'int32'), network.classes);
    if (work === 'step') this.#compile(optimizer);
  }

  #compile({ lr, momentum, nesterov }: OptimizerSettings): void {
    const tf = this.#tf;
    const loss = (labels: Tensor, logits: Tensor) => {
      // trainOnBatch returns the sum with the penalty, and a metric would compute the loss a second time.
      this.#loss = tf.keep(tf.losses.softmaxCrossEntropy<Tensor, Tensor>(labels, logits));
      return this.#loss;
    };
    this.#model.compile({
      optimizer: momentum === 0 ? tf.train.sgd(lr) : tf.train.momentum(lr, momentum, nesterov),
      loss,
    });
  }

  async run(): Promise<number | undefined> {
    if (this.#request.work === 'forward') {
      await this.#predict(this.#model);
      return undefined;
    }
    const x = this.#batch();
    await this.#model.trainOnBatch(x, this.#oneHot);
    const kept = defined(this.#loss, 'the loss of the step');
    const [loss] = await kept.data();
    x.dispose();
    kept.dispose();
    return defined(loss, 'the value of the loss');
  }

  async logits(): Promise<ArrayLike<number>> {
    // Use a separate model, because steps have changed the weights and statistics of the first one.
    const model = layersModel(this.#tf, this.#files, 0);
    const logits = await this.#predict(model);
    model.dispose();
    return logits;
  }

  product(size: number): Promise<() => Promise<unknown>> {
    const tf = this.#tf;
    const [a, b] = [tf.randomUniform([size, size]), tf.randomUniform([size, size])];
    return Promise.resolve(async () => {
      const one = tf.tidy(() => tf.slice(tf.matMul(a, b), [0, 0], [1, 1]));
      await one.data();
      one.dispose();
    });
  }

  async #predict(model: LayersModel): Promise<ArrayLike<number>> {
    const x = this.#batch();
    const y = model.predict(x, { batchSize: this.#request.batch }) as Tensor;
    const logits = await y.data();
    x.dispose();
    y.dispose();
    return logits;
  }

  /** Creates the tensor of the batch for each run, as programs do: the library keeps tensors on its device. */
  #batch(): Tensor {
    const [n, c, h, w] = shape4(this.#files.images.shape);
    return this.#tf.tensor4d(this.#images, [n, h, w, c]);
  }
}

function shape4(shape: readonly number[]): [number, number, number, number] {
  const [n, c, h, w] = shape;
  if (n === undefined || c === undefined || h === undefined || w === undefined) {
    throw new Refusal(`tfjs-layers: expected images [N, C, H, W], got [${shape.join(', ')}]`);
  }
  return [n, c, h, w];
}
