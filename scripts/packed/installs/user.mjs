// Simulates a user's account on this machine for the package managers: an empty home that is configured for the registry on loopback,
// with separate caches, and without access to other machines.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../workspace.mjs';
import { listenOnLoopback } from '../../loopback.mjs';
import { runGroup } from '../temporary.mjs';

/** @typedef {{ code: number, output: string, stdout: string }} Ran */
/**
 * @typedef {object} User
 * @property {(folder: string, command: Command, options?: RunOptions) => Promise<Ran>} run
 * @property {() => readonly string[]} contacted Everything that was contacted, except the registry.
 * @property {() => Promise<void>} close
 */
/** @typedef {readonly [program: string, ...args: string[]]} Command */
/** @typedef {{ env?: Readonly<Record<string, string>>, node?: string }} RunOptions `node`: the `node` to put on the path. */

const onlyLoopback = join(root, 'scripts', 'packed', 'installs', 'onlyLoopback.mjs');

// Variables of the account that runs the tests, or of continuous integration, that would change an install.
const settings = /^(ci|node_.*|npm_.*|pnpm_.*|yarn_.*|bun_.*|xdg_.*|isonet_.*|onnxruntime_.*|.*_proxy)$/i;

/**
 * Creates a user with an empty home in `folder`.
 * @param {string} folder
 * @param {string} registry The URL of the registry.
 * @returns {Promise<User>}
 */
export async function makeUser(folder, registry) {
  mkdirSync(folder, { recursive: true });
  const file = (/** @type {string} */ name) => join(folder, name);
  // npm, pnpm and bun read the first of these files, yarn 1 the second, yarn 4 the third.
  writeFileSync(file('.npmrc'), `registry=${registry}/\n`);
  writeFileSync(file('.yarnrc'), `registry "${registry}/"\n`);
  const berry = [`npmRegistryServer: "${registry}"`, 'unsafeHttpWhitelist: ["127.0.0.1"]'];
  writeFileSync(file('.yarnrc.yml'), `${berry.join('\n')}\nenableTelemetry: false\n`);
  mkdirSync(file('tmp'));

  const log = file('contacted');
  const proxy = await refusingProxy();
  const removed = Object.keys(process.env).filter((name) => settings.test(name));
  /** @type {Record<string, string | undefined>} */
  const env = {
    ...Object.fromEntries(removed.map((name) => [name, undefined])),
    HOME: folder,
    USERPROFILE: folder,
    LOCALAPPDATA: folder,
    APPDATA: folder,
    TMPDIR: file('tmp'),
    NO_COLOR: '1',
    DO_NOT_TRACK: '1',
    // Node processes record what they contact; other programs use the proxy.
    NODE_OPTIONS: `--import=${pathToFileURL(onlyLoopback).href}`,
    ISONET_CONTACTED: log,
    HTTP_PROXY: proxy.url,
    HTTPS_PROXY: proxy.url,
    NO_PROXY: '127.0.0.1,localhost',
  };
  return {
    run: (cwd, command, options = {}) => {
      const path = [dirname(options.node ?? process.execPath), process.env['PATH']].join(delimiter);
      return runGroup(command, { cwd, env: { ...env, PATH: path, ...options.env } });
    },
    contacted: () => [
      ...(existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
      ...proxy.requests,
    ],
    close: proxy.close,
  };
}

/** Starts a proxy that records and refuses all requests. */
async function refusingProxy() {
  /** @type {string[]} */
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(`${request.url} (through the proxy)`);
    response.writeHead(403, { connection: 'close' }).end();
  });
  server.on('connect', (request, socket) => {
    requests.push(`${request.url} (through the proxy)`);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  return { ...(await listenOnLoopback(server)), requests };
}
