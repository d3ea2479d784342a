// Two small graphs, and a device that records the calls of its sessions.
import type { Device, Graph } from '@isonet/core';
import { GraphBuilder } from '@isonet/core';
import { backendOver } from '../src/native.ts';
import type { OrtTensor, Session, SessionSettings } from '../src/runtime/load.ts';
import { loadRuntime } from '../src/runtime/load.ts';

export const pair: { readonly dtype: 'float32'; readonly shape: readonly [2] } = {
  dtype: 'float32',
  shape: [2],
};

/** Builds total' = total + x. The output `double` is 2 x, and `large` is x > 1. */
export function counting(): Graph {
  const b = new GraphBuilder('counting');
  const [x, total] = [b.input('x', pair), b.state('total', pair)];
  b.output('double', b.op.add(x, x));
  b.output('large', b.op.greater(x, b.fill(1, [2])));
  b.update('total', b.op.add(total, x));
  return b.build();
}

/** Builds y = w x. */
export function scaling(): Graph {
  const b = new GraphBuilder('scaling');
  b.output('y', b.op.mul(b.input('x', pair), b.state('w', pair)));
  return b.build();
}

type OrtTensors = Readonly<Record<string, OrtTensor>>;

/** Records the sessions of a device, and can make their runs fail. */
export class Watched {
  readonly sessions: Session[] = [];
  /** The feeds of each run. */
  readonly fed: OrtTensors[] = [];
  /** The results of each run. */
  readonly results: OrtTensors[] = [];
  /** The output names that each run requested. */
  readonly fetched: (readonly string[])[] = [];
  released = 0;
  failure: Error | undefined;

  async open(): Promise<Device> {
    const runtime = await loadRuntime();
    const createSession = async (model: Uint8Array, settings: SessionSettings): Promise<Session> =>
      this.#watch(await runtime.createSession(model, settings));
    // Not `cpu`, which creates another session to detect the library's layout.
    return backendOver(() => Promise.resolve({ ...runtime, createSession })).open({ device: 'portable' });
  }

  #watch(session: Session): Session {
    const [run, release] = [session.run.bind(session), session.release.bind(session)];
    const watched = {
      run: async (feeds: OrtTensors, names: readonly string[]) => {
        this.fed.push(feeds);
        this.fetched.push(names);
        if (this.failure) throw this.failure;
        const results = await run(feeds, names);
        this.results.push(results);
        return results;
      },
      release: () => {
        this.released++;
        return release();
      },
    };
    this.sessions.push(session);
    return Object.assign(session, watched);
  }
}
