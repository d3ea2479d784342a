// Tests the order of the turns, and which runs are counted.
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { CandidateError } from '../src/candidates/process.ts';
import type { TurnCandidate } from '../src/measure/turns.ts';
import { takeTurns, warmUp, warmUpProduct } from '../src/measure/turns.ts';
import type { Request } from '../src/protocol.ts';

// Tests do not wait for the pauses.
vi.mock('node:timers/promises', () => ({ setTimeout: vi.fn<() => Promise<void>>(() => Promise.resolve()) }));

interface Timing {
  /** The time of a run in milliseconds. */
  readonly time?: (request: Request) => number;
  /** Called before it answers. */
  readonly onAsk?: () => void;
}

/** Creates fake processes that record all requests in order: `A run 4`. */
function journal(): {
  readonly asked: string[];
  readonly process: (name: string, timing?: Timing) => TurnCandidate['process'];
} {
  const asked: string[] = [];
  const process = (name: string, { time = () => 10, onAsk }: Timing = {}): TurnCandidate['process'] => ({
    ask: (request: Request): Promise<never> => {
      if (request.do !== 'run' && request.do !== 'product') throw new Error(request.do);
      const size = request.do === 'product' ? ` of ${request.size}` : '';
      asked.push(`${name} ${request.do}${size} ${request.count}`);
      onAsk?.();
      try {
        // The first run of a turn is slower.
        const milliseconds = Array.from(
          { length: request.count },
          (_, i) => (i === 0 ? 1000 : 0) + time(request),
        );
        return Promise.resolve({ milliseconds } as never);
      } catch (error) {
        return Promise.reject(error);
      }
    },
  });
  return { asked, process };
}

const calm = { aborted: false };
const dies = (): never => {
  throw new CandidateError('exited with 1', 'correct it');
};

describe('warming up', () => {
  it.each([
    ['of 10 ms', 10, 50, 10],
    ['of 1 ms', 1, 50, 50],
    ['too short for the clock', 0, 50, 50],
    ['of 60 ms', 60, 9, 2],
    ['of a minute', 60_000, 1, 1],
  ])(
    'runs work %s for half a second, and computes how often it fits into 100 ms',
    async (_, time, warm, runs) => {
      const asked: number[] = [];
      const ask = (request: Request): Promise<never> => {
        const count = request.do === 'run' ? request.count : 0;
        asked.push(count);
        return Promise.resolve({ milliseconds: Array.from({ length: count }, () => time) } as never);
      };
      expect(await warmUp({ process: { ask }, work: 'forward' }, calm)).toBe(runs);
      expect(asked).toEqual([1, warm]);
    },
  );

  it.each([
    // A product of size 4096 takes 69 ms.
    ['a fast device', 1e-9, 4096, [256, 512, 1024, 2048, 4096]],
    // 86 ms for 1024, then 0.69 s.
    ['a CPU', 8e-8, 1024, [256, 512, 1024]],
    ['a slow device', 5e-7, 512, [256, 512]],
    ['a very slow device', 1e-4, 256, [256]],
  ])('doubles the product of %s as long as it takes less than 100 ms', async (_, each, size, tried) => {
    const asked: string[] = [];
    const ask = (request: Request): Promise<never> => {
      if (request.do !== 'product') throw new Error(request.do);
      asked.push(`${request.size} x ${request.count}`);
      const milliseconds = Array.from({ length: request.count }, () => each * request.size ** 3);
      return Promise.resolve({ milliseconds } as never);
    };
    const product = await warmUpProduct({ process: { ask }, work: 'forward' }, calm);
    expect(product?.size).toBe(size);
    const trials = tried.flatMap((one) => [`${one} x 1`, `${one} x 1`]);
    expect(asked.slice(0, -1)).toEqual([...trials, `${size} x 1`]);
  });

  it('continues without a product if the library has none', async () => {
    const { process } = journal();
    expect(
      await warmUpProduct({ process: process('A', { time: dies }), work: 'forward' }, calm),
    ).toBeUndefined();
  });

  it('requires the loss of steps', async () => {
    const ask = (): Promise<never> => Promise.resolve({ milliseconds: [1] } as never);
    await expect(warmUp({ process: { ask }, work: 'step' }, calm)).rejects.toThrow(
      'sent an invalid answer to "run": loss: expected a finite number, got nothing',
    );
  });

  it('rejects an answer with the wrong number of times', async () => {
    const ask = (): Promise<never> => Promise.resolve({ milliseconds: [1, 2] } as never);
    await expect(warmUp({ process: { ask }, work: 'forward' }, calm)).rejects.toThrow(
      'sent an invalid answer to "run": expected 1 times, got 2',
    );
  });
});

interface TurnOptions {
  readonly rounds: number;
  readonly stop?: { readonly aborted: boolean };
  readonly pauseMs?: number;
}

interface Turned {
  readonly asked: readonly string[];
  readonly failed: readonly string[];
  readonly rounds: readonly number[];
  readonly times: ReadonlyMap<string, { readonly milliseconds: number[]; readonly products: number[] }>;
}

async function turns(
  timings: Readonly<Record<string, Timing>>,
  { rounds, stop = calm, pauseMs = 0 }: TurnOptions,
): Promise<Turned> {
  const { asked, process } = journal();
  const candidates = Object.entries(timings).map(([name, timing], i): TurnCandidate => ({
    name,
    process: process(name, timing),
    work: 'forward',
    runs: i + 1,
    product: i === 0 ? { size: 64, runs: 2 } : undefined,
  }));
  const failed: string[] = [];
  const seen: number[] = [];
  const times = await takeTurns(candidates, {
    rounds,
    stop,
    pauseMs,
    onRound: (done) => void seen.push(done),
    onFailure: ({ name }, { message }) => void failed.push(`${name} ${message}`),
  });
  return {
    asked,
    failed,
    rounds: seen,
    times: new Map([...times].map(([{ name }, own]) => [name, own])),
  };
}

describe('rounds', () => {
  it('have the order A B C A B C, with products after every third round', async () => {
    const { asked, rounds } = await turns({ A: {}, B: {}, C: {} }, { rounds: 4 });
    const round = ['A run 2', 'B run 3', 'C run 5'];
    const product = ['A product of 64 3'];
    expect(asked).toEqual([...round, ...product, ...round, ...round, ...round, ...product]);
    expect(rounds).toEqual([0, 1, 2, 3, 4]);
  });

  it('compute the mean of a turn without its first runs, about a third of them', async () => {
    let run = 0;
    const { times } = await turns({ A: {}, B: { time: () => ++run } }, { rounds: 2 });
    // Turns of B: 1 | 2, 3 and 4 | 5, 6.
    expect(times.get('B')?.milliseconds).toEqual([2.5, 5.5]);
    expect(times.get('A')).toEqual({ milliseconds: [10, 10], products: [10] });
    let turn = 0;
    // The second of C's five runs, which takes 10 s, does not count either.
    const late = await turns(
      { A: {}, B: {}, C: { time: () => (turn++ === 1 ? 10_000 : 10) } },
      { rounds: 1 },
    );
    expect(late.times.get('C')?.milliseconds).toEqual([10]);
  });

  it('pause before each turn if there are several candidates', async () => {
    const pauses = vi.mocked(setTimeout);
    pauses.mockClear();
    await turns({ A: {}, B: {} }, { rounds: 2, pauseMs: 250 });
    // Two rounds, and the products after the first.
    expect(pauses.mock.calls).toEqual(Array.from({ length: 6 }, () => [250]));
    pauses.mockClear();
    await turns({ A: {} }, { rounds: 2, pauseMs: 250 });
    expect(pauses).not.toHaveBeenCalled();
  });

  it('continue without a candidate that measures a time of zero', async () => {
    const { failed, times } = await turns({ A: {}, B: { time: () => 0 } }, { rounds: 1 });
    expect(failed).toEqual(['B measured a time of zero']);
    expect([...times.keys()]).toEqual(['A']);
  });

  it('continue without a candidate that fails', async () => {
    let turn = 0;
    const time = (): number => (++turn > 4 ? dies() : 10);
    const { asked, failed, times } = await turns({ A: {}, B: { time }, C: {} }, { rounds: 3 });
    expect(failed).toEqual(['B exited with 1']);
    expect([...times.keys()]).toEqual(['A', 'C']);
    expect(times.get('C')?.milliseconds).toHaveLength(3);
    expect(asked.filter((line) => line.startsWith('B'))).toHaveLength(2);
  });

  it('end when no candidate remains', async () => {
    const { asked, times } = await turns({ A: { time: dies } }, { rounds: 3 });
    expect(times.size).toBe(0);
    expect(asked).toEqual(['A run 2']);
  });

  it('end after the current turn, and only complete rounds count', async () => {
    const stop = { aborted: false };
    let turn = 0;
    const onAsk = (): void => {
      if (++turn === 2) stop.aborted = true;
    };
    const { asked, times, rounds } = await turns({ A: { onAsk }, B: {} }, { rounds: 15, stop });
    // A's second turn is the product after the first round; then the rounds end.
    expect(asked).toEqual(['A run 2', 'B run 3', 'A product of 64 3']);
    expect(times.get('A')).toEqual({ milliseconds: [10], products: [10] });
    expect(times.get('B')).toEqual({ milliseconds: [10], products: [] });
    expect(rounds.at(-1)).toBe(1);
  });

  it('drop an incomplete round for all candidates', async () => {
    const stop = { aborted: false };
    let turn = 0;
    const onAsk = (): void => {
      if (++turn === 3) stop.aborted = true;
    };
    const { times } = await turns({ A: { onAsk }, B: {} }, { rounds: 15, stop });
    expect(times.get('A')?.milliseconds).toEqual([10]);
    expect(times.get('B')?.milliseconds).toEqual([10]);
  });
});
