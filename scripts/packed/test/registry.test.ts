// Tests the registry on loopback in front of a fake upstream registry.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry } from '../registry.mjs';

const manifest = {
  name: '@ours/native-linux-x64',
  version: '1.2.3',
  os: ['linux'],
  cpu: ['x64'],
  libc: ['glibc'],
  optionalDependencies: { other: '1.0.0' },
  scripts: { postinstall: 'node .' },
};

let folder: string;
let upstream: Server;
let requests: string[] = [];
let failures = 0;
let registry: Awaited<ReturnType<typeof startRegistry>>;
let tarball: string;

/** Creates a tarball like `npm pack`: all files under package/. */
function makeTarball(): string {
  const file = join(folder, 'native.tgz');
  mkdirSync(join(folder, 'package'));
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify(manifest));
  execFileSync('tar', ['-czf', file, '-C', folder, 'package']);
  return file;
}

function address(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function get(path: string): Promise<unknown> {
  return (await fetch(registry.url + path)).json();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isonet-registry-'));
  tarball = makeTarball();
  upstream = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    if (path === '/other' || path === '/@their%2fother') {
      const dist = { tarball: `${address(upstream)}/files/other-1.0.0.tgz?signed` };
      response.end(JSON.stringify({ name: 'other', versions: { '1.0.0': { version: '1.0.0', dist } } }));
    } else if (path === '/flaky' && failures++ === 0) {
      response.writeHead(500).end('{}');
    } else if (path === '/flaky') {
      response.end('{ "name": "flaky" }');
    } else if (path === '/files/other-1.0.0.tgz?signed' || path === '/locked/-/locked-1.0.0.tgz') {
      response.end('bytes');
    } else {
      response.writeHead(404).end('{"error":"not found"}');
    }
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  registry = await startRegistry({
    tarballs: new Map([
      [manifest.name, tarball],
      ['ours', tarball],
    ]),
    upstream: `${address(upstream)}/`,
    downloads: join(folder, 'downloads'),
  });
});

afterAll(async () => {
  await registry.close();
  upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a packed package', () => {
  it('is served with the manifest and the digests of its tarball', async () => {
    const bytes = readFileSync(tarball);
    const packument = await get('/@ours%2fnative-linux-x64');
    expect(packument).toMatchObject({
      name: manifest.name,
      'dist-tags': { latest: '1.2.3' },
      versions: {
        '1.2.3': {
          ...manifest,
          hasInstallScript: true,
          dist: {
            tarball: `${registry.url}/@ours/native-linux-x64/-/native-linux-x64-1.2.3.tgz`,
            integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
            shasum: createHash('sha1').update(bytes).digest('hex'),
          },
        },
      },
    });
    expect(await get('/@ours/native-linux-x64')).toEqual(packument);
  });

  it('is served byte for byte', async () => {
    const response = await fetch(`${registry.url}/@ours/native-linux-x64/-/native-linux-x64-1.2.3.tgz`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(readFileSync(tarball));
  });

  it('is never requested from upstream', async () => {
    requests = [];
    expect(await get('/@ours%2fmissing')).toEqual({ error: '@ours/missing was not packed' });
    expect(await get('/ours/-/ours-9.9.9.tgz')).toEqual({
      error: 'ours/-/ours-9.9.9.tgz was not packed',
    });
    expect(requests).toEqual([]);
  });
});

it('keeps serving after a malformed request', async () => {
  expect((await fetch(`${registry.url}/%E0%A4%A`)).status).toBe(400);
  expect((await fetch(`${registry.url}/other`, { method: 'PUT' })).status).toBe(405);
});

describe('a third-party package', () => {
  it('is forwarded, with its tarballs at our URL', async () => {
    const own = `${registry.url}/files/other-1.0.0.tgz`;
    expect(await get('/other')).toMatchObject({ versions: { '1.0.0': { dist: { tarball: own } } } });
    expect(await get('/@their/other')).toMatchObject({
      versions: { '1.0.0': { dist: { tarball: own } } },
    });
  });

  it('is downloaded once for all runs', async () => {
    requests = [];
    const path = '/locked/-/locked-1.0.0.tgz';
    expect(await (await fetch(registry.url + path)).text()).toBe('bytes');
    const next = await startRegistry({
      tarballs: new Map(),
      upstream: address(upstream),
      downloads: join(folder, 'downloads'),
    });
    expect(await (await fetch(next.url + path)).text()).toBe('bytes');
    await next.close();
    expect(requests).toEqual([path]);
  });

  it('has its tarball at the URL from upstream', async () => {
    await get('/other');
    expect(await (await fetch(`${registry.url}/files/other-1.0.0.tgz`)).text()).toBe('bytes');
  });

  it('is requested again after a failure', async () => {
    expect((await fetch(`${registry.url}/flaky`)).status).toBe(500);
    expect(await get('/flaky')).toEqual({ name: 'flaky' });
  });

  it('is missing if upstream does not have it', async () => {
    expect((await fetch(`${registry.url}/nothing`)).status).toBe(404);
    for (let i = 0; i < 2; i++)
      expect((await fetch(`${registry.url}/nothing/-/nothing-1.0.0.tgz`)).status).toBe(404);
  });
});

it('reports which registry cannot be reached', async () => {
  const alone = await startRegistry({
    tarballs: new Map(),
    upstream: 'http://127.0.0.1:9',
    downloads: folder,
  });
  const response = await fetch(`${alone.url}/other`);
  expect(response.status).toBe(502);
  expect(await response.text()).toContain('http://127.0.0.1:9/other');
  await alone.close();
});
