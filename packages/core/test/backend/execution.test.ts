// The execution that every backend shares: it can be read or discarded once, and reports a failure only when it is
// read.
import type { Execution, Graph, Tensors } from '../../src/index.ts';
import { BackendError, DataError, GraphBuilder, scalar } from '../../src/index.ts';
import { describe, expect, it, vi } from 'vitest';
import { executionOf } from '../../src/backend/execution.ts';

const all: Tensors = { one: scalar(1), two: scalar(2) };

function graph(): Graph {
  const b = new GraphBuilder('numbers');
  for (const [name, tensor] of Object.entries(all)) b.output(name, b.constant(tensor));
  return b.build();
}

function started(run: Promise<unknown> = Promise.resolve()): {
  execution: Execution;
  read: ReturnType<typeof vi.fn>;
  discard: ReturnType<typeof vi.fn>;
} {
  const read = vi.fn<(names: readonly string[]) => Promise<Tensors>>(async () => {
    await run;
    return all;
  });
  const discard = vi.fn<() => void>();
  return {
    execution: executionOf(
      graph(),
      run.then(() => undefined),
      { read, discard },
    ),
    read,
    discard,
  };
}

describe('an execution', () => {
  it('reads all outputs, or the named ones', async () => {
    const first = started();
    await expect(first.execution.read()).resolves.toEqual(all);
    expect(first.read.mock.calls).toEqual([[['one', 'two']]]);
    const second = started();
    await second.execution.read(new Set(['two']));
    expect(second.read.mock.calls).toEqual([[['two']]]);
  });

  it('is consumed by a read', async () => {
    const { execution, read, discard } = started();
    await execution.read();
    const again = execution.read();
    await expect(again).rejects.toThrow(BackendError);
    await expect(again).rejects.toThrow('numbers: this run was already read or discarded');
    execution.discard();
    expect([read.mock.calls.length, discard.mock.calls.length]).toEqual([1, 0]);
  });

  it('is consumed by a discard, which takes effect once', async () => {
    const { execution, read, discard } = started();
    execution.discard();
    execution.discard();
    await expect(execution.read()).rejects.toMatchObject({ code: 'CONSUMED' });
    expect([read.mock.calls.length, discard.mock.calls.length]).toEqual([0, 1]);
  });

  it('rejects an unknown output name and can still be read', async () => {
    const { execution } = started();
    await expect(execution.read(['three'])).rejects.toThrow(DataError);
    await expect(execution.read(['one'])).resolves.toEqual(all);
  });

  it('resolves `accepted` with nothing, whatever the run resolves with', async () => {
    await expect(started(Promise.resolve(all)).execution.accepted).resolves.toBeUndefined();
  });

  it('reports a failure only when it is read, without an unhandled rejection', async () => {
    const unheard = vi.fn<() => void>();
    process.on('unhandledRejection', unheard);
    const failed = started(Promise.reject(new BackendError('RUN_FAILED', 'out of memory')));
    started(Promise.reject(new BackendError('RUN_FAILED', 'out of memory'))).execution.discard();
    await new Promise((resolve) => setTimeout(resolve));
    process.off('unhandledRejection', unheard);
    expect(unheard).not.toHaveBeenCalled();
    await expect(failed.execution.accepted).rejects.toThrow('out of memory');
    await expect(failed.execution.read()).rejects.toThrow('out of memory');
  });
});
