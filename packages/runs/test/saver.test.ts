// Saving while a training goes on: in order, the newest in place of what waits, and never on after a failure.
import { expect, it } from 'vitest';
import { Saver } from '../src/training/saver.ts';

/** A saver, and saves that end when they are told to. */
function slowly(): {
  readonly saver: Saver;
  readonly begun: string[];
  readonly save: (name: string) => () => Promise<void>;
  readonly end: (name: string, error?: Error) => Promise<void>;
} {
  const ends = new Map<string, (error?: Error) => void>();
  const begun: string[] = [];
  const save = (name: string) => (): Promise<void> => {
    begun.push(name);
    return new Promise((resolve, reject) => {
      ends.set(name, (error) => (error ? reject(error) : resolve()));
    });
  };
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { saver: new Saver(), begun, save, end };
}

it('does one thing at a time, and of those that wait the newest alone', async () => {
  const { saver, begun, save, end } = slowly();
  for (const name of ['a', 'b', 'c']) saver.later(save(name));
  expect(begun).toEqual(['a']);
  await end('a');
  expect(begun).toEqual(['a', 'c']);
  await end('c');
  saver.later(save('d'));
  expect(begun).toEqual(['a', 'c', 'd']);
});

it('saves now after what is under way, and drops what waits, which is older', async () => {
  const { saver, begun, save, end } = slowly();
  saver.later(save('a'));
  saver.later(save('b'));
  const now = saver.now(save('now'));
  await end('a');
  expect(begun).toEqual(['a', 'now']);
  await end('now');
  await now;
  await saver.settled();
  expect(begun).toEqual(['a', 'now']);
});

it('throws what a save failed with from then on', async () => {
  const { saver, begun, save, end } = slowly();
  const full = new Error('the disk is full');
  saver.later(save('a'));
  saver.check();
  await end('a', full);
  expect(() => saver.check()).toThrow(full);
  expect(() => saver.later(save('b'))).toThrow(full);
  await expect(saver.now(save('c'))).rejects.toThrow(full);
  expect(begun).toEqual(['a']);
});
