// Tests background saves: they run in order, the newest replaces a waiting one, and none runs after a failure.
import { expect, it } from 'vitest';
import { Saver } from '../src/training/saver.ts';

/** Creates a saver, and saves that end on command. */
function controlledSaver(): {
  readonly saver: Saver;
  readonly started: string[];
  readonly save: (name: string) => () => Promise<void>;
  readonly end: (name: string, error?: Error) => Promise<void>;
} {
  const ends = new Map<string, (error?: Error) => void>();
  const started: string[] = [];
  const save = (name: string) => (): Promise<void> => {
    started.push(name);
    return new Promise((resolve, reject) => {
      ends.set(name, (error) => (error ? reject(error) : resolve()));
    });
  };
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { saver: new Saver(), started, save, end };
}

it('runs one save at a time, and only the newest of those that wait', async () => {
  const { saver, started, save, end } = controlledSaver();
  for (const name of ['a', 'b', 'c']) saver.later(save(name));
  expect(started).toEqual(['a']);
  await end('a');
  expect(started).toEqual(['a', 'c']);
  await end('c');
  saver.later(save('d'));
  expect(started).toEqual(['a', 'c', 'd']);
});

it('saves now after the current save, and drops the waiting one, which is older', async () => {
  const { saver, started, save, end } = controlledSaver();
  saver.later(save('a'));
  saver.later(save('b'));
  const now = saver.now(save('now'));
  await end('a');
  expect(started).toEqual(['a', 'now']);
  await end('now');
  await now;
  await saver.settled();
  expect(started).toEqual(['a', 'now']);
});

it('throws the error of a failed save on every later call', async () => {
  const { saver, started, save, end } = controlledSaver();
  const full = new Error('the disk is full');
  saver.later(save('a'));
  saver.check();
  await end('a', full);
  expect(() => saver.check()).toThrow(full);
  expect(() => saver.later(save('b'))).toThrow(full);
  await expect(saver.now(save('c'))).rejects.toThrow(full);
  expect(started).toEqual(['a']);
});
