// Devices that are lost on purpose: their GPUDevice is destroyed, as a driver reset would, at a chosen moment of a training.
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { Device } from '@isonet/core';
import { openAdapter } from '../src/adapters/open.ts';
import { deviceOver } from '../src/device.ts';

/** What a device does when it is lost. */
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

/** When to destroy a device. */
export interface Loss {
  readonly moment: Moment;
  /** Which WebGPU call of that kind it is, from 0. */
  readonly call: number;
  /** Turns of the event loop after the call, or microtasks after the call or after the end of what it began. */
  readonly after: {
    readonly unit: 'turns' | 'microtasks' | 'microtasks after its end';
    readonly count: number;
  };
  /** How much later the device says that it is lost. */
  readonly newsMs: number;
}

/** A device that is lost as planned. */
export interface LosingDevice {
  readonly device: Device;
  /** What was under way when it was destroyed. */
  readonly hit: ReadonlySet<Moment>;
  /** Labels of the buffers that are not destroyed. */
  readonly live: () => readonly string[];
}

/** Opens the software device. Without a loss, it stays. */
export async function openLosing(loss: Loss | undefined): Promise<LosingDevice> {
  const adapter = await openAdapter('software');
  const { hit, buffers } = new Sabotage(adapter.device, loss);
  const lost = adapter.lost.then((reason) => (loss && loss.newsMs > 0 ? sleep(loss.newsMs, reason) : reason));
  return { device: deviceOver({ ...adapter, lost }), hit, live: () => [...buffers.values()] };
}

/** Follows by their labels the WebGPU calls of a training. */
class Sabotage {
  readonly hit = new Set<Moment>();
  /** Those that are not destroyed, and their labels. */
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
        this.#begin(this.#compiling); // Of pipelines that an earlier program has compiled, too.
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

  /** @param end of what the call begins; without it, the call is over at the end of the turn */
  #begin(moment: Moment, end: Promise<unknown> = turn()): void {
    const call = this.#calls.get(moment) ?? 0;
    this.#calls.set(moment, call + 1);
    const loss = this.#loss;
    if (loss?.moment !== moment || loss.call !== call) return;
    this.#underWay.add(moment);
    const over = (): boolean => this.#underWay.delete(moment);
    const lose = (): Promise<void> => this.#lose(loss.after);
    if (loss.after.unit === 'microtasks after its end') {
      // Directly, so that no microtasks means before the backend hears of the end.
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

/** What reading a buffer of this label is part of. */
function readingOf(label: string): Moment | undefined {
  if (label === 'state read') return 'snapshot';
  if (!label.endsWith(' outputs')) return undefined;
  return isEvaluation(label) ? 'evaluation' : 'read';
}

function isEvaluation(label: string = ''): boolean {
  return label.includes('.evaluate');
}
