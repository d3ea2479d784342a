// Tests isonet data fetch: its output and its exit codes. The tests of packages/data cover the download itself.
import { mkdir, open, readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keyboard, makeWorld } from './helpers.ts';

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return `http://127.0.0.1:${address.port}`;
}

/** Writes empty files with the sizes of the CIFAR-10 files. */
async function writeCifar10(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of [...[1, 2, 3, 4, 5].map((k) => `data_batch_${k}`), 'test_batch']) {
    const file = await open(join(folder, `${name}.bin`), 'w');
    await file.truncate(30_730_000); // A sparse file, which occupies no disk space.
    await file.close();
  }
}

it('reports files that exist already, and how to train on them', async () => {
  const world = await makeWorld();
  await writeCifar10(join(world.cwd, 'c'));
  expect(await world.run('data', 'fetch', 'cifar10', '--to', 'c')).toEqual({
    code: 0,
    stdout: `CIFAR-10: 1 file, 170.1 MB, already in ${join(world.cwd, 'c')}\nto train on it: npx isonet train nin-cifar10 --data c\n`,
    stderr: '',
  });
  const { stdout } = await world.run('data', 'fetch', 'cifar10', '--to', 'c', '--json');
  expect(JSON.parse(stdout)).toEqual({
    name: 'cifar10',
    folder: join(world.cwd, 'c'),
    files: [{ name: 'cifar-10-binary.tar.gz', bytes: 170_052_171, from: null }],
  });
});

it('prints one line if the file does not exist on the server', async () => {
  const world = await makeWorld();
  const url = await serve((response) => response.writeHead(404).end());
  const { code, stdout, stderr } = await world.run('data', 'fetch', 'mnist', '--to', 'm', '--mirror', url);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe(
    `error: cannot fetch train-images-idx3-ubyte.gz: ${url}/train-images-idx3-ubyte.gz: HTTP 404 Not Found; ` +
      'check the network and run this again, or choose another server: --mirror URL\n',
  );
});

it('stops at an interrupt, and keeps the received part', async () => {
  const world = await makeWorld();
  const url = await serve((response) => {
    response.writeHead(200, { 'content-length': 9_912_422 });
    response.write(new Uint8Array(1000));
    setTimeout(() => keyboard.interrupt(), 100);
  });
  const { code, stderr } = await world.run('data', 'fetch', 'mnist', '--to', 'm', '--mirror', url);
  expect([code, stderr]).toEqual([
    130,
    'fetching train-images-idx3-ubyte.gz\nstopping; run the same command again to continue\n',
  ]);
  expect(await readdir(join(world.cwd, 'm'))).toContain('train-images-idx3-ubyte.gz.part');
});

it('draws a bar on a terminal, and removes it at the end', async () => {
  const world = await makeWorld();
  const url = await serve((response) => {
    response.writeHead(200, { 'content-length': 9_912_422 });
    response.write(new Uint8Array(2_500_000));
    setTimeout(() => keyboard.interrupt(), 200);
  });
  const io = { isTTY: true, columns: 100 };
  const { stderr } = await world.runWith({ io }, 'data', 'fetch', 'mnist', '--to', 'm', '--mirror', url);
  expect(stderr).toMatch(/fetching [\u2588\u2591]+ \d+\/12 {2}MB {2}train-images-idx3-ubyte\.gz/);
  expect(stderr.endsWith('\r\u001b[J')).toBe(true);
});

it('rejects an unknown name', async () => {
  const world = await makeWorld();
  const { code, stderr } = await world.run('data', 'fetch', 'imagenet');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: .*'imagenet' is invalid .*fashion-mnist, mnist, cifar10, cifar100\.\n$/);
});
