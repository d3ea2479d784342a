// Servers of tests can be reached from this machine alone.
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listenOnLoopback } from '../loopback.mjs';

it('listens on 127.0.0.1, and ends with its connections', async () => {
  const server = createServer(() => {}); // never answers
  const { url, close } = await listenOnLoopback(server);
  expect(server.address()).toMatchObject({ address: '127.0.0.1' });
  const asked = fetch(url);
  asked.catch(() => undefined);
  await close();
  await expect(asked).rejects.toThrow('fetch failed');
});
