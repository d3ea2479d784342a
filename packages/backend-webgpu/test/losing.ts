// Devices that are lost on purpose: their GPUDevice is destroyed at a chosen moment of a training run, as if by a driver reset.
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { Device } from '@isonet/core';
import { openAdapter } from '../src/adapters/open.ts';
import { deviceOver } from '../src/device.ts';

/** The operations during which a device can be lost. */
export const moments = [
  'start',
  'first compile',
  'later compile',
  'step',
  'read',
  'evaluation',
  'snapshot',
] as const;
export type Moment = (typeof moments)[number];

/** The moment at which a device is destroyed. */
export interface Loss {
  readonly moment: Moment;
  /** The zero-based index of the WebGPU call among the calls of this moment. */
  readonly call: number;
  /** The delay: in turns of the event loop after the call, or in microtasks after the call or after its operation ends. */
  readonly after: {
    readonly unit: 'turns' | 'microtasks' | 'microtasks after its end';
    readonly count: number;
  };
  /** The delay before the device reports that it is lost. */
  readonly newsMs: number;
}

/** A device that is lost as planned. */
export interface LosingDevice {
  readonly device: Device;
  /** The operations that were in progress when the device was destroyed. */
  readonly hit: ReadonlySet<Moment>;
  /** Returns the labels of the buffers that are not destroyed. */
  readonly live: () => readonly string[];
}

/** Opens the software device, and arranges for its loss if `loss` is defined. */
export async function openLosing(loss: Loss | undefined): Promise<LosingDevice> {
  const adapter = await openAdapter('software');
  const { hit, buffers } = new Sabotage(adapter.device, loss);
  const lost = adapter.lost.then((reason) => (loss && loss.newsMs > 0 ? sleep(loss.newsMs, reason) : reason));
  return { device: deviceOver({ ...adapter, lost }), hit, live: () => [...buffers.values()] };
}

/** Follows the WebGPU calls of a training run by their labels. */
class Sabotage {
  readonly hit = new Set<Moment>();
  /** The buffers that are not destroyed, with their labels. */
  readonly buffers = new Map<GPUBuffer, string>();
  readonly #gpu: GPUDevice;
  readonly #loss: Loss | undefined;
  readonly #calls = new Map<Moment, number>();
  readonly #underWay = new Set<Moment>();
  #programs = 0;

  constructor(gpu: GPUDevice, loss: Loss | undefined) {
    this.#gpu = gpu;
    this.#loss = loss;
    this.#followBuffers();
    this.#followPipelines();
    this.#followRuns();
  }

  #followBuffers(): void {
    const make = this.#gpu.createBuffer.bind(this.#gpu);
    this.#gpu.createBuffer = (descriptor) => {
      const { label = '' } = descriptor;
      const buffer = make(descriptor);
      this.buffers.set(buffer, label);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        this.buffers.delete(buffer);
        return destroy();
      };
      this.#followReads(buffer, label);
      if (label.startsWith('state ') && label !== 'state read') this.#begin('start');
      if (label.endsWith(' params')) {
        this.#begin(this.#compiling); // also counts if an earlier program has compiled all pipelines
        this.#programs++;
      }
      return buffer;
    };
  }

  #followReads(buffer: GPUBuffer, label: string): void {
    const moment = readingOf(label);
    if (!moment) return;
    const map = buffer.mapAsync.bind(buffer);
    buffer.mapAsync = (...range) => {
      const mapped = map(...range);
      this.#begin(moment, mapped);
      return mapped;
    };
  }

  #followPipelines(): void {
    const compile = this.#gpu.createComputePipelineAsync.bind(this.#gpu);
    this.#gpu.createComputePipelineAsync = (descriptor) => {
      const compiled = compile(descriptor);
      this.#begin(this.#compiling, compiled);
      return compiled;
    };
  }

  #followRuns(): void {
    const encode = this.#gpu.createCommandEncoder.bind(this.#gpu);
    this.#gpu.createCommandEncoder = (descriptor) => {
      const encoder = encode(descriptor);
      const begin = encoder.beginComputePass.bind(encoder);
      encoder.beginComputePass = (pass) => {
        const begun = begin(pass);
        this.#begin(
          isEvaluation(descriptor?.label) ? 'evaluation' : 'step',
          this.#gpu.queue.onSubmittedWorkDone(),
        );
        return begun;
      };
      return encoder;
    };
  }

  get #compiling(): Moment {
    return this.#programs === 0 ? 'first compile' : 'later compile';
  }

  /** @param end resolves when the operation of the call ends; default: the end of this turn of the event loop */
  #begin(moment: Moment, end: Promise<unknown> = turn()): void {
    const call = this.#calls.get(moment) ?? 0;
    this.#calls.set(moment, call + 1);
    const loss = this.#loss;
    if (loss?.moment !== moment || loss.call !== call) return;
    this.#underWay.add(moment);
    const over = (): boolean => this.#underWay.delete(moment);
    const lose = (): Promise<void> => this.#lose(loss.after);
    if (loss.after.unit === 'microtasks after its end') {
      // Attached directly, so that with 0 microtasks the loss precedes the backend's own handlers.
      end.then(lose, lose);
    } else {
      void lose();
    }
    end.then(over, over);
  }

  async #lose({ unit, count }: Loss['after']): Promise<void> {
    for (let i = 0; i < count; i++) await (unit === 'turns' ? turn() : undefined);
    for (const moment of this.#underWay) this.hit.add(moment);
    this.#gpu.destroy();
  }
}

/** Returns the operation that reading a buffer with this label belongs to. */
function readingOf(label: string): Moment | undefined {
  if (label === 'state read') return 'snapshot';
  if (!label.endsWith(' outputs')) return undefined;
  return isEvaluation(label) ? 'evaluation' : 'read';
}

function isEvaluation(label: string = ''): boolean {
  return label.includes('.evaluate');
}
