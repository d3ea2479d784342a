// A registry on loopback for tests of installs: serves the packed tarballs, and forwards requests for every other package to the
// registry that npm is configured for. docs/decisions/0018 explains why we do not use verdaccio.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { listenOnLoopback } from '../loopback.mjs';
import { installScripts, root, run } from '../workspace.mjs';

/** @typedef {{ status: number, type: string, body: string | Buffer }} Answer */
/** @typedef {Record<string, any>} Json */

/** Keeps the tarballs of third parties from one run to the next. */
const cache = join(root, '.cache', 'packed', 'downloads');

// Package managers can be configured to avoid versions from the last few hours, and some do so by default.
const published = '2020-01-01T00:00:00.000Z';

/**
 * Starts a registry on 127.0.0.1.
 * @param {object} options
 * @param {ReadonlyMap<string, string>} options.tarballs The tarballs by package name. Their scopes are served only from here: a
 *   missing package of ours is an error, and is never requested upstream.
 * @param {string} options.upstream The URL of the registry that serves all other packages.
 * @param {string} [options.downloads] The folder that caches the upstream's tarballs; default: one for all runs.
 * @param {number} [options.port] Default: a free one.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} `url` ends without a slash.
 */
export async function startRegistry({ tarballs, upstream, downloads = cache, port }) {
  const server = createServer((request, response) => {
    void respond(request, response);
  });
  const { url, close } = await listenOnLoopback(server, port);
  const ours = readTarballs(tarballs, url);
  const others = passThrough({ upstream: upstream.replace(/\/$/, ''), downloads, url });

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async function respond(request, response) {
    const { status, type, body } = await answer(request);
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @returns {Promise<Answer>}
   */
  async function answer(request) {
    const path = pathOf(request);
    // `npm install` sends this request to every registry; the answer is that there are no known vulnerabilities.
    if (path === '/-/npm/v1/security/advisories/bulk') return json(200, {});
    if (request.method !== 'GET') return json(405, { error: `${request.method} is not supported` });
    if (path === undefined) return json(400, { error: `${request.url} is not a valid path` });
    const found = ours.get(path);
    if (found !== undefined) return found;
    if (isOurs(path, tarballs)) return json(404, { error: `${path.slice(1)} was not packed` });
    try {
      return await (others.isTarball(path)
        ? others.tarball(path)
        : others.packument(path, request.headers.accept));
    } catch (error) {
      return json(502, { error: `${upstream}${path}: ${String(error)}` });
    }
  }

  return { url, close };
}

/**
 * Returns the requested path, `/@scope/name`; undefined if it is malformed.
 * @param {import('node:http').IncomingMessage} request
 */
function pathOf({ url = '/' }) {
  try {
    return decodeURIComponent(new URL(url, 'http://127.0.0.1').pathname);
  } catch {
    return undefined;
  }
}

/**
 * @param {string} path
 * @param {ReadonlyMap<string, string>} tarballs
 */
function isOurs(path, tarballs) {
  return [...tarballs.keys()].some((name) => {
    const [first] = name.split('/');
    return path === `/${first}` || path.startsWith(`/${first}/`);
  });
}

/**
 * @param {number} status
 * @param {Json} value
 * @returns {Answer}
 */
function json(status, value) {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

/**
 * Returns the registry's answers for our packages, by path.
 * @param {ReadonlyMap<string, string>} tarballs
 * @param {string} url
 */
function readTarballs(tarballs, url) {
  /** @type {Map<string, Answer>} */
  const answers = new Map();
  for (const [name, file] of tarballs) {
    const body = readFileSync(file);
    const manifest = JSON.parse(
      execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' }),
    );
    const tarball = `/${name}/-/${basename(name)}-${manifest.version}.tgz`;
    const scripts = Object.keys(manifest.scripts ?? {});
    const version = {
      ...manifest,
      _id: `${name}@${manifest.version}`,
      ...(scripts.some((script) => installScripts.includes(script)) && { hasInstallScript: true }),
      dist: {
        tarball: url + tarball,
        integrity: `sha512-${createHash('sha512').update(body).digest('base64')}`,
        shasum: createHash('sha1').update(body).digest('hex'),
      },
    };
    answers.set(tarball, { status: 200, type: 'application/octet-stream', body });
    answers.set(
      `/${name}`,
      json(200, {
        _id: name,
        name,
        'dist-tags': { latest: manifest.version },
        versions: { [manifest.version]: version },
        time: { created: published, modified: published, [manifest.version]: published },
      }),
    );
  }
  return answers;
}

/**
 * Serves packages of the upstream registry. Requests each packument once per run, and each tarball once for all runs.
 * @param {{ upstream: string, downloads: string, url: string }} options
 */
function passThrough({ upstream, downloads, url }) {
  /** @type {Map<string, Promise<Answer>>} */
  const answers = new Map();
  /** @type {Map<string, string>} The upstream URL of each tarball, by its path here. */
  const tarballAddresses = new Map();

  /**
   * @param {string} key
   * @param {() => Promise<Answer>} work
   */
  function once(key, work) {
    const started = answers.get(key) ?? work();
    answers.set(key, started);
    // After a failure, the next request tries again.
    started.then(
      ({ status }) => status < 500 || answers.delete(key),
      () => answers.delete(key),
    );
    return started;
  }

  /**
   * @param {string} path
   * @param {string} [accept] The requested media type: package managers request the short form.
   */
  function packument(path, accept = 'application/json') {
    return once(`${accept} ${path}`, async () => {
      const response = await fetch(upstream + path.replace(/(?<=@[^/]+)\//, '%2f'), {
        headers: { accept },
      });
      const type = response.headers.get('content-type') ?? 'application/json';
      const body = await response.text();
      return { status: response.status, type, body: response.ok ? withOurAddresses(body) : body };
    });
  }

  /** @param {string} text */
  function withOurAddresses(text) {
    /** @type {Json} */
    const document = JSON.parse(text);
    // A single version, `/NAME/VERSION`, is a document without `versions`.
    for (const { dist } of Object.values(document['versions'] ?? { only: document })) {
      if (dist?.tarball === undefined) continue;
      const { pathname } = new URL(dist.tarball);
      tarballAddresses.set(decodeURIComponent(pathname), dist.tarball);
      dist.tarball = url + pathname;
    }
    return JSON.stringify(document);
  }

  /**
   * Returns whether a path is a tarball: `/NAME/-/FILE`, or a path from a packument.
   * @param {string} path
   */
  function isTarball(path) {
    return tarballAddresses.has(path) || path.includes('/-/');
  }

  /** @param {string} path */
  function tarball(path) {
    return once(path, async () => {
      // With a lockfile, a tarball is requested before its packument. All registries serve tarballs at the same paths.
      const address = tarballAddresses.get(path) ?? upstream + path;
      const type = 'application/octet-stream';
      const file = join(downloads, `${createHash('sha256').update(address).digest('hex')}.tgz`);
      if (existsSync(file)) return { status: 200, type, body: readFileSync(file) };
      const response = await fetch(address);
      const body = Buffer.from(await response.arrayBuffer());
      if (response.ok) {
        mkdirSync(downloads, { recursive: true });
        writeFileSync(`${file}.${process.pid}`, body);
        renameSync(`${file}.${process.pid}`, file);
      }
      return { status: response.status, type, body };
    }).finally(() => answers.delete(path)); // Later requests read it from the folder.
  }

  return { packument, isTarball, tarball };
}

/** Returns the URL of the registry that npm is configured for. */
export async function configuredRegistry() {
  const { code, output, stdout } = await run('npm', ['config', 'get', 'registry']);
  if (code !== 0) throw new Error(`npm config get registry failed: ${output}`);
  return stdout.trim();
}
