// Test servers can be reached only from this machine.
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listenOnLoopback } from '../loopback.mjs';

it('listens on 127.0.0.1, and closes with its connections', async () => {
  const server = createServer(() => {}); // never answers
  const { url, close } = await listenOnLoopback(server);
  expect(server.address()).toMatchObject({ address: '127.0.0.1' });
  const request = fetch(url);
  request.catch(() => undefined);
  await close();
  await expect(request).rejects.toThrow('fetch failed');
});
