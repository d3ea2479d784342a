// Tests fetching datasets from a local server that cuts connections, serves wrong files, redirects and rejects requests.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchDataset, type FetchOptions, type FetchedDataset, type FetchProgress } from '@isonet/data';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fetchPublished } from '../src/fetch/fetchDataset.ts';
import type { Published } from '../src/fetch/published.ts';
import { dataError, tempFolder } from './helpers.ts';

const CONTENT = randomBytes(200_000);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Server {
  readonly url: string;
  /** The path, range and condition of each request. */
  readonly requests: string[];
}

async function serve(answer: Answer): Promise<Server> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const condition = request.headers['if-range'];
    requests.push(
      [request.url, request.headers.range, ...(condition === undefined ? [] : [`if ${String(condition)}`])]
        .filter((part) => part !== undefined)
        .join(' '),
    );
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return { url: `http://127.0.0.1:${address.port}/`, requests };
}

/** A connection that breaks once `at` bytes have arrived; the reader loses the bytes in transit. */
let broken: { readonly response: ServerResponse; readonly at: number } | undefined;

/** Serves the requested range of `content`; with `cutAfter`, the connection breaks after that many bytes. */
function file(
  content: Uint8Array,
  {
    cutAfter = Infinity,
    ranges = true,
    etag = '"v1"',
  }: { cutAfter?: number; ranges?: boolean; etag?: string } = {},
): Answer {
  return (request, response) => {
    const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const condition = request.headers['if-range'];
    const isPart = ranges && wanted !== undefined && (condition === undefined || condition === etag);
    const from = isPart ? Number(wanted) : 0;
    response.writeHead(isPart ? 206 : 200, {
      'content-length': content.length - from,
      etag,
      ...(isPart ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    const body = content.subarray(from);
    if (body.length <= cutAfter) response.end(body);
    else {
      broken = { response, at: from + cutAfter };
      response.write(body.subarray(0, cutAfter));
    }
  };
}

function small(mirrors: readonly string[], content: Uint8Array = CONTENT): Published {
  const one = { name: 'data.bin', bytes: content.length, sha256: sha256(content) };
  return { name: 'mnist', title: 'Small', mirrors, files: [one] };
}

function fetchSmall(
  published: Published,
  options: FetchOptions & { readonly folder: string },
  silenceMs = 20_000,
): Promise<FetchedDataset> {
  const onProgress = (progress: FetchProgress): void => {
    if (progress.received === broken?.at) broken.response.destroy();
    options.onProgress?.(progress);
  };
  return fetchPublished(published, { ...options, onProgress }, { retries: 2, pauseMs: 1, silenceMs });
}

describe('fetching a file', () => {
  it('verifies and names it, reports progress, and leaves nothing else', async () => {
    const { url, requests } = await serve(file(CONTENT));
    const folder = join(await tempFolder(), 'new', 'folder');
    const reports: FetchProgress[] = [];
    const onProgress = (progress: FetchProgress): unknown => reports.push(progress);
    const fetched = await fetchSmall(small([url]), { folder, onProgress });
    expect(fetched.files).toEqual([{ name: 'data.bin', bytes: 200_000, from: `${url}data.bin` }]);
    expect(await readdir(folder)).toEqual(['data.bin']);
    expect(Buffer.compare(await readFile(join(folder, 'data.bin')), CONTENT)).toBe(0);
    expect(reports.at(-1)).toEqual({ file: 'data.bin', received: 200_000, bytes: 200_000 });
    // An existing file is not fetched again.
    expect((await fetchSmall(small([url]), { folder })).files[0]?.from).toBeUndefined();
    expect(requests).toEqual(['/data.bin']);
  });

  it('continues the same version after a broken connection', async () => {
    let calls = 0;
    const cut = file(CONTENT, { cutAfter: 60_000 });
    const { url, requests } = await serve((...call) => (calls++ < 3 ? cut : file(CONTENT))(...call));
    const folder = await tempFolder();
    await fetchSmall(small([url]), { folder });
    expect(requests).toEqual([
      '/data.bin',
      '/data.bin bytes=60000- if "v1"',
      '/data.bin bytes=120000- if "v1"',
      '/data.bin bytes=180000- if "v1"',
    ]);
  });

  it('continues the part of an earlier call, even from another server', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'data.bin.part'), CONTENT.subarray(0, 150_000));
    const { url, requests } = await serve(file(CONTENT));
    await fetchSmall(small([url]), { folder });
    expect(requests).toEqual(['/data.bin bytes=150000-']);
    expect(await readdir(folder)).toEqual(['data.bin']);
  });

  it('starts again if the part is of another file, or too long', async () => {
    for (const part of [randomBytes(150_000), randomBytes(200_000), randomBytes(200_001)]) {
      const folder = await tempFolder();
      await writeFile(join(folder, 'data.bin.part'), part);
      const { url } = await serve(file(CONTENT));
      await fetchSmall(small([url]), { folder });
      expect(Buffer.compare(await readFile(join(folder, 'data.bin')), CONTENT)).toBe(0);
    }
  });

  it('starts again if the version has changed, or the server does not support ranges', async () => {
    for (const options of [{ etag: '"v2"' }, { ranges: false }]) {
      let calls = 0;
      const { url } = await serve((...call) =>
        (calls++ === 0 ? file(CONTENT, { cutAfter: 60_000 }) : file(CONTENT, options))(...call),
      );
      const folder = await tempFolder();
      await fetchSmall(small([url]), { folder });
      expect(Buffer.compare(await readFile(join(folder, 'data.bin')), CONTENT)).toBe(0);
    }
  });

  it('follows redirects, and tries the next mirror', async () => {
    const real = await serve(file(CONTENT));
    const moved = await serve((_, response) =>
      response.writeHead(302, { location: `${real.url}data.bin` }).end(),
    );
    const none = await serve((_, response) => response.writeHead(404).end());
    const lying = await serve(file(randomBytes(200_000)));
    const page = await serve((_, response) => response.end('<html>log in</html>'));
    const folder = await tempFolder();
    const mirrors = [none.url, lying.url, page.url, moved.url];
    const fetched = await fetchSmall(small(mirrors), { folder });
    expect(fetched.files[0]?.from).toBe(`${moved.url}data.bin`);
    expect([none, lying, page].map(({ requests }) => requests.length)).toEqual([1, 1, 1]);
  });

  it('closes a silent connection', async () => {
    const { url, requests } = await serve(() => undefined);
    const folder = await tempFolder();
    expect(await dataError(() => fetchSmall(small([url]), { folder }, 50))).toMatch(
      /^FETCH: .*no data for 0\.05 seconds; /,
    );
    expect(requests).toHaveLength(3);
  });

  it('reports in one line how each mirror failed', async () => {
    const folder = await tempFolder();
    const none = await serve((_, response) => response.writeHead(404).end());
    const lying = await serve(file(randomBytes(200_000)));
    const busy = await serve((_, response) => response.writeHead(503).end());
    const short = await serve((_, response) => response.destroy());
    const mirrors = [none.url, lying.url, busy.url, short.url, 'http://127.0.0.1:9/'];
    const message = await dataError(() => fetchSmall(small(mirrors), { folder }));
    expect(message).not.toContain('\n');
    expect(message).toMatch(/^FETCH: cannot fetch data\.bin: .*data\.bin: HTTP 404 Not Found; /);
    expect(message).toMatch(/wrong checksum: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}; /);
    expect(message).toMatch(/HTTP 503 Service Unavailable; /);
    expect(message).toMatch(
      /check the network and run this again, .*or choose another server: --mirror URL$/,
    );
    expect(busy.requests).toHaveLength(3);
    expect(await readdir(folder)).not.toContain('data.bin');
  });

  it('reads no more than the length of the file', async () => {
    const endless = await serve((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write(CONTENT, () => setImmediate(more));
      };
      more();
    });
    const folder = await tempFolder();
    expect(await dataError(() => fetchSmall(small([endless.url]), { folder }))).toMatch(
      /expected 200000 bytes, got more/,
    );
    expect((await readFile(join(folder, 'data.bin.part'))).length).toBe(0);
  });

  it('stops when it is aborted, and keeps the received part', async () => {
    const folder = await tempFolder();
    const controller = new AbortController();
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 60_000));
    });
    const reason = new Error('stopped');
    const fetching = fetchSmall(small([url]), {
      folder,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(fetching).rejects.toBe(reason);
    expect((await readFile(join(folder, 'data.bin.part'))).length).toBeGreaterThan(0);
    // A pause between two attempts is aborted, too.
    const busy = await serve((_, response) => response.writeHead(503).end());
    const second = new AbortController();
    setTimeout(() => second.abort(reason), 50);
    await expect(
      fetchPublished(
        small([busy.url]),
        { folder, signal: second.signal },
        { retries: 9, pauseMs: 60_000, silenceMs: 1000 },
      ),
    ).rejects.toBe(reason);
  });

  it('keeps other files, and names a folder that cannot be written', async () => {
    const folder = await tempFolder();
    const { url, requests } = await serve(file(CONTENT));
    await writeFile(join(folder, 'data.bin'), 'mine');
    expect(await dataError(() => fetchSmall(small([url]), { folder }))).toBe(
      `FETCH_EXISTS: "${join(folder, 'data.bin')}" already exists, but is not the published file: move it away, or choose another folder: --to FOLDER`,
    );
    const blocked = join(folder, 'data.bin', 'inner');
    expect(await dataError(() => fetchSmall(small([url]), { folder: blocked }))).toMatch(
      /^FETCH_WRITE: cannot write ".*inner": a part of the path is a file; choose another folder: --to FOLDER$/,
    );
    expect(requests).toEqual([]);
  });
});

// Writing to /dev/full fails as it does on a full disk.
it.runIf(existsSync('/dev/full'))('reports a full disk without trying other mirrors', async () => {
  const folder = await tempFolder();
  await symlink('/dev/full', join(folder, 'data.bin.part'));
  const { url, requests } = await serve(file(CONTENT));
  expect(await dataError(() => fetchSmall(small([url, url]), { folder }))).toBe(
    `FETCH_WRITE: cannot write "${join(folder, 'data.bin.part')}": the disk is full; free some space and run this again to continue`,
  );
  expect(requests).toHaveLength(1);
});

describe('fetching an archive', () => {
  /** Builds a ustar archive according to POSIX.1-1988, from the name, content and type of each entry. */
  function tar(
    entries: readonly (readonly [name: string, content: Uint8Array, type?: string])[],
  ): Uint8Array {
    const blocks = entries.flatMap(([name, content, type = '0']) => {
      const header = Buffer.alloc(512);
      header.write(name, 0);
      header.write('0000644\0', 100);
      header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
      header.write('        ', 148);
      header.write(type, 156);
      header.write('ustar\x0000', 257);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
    });
    return Buffer.concat([...blocks, Buffer.alloc(1024)]);
  }

  const TRAIN = randomBytes(3000);
  const TEST = randomBytes(1024);
  const ENTRIES = [
    ['box/', new Uint8Array(), '5'],
    ['box/readme.html', randomBytes(700)],
    ['box/train.bin', TRAIN],
    ['../test.bin', randomBytes(1024)],
    ['box/test.bin', TEST],
    ['box/names.txt', Buffer.from('a\nb\n')],
  ] as const;

  function packed(bytes: Uint8Array, mirrors: readonly string[]): Published {
    const member = (name: string, size: number, isExact = true) => ({ name, bytes: size, isExact });
    return {
      ...small(mirrors, bytes),
      archive: {
        folder: 'box',
        members: [member('train.bin', 3000), member('test.bin', 1024), member('names.txt', 100, false)],
      },
    };
  }

  it('extracts the wanted files and nothing else', async () => {
    const bytes = gzipSync(tar(ENTRIES));
    const { url, requests } = await serve(file(bytes));
    const folder = join(await tempFolder(), 'inner');
    await fetchSmall(packed(bytes, [url]), { folder });
    expect((await readdir(folder)).toSorted()).toEqual(['names.txt', 'test.bin', 'train.bin']);
    expect(Buffer.compare(await readFile(join(folder, 'train.bin')), TRAIN)).toBe(0);
    expect(Buffer.compare(await readFile(join(folder, 'test.bin')), TEST)).toBe(0);
    expect(await readdir(join(folder, '..'))).toEqual(['inner']);
    const again = await fetchSmall(packed(bytes, [url]), { folder });
    expect([again.files[0]?.from, requests.length]).toEqual([undefined, 1]);
  });

  const whole = tar(ENTRIES);
  const flipped = Uint8Array.from(whole);
  flipped[512 + 10] = 65; // A letter in a name, which the header's checksum covers.
  it.each<[string, Uint8Array, RegExp]>([
    ['without a file', gzipSync(tar(ENTRIES.slice(0, 3))), /^TAR: .*it lacks box\/test\.bin/],
    ['cut off', gzipSync(whole.subarray(0, 4000)), /^TAR: .*truncated/],
    ['damaged', gzipSync(flipped), /^TAR: .*checksum of a header does not match/],
    ['that is not a tar file', gzipSync(randomBytes(2000)), /^TAR: .*damaged/],
    ['that is not gzipped', randomBytes(500), /^TAR: .*incorrect header check/],
    [
      'with a file of another size',
      gzipSync(tar([['box/train.bin', randomBytes(2999)]])),
      /^TAR: .*box\/train\.bin: expected 3000 bytes, got 2999/,
    ],
  ])('rejects an archive %s', async (_, bytes, message) => {
    const { url } = await serve(file(bytes));
    const folder = await tempFolder();
    expect(await dataError(() => fetchSmall(packed(bytes, [url]), { folder }))).toMatch(message);
    expect((await readdir(folder)).filter((name) => name.endsWith('.unpacking'))).toEqual([]);
  });

  it('does not replace a file of another size', async () => {
    const bytes = gzipSync(whole);
    const { url } = await serve(file(bytes));
    const folder = await tempFolder();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'test.bin'), 'mine');
    expect(await dataError(() => fetchSmall(packed(bytes, [url]), { folder }))).toMatch(
      /^FETCH_EXISTS: ".*test\.bin" already exists with 4 bytes instead of 1024: move it away/,
    );
    expect(await readFile(join(folder, 'test.bin'), 'utf8')).toBe('mine');
  });
});

it('lists the datasets that can be fetched, and rejects a mirror that is not a URL', async () => {
  const folder = await tempFolder();
  expect(await dataError(() => fetchDataset('imagenet' as 'mnist', { folder }))).toBe(
    'OPTION: fetch: name: expected one of fashion-mnist, mnist, cifar10, cifar100, got "imagenet"',
  );
  expect(await dataError(() => fetchDataset('mnist', { folder, mirror: 'ftp://host/' }))).toBe(
    'OPTION: --mirror: expected a URL such as https://host/folder/, got "ftp://host/"',
  );
});
