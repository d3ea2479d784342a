// The functions of a page that the tests call: the conformance suite on a device of the backend, and five training steps.
import type { Backend, OpenOptions, Probe } from '@isonet/core';
import { messageOf } from '@isonet/core';
import { trained } from '../../../conformance/src/bits.ts';
import { checks } from '../../../conformance/src/checks.ts';
import type { Status } from '../../../conformance/src/declaration.ts';
import { statusOf } from '../../../conformance/src/declaration.ts';
import { Session } from '../../../conformance/src/session.ts';
import { onnx, onnxFrom } from '../../src/index.ts';

/** The options of `open`, and the folder where the files of onnxruntime-web are served. */
export interface PageOptions extends OpenOptions {
  readonly folder?: string;
}

export interface PageOutcome {
  readonly key: string;
  readonly status: Status;
  readonly failures: readonly string[];
  readonly seconds: number;
}

/** Plain values, which can be passed from the page to the test. */
export interface PageBits {
  readonly id: string;
  readonly losses: readonly number[];
  /** The bytes of every tensor, by name. */
  readonly bytes: Readonly<Record<string, readonly number[]>>;
}

export interface Page {
  probe(): Promise<Probe>;
  /** Runs the checks with these keys, in the order of the suite. */
  conform(options: PageOptions, keys: readonly string[]): Promise<readonly PageOutcome[]>;
  /** Trains five steps. */
  bits(options: PageOptions): Promise<PageBits>;
  /** Opens a device. Returns its text, or the message of the error. */
  open(options: PageOptions): Promise<string>;
}

function backendOf({ folder, ...options }: PageOptions): {
  readonly backend: Backend;
  readonly options: OpenOptions;
} {
  return { backend: folder === undefined ? onnx : onnxFrom(folder), options };
}

const page: Page = {
  probe: () => onnx.probe(),
  conform: async (given, keys) => {
    const { backend, options } = backendOf(given);
    const subject = {
      ...backend,
      name: `onnx (${options.device ?? 'default'}, in a page)`,
      open: (more?: OpenOptions) => backend.open({ ...options, ...more }),
    };
    await using session = await Session.open(subject);
    const outcomes: PageOutcome[] = [];
    for (const check of checks().filter(({ key }) => keys.includes(key))) {
      const began = performance.now();
      const { verdict } = await session.attempt(check);
      const status = statusOf(verdict, { expectation: 'to pass' });
      outcomes.push({
        key: check.key,
        status,
        failures: verdict.failures,
        seconds: (performance.now() - began) / 1000,
      });
    }
    return outcomes;
  },
  bits: async (given) => {
    const { backend, options } = backendOf(given);
    await using device = await backend.open(options);
    const { id, losses, tensors } = await trained(device);
    const bytes = Object.entries(tensors).map(([name, { data }]): [string, number[]] => [
      name,
      [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
    ]);
    return { id, losses, bytes: Object.fromEntries(bytes) };
  },
  open: async (given) => {
    const { backend, options } = backendOf(given);
    try {
      await using device = await backend.open(options);
      return device.info.text;
    } catch (error) {
      return messageOf(error);
    }
  },
};

Object.assign(globalThis, { page });
