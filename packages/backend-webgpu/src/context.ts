// All programs and states of one device share this: the GPUDevice, its compiled pipelines, and the two ways in which WebGPU
// fails. Errors arrive in scopes, and become BackendError with the name of what was tried; a loss arrives once, and from
// then on everything throws DeviceLostError.
import { BackendError, DeviceLostError, messageOf } from '@isonet/core';
import type { Limits, OpenAdapter } from './adapters/gpu.ts';
import type { Dispatch } from './kernels/kernel.ts';

// Fixed by the WebGPU specification; Node has no global GPUBufferUsage.
export const USAGE = { MAP_READ: 0x1, COPY_SRC: 0x4, COPY_DST: 0x8, UNIFORM: 0x40, STORAGE: 0x80 } as const;
const MAP_MODE_READ = 0x1;
const STAGE_COMPUTE = 0x4;

/** How long after a failure the news of a loss may come. */
const LOSS_NEWS_MS = 100;

/** Buffers that belong together: made one by one, destroyed all at once. */
export class Buffers {
  readonly #gpu: GPUDevice;
  readonly #made: GPUBuffer[] = [];

  constructor({ gpu }: Context) {
    this.#gpu = gpu;
  }

  /** Of all together. */
  get bytes(): number {
    return this.#made.reduce((sum, { size }) => sum + size, 0);
  }

  /** @param bytes a multiple of 4, as the sizes of all our values are */
  make(label: string, bytes: number, usage: number): GPUBuffer {
    const buffer = this.#gpu.createBuffer({ label, size: bytes, usage });
    this.#made.push(buffer);
    return buffer;
  }

  /** What the queue has been told to do with them is still done. */
  destroy(): void {
    for (const buffer of this.#made.splice(0)) buffer.destroy();
  }
}

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class Context {
  readonly gpu: GPUDevice;
  readonly limits: Limits;
  readonly #open: OpenAdapter;
  readonly #pipelines = new Map<string, Promise<Pipeline>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  #lost: string | undefined;
  #stray: BackendError | undefined;

  // Every call is in a scope, so this is a fault of ours; better told than swallowed.
  readonly #onStray = ({ error }: GPUUncapturedErrorEvent): void => {
    this.#stray ??= new BackendError('WEBGPU', `webgpu: ${oneLine(error.message)}`);
  };

  constructor(open: OpenAdapter) {
    this.gpu = open.device;
    this.limits = open.limits;
    this.#open = open;
    this.gpu.addEventListener('uncapturederror', this.#onStray);
    void this.#hearLoss();
  }

  /** Destroys the device and all its buffers. May be called again. */
  async close(): Promise<void> {
    this.#letGo();
    await this.#open.close();
  }

  async #hearLoss(): Promise<void> {
    this.#lost = await this.#open.lost;
    this.#letGo();
  }

  /** Dawn keeps a device, with its threads, for as long as somebody listens to it. A lost one may never be closed. */
  #letGo(): void {
    this.gpu.removeEventListener('uncapturederror', this.#onStray);
  }

  /** @throws DeviceLostError when the device is gone */
  check(): void {
    if (this.#lost !== undefined) {
      throw new DeviceLostError(
        `webgpu: the device is lost (${this.#lost}); open it again and write the last snapshot`,
      );
    }
    if (this.#stray) throw this.#stray;
  }

  /**
   * Runs calls to WebGPU, which must not await: scopes are a stack of the whole device.
   * @throws BackendError with what WebGPU says of them, DeviceLostError when the device is gone
   */
  async guarded<T>(what: string, calls: () => T): Promise<T> {
    this.check();
    this.gpu.pushErrorScope('internal');
    this.gpu.pushErrorScope('out-of-memory');
    this.gpu.pushErrorScope('validation');
    const popped = (): Promise<(GPUError | null)[]> =>
      Promise.all([this.gpu.popErrorScope(), this.gpu.popErrorScope(), this.gpu.popErrorScope()]);
    let result: T;
    try {
      result = calls();
    } catch (error) {
      popped().catch(() => undefined);
      throw error;
    }
    const errors = await this.pending(what, popped());
    const error = errors.find((entry) => entry !== null);
    if (error) throw new BackendError('WEBGPU', `${what}: ${oneLine(error.message)}`);
    return result;
  }

  /** Waits for something of the device's. @throws DeviceLostError when it is gone by then, BackendError when it rejects */
  async pending<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      this.check();
      return result;
    } catch (cause) {
      await this.#lossNews();
      this.check();
      if (cause instanceof BackendError) throw cause;
      const text = messageOf(cause);
      throw new BackendError('WEBGPU', `${what}: ${oneLine(text)}`, { cause });
    }
  }

  /** A lost device rejects what is pending, and says that it is lost, in no promised order: waits for the latter. */
  async #lossNews(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, LOSS_NEWS_MS)));
    await Promise.race([this.#open.lost, patience]);
    clearTimeout(timer);
  }

  /** Ends a series of writes: without a submission after them, their staging memory is never freed. */
  flush(): void {
    this.gpu.queue.submit([]);
  }

  /** Maps a buffer of MAP_READ, copies `take` out of it, and unmaps it. */
  async mapped<T>(what: string, buffer: GPUBuffer, take: (bytes: ArrayBuffer) => T): Promise<T> {
    // A device that is lost in between unmaps the buffer: getMappedRange then fails, and the loss is why.
    const taken = buffer.mapAsync(MAP_MODE_READ).then(() => {
      try {
        return take(buffer.getMappedRange());
      } finally {
        buffer.unmap();
      }
    });
    return this.pending(what, taken);
  }

  /** The pipeline of a dispatch, one per source text. @throws BackendError naming `label`, the first op that wanted it */
  pipeline(dispatch: Dispatch, label: string): Promise<Pipeline> {
    const { source } = dispatch;
    const known = this.#pipelines.get(source);
    if (known) return known;
    const made = this.#compile(dispatch, label);
    this.#pipelines.set(source, made);
    made.catch(() => this.#pipelines.delete(source));
    return made;
  }

  async #compile({ source, reads, writes }: Dispatch, label: string): Promise<Pipeline> {
    const { promise, layout } = await this.guarded(label, () => {
      const bindGroupLayout = this.#layout(reads.length, writes.length);
      const module = this.gpu.createShaderModule({ label, code: source });
      const created = this.gpu.createComputePipelineAsync({
        label,
        layout: this.gpu.createPipelineLayout({ bindGroupLayouts: [bindGroupLayout] }),
        compute: { module },
      });
      // An error in the source is told by the scope first, and in more words.
      created.catch(() => undefined);
      return { promise: created, layout: bindGroupLayout };
    });
    return { pipeline: await this.pending(label, promise), layout };
  }

  /** Params at 0, then what is read, then what is written. */
  #layout(reads: number, writes: number): GPUBindGroupLayout {
    const key = `${reads} ${writes}`;
    const known = this.#layouts.get(key);
    if (known) return known;
    const types: GPUBufferBindingType[] = [
      'uniform',
      ...new Array<'read-only-storage'>(reads).fill('read-only-storage'),
      ...new Array<'storage'>(writes).fill('storage'),
    ];
    const layout = this.gpu.createBindGroupLayout({
      label: key,
      entries: types.map((type, binding) => ({ binding, visibility: STAGE_COMPUTE, buffer: { type } })),
    });
    this.#layouts.set(key, layout);
    return layout;
  }
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
