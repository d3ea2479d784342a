// The page of the browser tests: runs checks of the conformance suite and five training steps on a device of the backend.
import type { Outcome } from '@isonet/conformance';
import type { Backend, OpenOptions, Probe } from '@isonet/core';
import { messageOf } from '@isonet/core';
import { trainSteps } from '../../../conformance/src/bits/steps.ts';
import { outcomesInPage } from '../../../conformance/test/browser/suite.ts';
import { onnx, onnxFrom } from '../../src/index.ts';

/** The options of `open`, and the folder in which the files of onnxruntime-web are served. */
export interface PageOptions extends OpenOptions {
  readonly folder?: string;
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
  conform(options: PageOptions, keys: readonly string[]): Promise<readonly Outcome[]>;
  /** Trains five steps. */
  bits(options: PageOptions): Promise<PageBits>;
  /** Returns the device's text, or the message of the error that `open` throws. */
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
  conform: (given, keys) => {
    const { backend, options } = backendOf(given);
    const name = `onnx (${options.device ?? 'default'}, in a page)`;
    const open = (more?: OpenOptions): ReturnType<Backend['open']> => backend.open({ ...options, ...more });
    return outcomesInPage({ ...backend, name, open }, keys);
  },
  bits: async (given) => {
    const { backend, options } = backendOf(given);
    await using device = await backend.open(options);
    const { id, losses, tensors } = await trainSteps(device);
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
