// Times every dispatch of a GPUDevice: while recording, it turns a compute pass into one pass per dispatch, between two timestamps.
import { defined } from '@isonet/core';

// Constants of the WebGPU specification; Node has no such globals.
const QUERY_RESOLVE = 0x200;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const MAP_READ = 0x1;
const READ = 0x1;

/** The maximum number of dispatches per query set. */
const MOST_DISPATCHES = 2048;
const BYTES = 2 * 8 * MOST_DISPATCHES;

export interface Recording {
  /** Ends the recording. Returns the dispatches in order, with the labels of their bind groups. */
  read(): Promise<readonly { readonly label: string; readonly milliseconds: number }[]>;
}

export class Recorder {
  readonly #gpu: GPUDevice;
  #labels: string[] | undefined;
  #buffers: GPUBuffer[] = [];

  /** Replaces the device's `createCommandEncoder`. */
  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    const plain = gpu.createCommandEncoder.bind(gpu);
    gpu.createCommandEncoder = (descriptor) => {
      const encoder = plain(descriptor);
      return this.#labels === undefined ? encoder : this.#recorded(encoder, this.#labels);
    };
  }

  record(): Recording {
    const labels: string[] = [];
    this.#labels = labels;
    this.#buffers = [];
    return {
      read: async () => {
        this.#labels = undefined;
        const stamps: bigint[] = [];
        for (const buffer of this.#buffers) {
          await buffer.mapAsync(READ);
          stamps.push(...new BigUint64Array(buffer.getMappedRange()));
          buffer.destroy();
        }
        return labels.map((label, i) => {
          const [start, end] = [stamps[2 * i], stamps[2 * i + 1]];
          return {
            label,
            milliseconds: Number(defined(end, 'a timestamp') - defined(start, 'a timestamp')) / 1e6,
          };
        });
      },
    };
  }

  /** Wraps an encoder with the methods that a program uses. */
  #recorded(encoder: GPUCommandEncoder, labels: string[]): GPUCommandEncoder {
    const sets: GPUQuerySet[] = [];
    const own: Partial<GPUCommandEncoder> = {
      beginComputePass: () => this.#pass(encoder, labels, sets),
      copyBufferToBuffer: encoder.copyBufferToBuffer.bind(encoder),
      finish: () => {
        for (const set of sets) this.#resolve(encoder, set);
        return encoder.finish();
      },
    };
    return own as GPUCommandEncoder;
  }

  #pass(encoder: GPUCommandEncoder, labels: string[], sets: GPUQuerySet[]): GPUComputePassEncoder {
    let pipeline: GPUComputePipeline | undefined;
    let group: GPUBindGroup | null | undefined;
    const own: Partial<GPUComputePassEncoder> = {
      setPipeline: (value) => void (pipeline = value),
      setBindGroup: (_: number, value: GPUBindGroup | null | undefined) => void (group = value),
      dispatchWorkgroups: (...size) => {
        const at = labels.length % MOST_DISPATCHES;
        if (at === 0) sets.push(this.#gpu.createQuerySet({ type: 'timestamp', count: 2 * MOST_DISPATCHES }));
        const pass = encoder.beginComputePass({
          timestampWrites: {
            querySet: defined(sets.at(-1), 'a query set'),
            beginningOfPassWriteIndex: 2 * at,
            endOfPassWriteIndex: 2 * at + 1,
          },
        });
        const bound = defined(group ?? undefined, 'the bind group of a dispatch');
        pass.setPipeline(defined(pipeline, 'the pipeline of a dispatch'));
        pass.setBindGroup(0, bound);
        pass.dispatchWorkgroups(...size);
        pass.end();
        labels.push(bound.label);
      },
      end: () => undefined,
    };
    return own as GPUComputePassEncoder;
  }

  #resolve(encoder: GPUCommandEncoder, set: GPUQuerySet): void {
    const resolved = this.#gpu.createBuffer({ size: BYTES, usage: QUERY_RESOLVE | COPY_SRC });
    const readable = this.#gpu.createBuffer({ size: BYTES, usage: MAP_READ | COPY_DST });
    encoder.resolveQuerySet(set, 0, 2 * MOST_DISPATCHES, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, readable, 0, BYTES);
    this.#buffers.push(readable);
  }
}
