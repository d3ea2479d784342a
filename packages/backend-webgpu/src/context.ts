// The context that all programs and states of one device share: the GPUDevice, its compiled pipelines, and the handling of
// WebGPU's two kinds of failure. Error scopes catch errors, which become a BackendError that names the failed
// operation. A lost device is reported once; afterwards every call throws DeviceLostError.
import { BackendError, DeviceLostError, messageOf } from '@isonet/core';
import type { Limits, OpenAdapter } from './adapters/gpu.ts';
import type { Dispatch } from './kernels/kernel.ts';

// Fixed by the WebGPU specification; Node has no global GPUBufferUsage.
export const USAGE = { MAP_READ: 0x1, COPY_SRC: 0x4, COPY_DST: 0x8, UNIFORM: 0x40, STORAGE: 0x80 } as const;
const MAP_MODE_READ = 0x1;
const STAGE_COMPUTE = 0x4;

/** The time to wait, after a failed operation, for WebGPU to report a lost device. */
const LOSS_GRACE_MS = 100;

/** A group of buffers that are created one by one and destroyed together. */
export class Buffers {
  readonly #gpu: GPUDevice;
  readonly #made: GPUBuffer[] = [];

  constructor({ gpu }: Context) {
    this.#gpu = gpu;
  }

  /** The total size of the buffers. */
  get bytes(): number {
    return this.#made.reduce((sum, { size }) => sum + size, 0);
  }

  /** @param bytes a multiple of 4: every element takes 4 bytes */
  make(label: string, bytes: number, usage: number): GPUBuffer {
    const buffer = this.#gpu.createBuffer({ label, size: bytes, usage });
    this.#made.push(buffer);
    return buffer;
  }

  /** Destroys all buffers. Work that is already queued on them still completes. */
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

  // Every call is in an error scope, so an uncaptured error is a bug in this package. Reporting it is better than hiding it.
  readonly #onStray = ({ error }: GPUUncapturedErrorEvent): void => {
    this.#stray ??= new BackendError('WEBGPU', `webgpu: ${oneLine(error.message)}`);
  };

  constructor(open: OpenAdapter) {
    this.gpu = open.device;
    this.limits = open.limits;
    this.#open = open;
    this.gpu.addEventListener('uncapturederror', this.#onStray);
    void this.#watchLoss();
  }

  /** Destroys the device and all its buffers. May be called more than once. */
  async close(): Promise<void> {
    this.#stopListening();
    await this.#open.close();
  }

  async #watchLoss(): Promise<void> {
    this.#lost = await this.#open.lost;
    this.#stopListening();
  }

  /**
   * Removes the event listener. Dawn keeps a device and its threads alive as long as the device has a listener, and a
   * caller may never close a lost device.
   */
  #stopListening(): void {
    this.gpu.removeEventListener('uncapturederror', this.#onStray);
  }

  /** Checks that the device is usable. @throws DeviceLostError if the device is lost */
  check(): void {
    if (this.#lost !== undefined) {
      throw new DeviceLostError(
        `webgpu: the device is lost (${this.#lost}); open it again and write the last snapshot`,
      );
    }
    if (this.#stray) throw this.#stray;
  }

  /**
   * Runs WebGPU calls in an error scope. `calls` must not await, because the stack of scopes belongs to the whole device.
   * @throws BackendError with WebGPU's message; DeviceLostError if the device is lost
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

  /**
   * Waits for an operation of the device.
   * @throws DeviceLostError if the device is lost in the meantime; BackendError if the operation fails
   */
  async pending<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      this.check();
      return result;
    } catch (cause) {
      await this.#awaitLoss();
      this.check();
      if (cause instanceof BackendError) throw cause;
      const text = messageOf(cause);
      throw new BackendError('WEBGPU', `${what}: ${oneLine(text)}`, { cause });
    }
  }

  /**
   * Waits briefly for the report of a loss. A lost device rejects its pending operations before or after it reports the loss:
   * the order is unspecified.
   */
  async #awaitLoss(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise((resolve) => (timer = setTimeout(resolve, LOSS_GRACE_MS)));
    await Promise.race([this.#open.lost, timeout]);
    clearTimeout(timer);
  }

  /** Ends a series of writes. Without a submission after them, their staging memory is never freed. */
  flush(): void {
    this.gpu.queue.submit([]);
  }

  /** Maps a MAP_READ buffer, copies data out of it with `copy`, and unmaps it. */
  async mapped<T>(what: string, buffer: GPUBuffer, copy: (bytes: ArrayBuffer) => T): Promise<T> {
    // If the device is lost in between, the buffer is unmapped and getMappedRange fails; `pending` then reports the loss.
    const copied = buffer.mapAsync(MAP_MODE_READ).then(() => {
      try {
        return copy(buffer.getMappedRange());
      } finally {
        buffer.unmap();
      }
    });
    return this.pending(what, copied);
  }

  /**
   * Returns the pipeline of a dispatch. Dispatches with the same source share one pipeline.
   * @throws BackendError that names `label`, the first op that needed the pipeline
   */
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
      // The error scope reports an error in the source first, and in more detail.
      created.catch(() => undefined);
      return { promise: created, layout: bindGroupLayout };
    });
    return { pipeline: await this.pending(label, promise), layout };
  }

  /** Returns the bind group layout: params at 0, then the buffers to read, then the buffers to write. */
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
