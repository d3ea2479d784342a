// Downloads one file from the first mirror that has it. The bytes go into NAME.part, so that a later call can resume the
// download. The file gets its final name once its checksum is verified. Mirrors are not trusted: the length is bounded,
// and the SHA-256 is compared.
import { open, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, DataError } from '@isonet/core';
import { MirrorError, networkReason, written } from './errors.ts';
import { digestOf, discard, noteOrigin, originOf, partSize, rangeHeaders } from './part.ts';
import type { RemoteFile } from './published.ts';
import type { Patience } from './patience.ts';
import { Silence } from './silence.ts';

export interface DownloadRequest {
  readonly file: RemoteFile;
  /** The destination. */
  readonly path: string;
  /** The base URLs, each ending in a slash. */
  readonly mirrors: readonly string[];
  readonly signal: AbortSignal | undefined;
  /** Called with the number of bytes so far, including those of earlier calls. */
  readonly onProgress: (received: number) => void;
  readonly patience: Patience;
}

/**
 * Fetches a file.
 * @returns the URL that it came from
 * @throws DataError `FETCH` listing the failure of each mirror; `FETCH_WRITE`; the reason of the signal if it is aborted.
 *   In that case, and after a broken connection, the received part is kept
 */
export async function download(request: DownloadRequest): Promise<string> {
  const failures: string[] = [];
  for (const mirror of request.mirrors) {
    const url = `${mirror}${request.file.name}`;
    try {
      await fromMirror(url, request);
      return url;
    } catch (error) {
      if (!(error instanceof MirrorError)) throw error;
      failures.push(`${url}: ${error.message}`);
    }
  }
  throw new DataError('FETCH', `cannot fetch ${request.file.name}: ${failures.join('; ')}; ${fixText()}`);
}

/** Suggests a fix. Node's fetch ignores the usual proxy variables unless NODE_USE_ENV_PROXY is set. */
function fixText(): string {
  const hasProxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some(
    (name) => process.env[name],
  );
  const proxy =
    hasProxy && process.env['NODE_USE_ENV_PROXY'] === undefined
      ? 'set NODE_USE_ENV_PROXY=1 to use your proxy (Node 22.21 or newer), '
      : '';
  return `check the network and run this again, ${proxy}or choose another server: --mirror URL`;
}

/** Downloads from one mirror, with retries. @throws MirrorError if that fails */
async function fromMirror(url: string, request: DownloadRequest): Promise<void> {
  const { file, path, signal, patience } = request;
  const part = `${path}.part`;
  let [failed, hasRestarted] = [0, false];
  for (;;) {
    signal?.throwIfAborted();
    const before = await partSize(part);
    try {
      await transfer(url, part, request);
      await finish(part, path, file);
      return;
    } catch (error) {
      if (!(error instanceof MirrorError)) throw error;
      const isWrong = error.code === 'FETCH_CHECKSUM';
      // The existing part may belong to a different file, so download the whole file again.
      const mayRestart = isWrong && before > 0 && !hasRestarted;
      if (!error.isTransient && !mayRestart) throw error;
      hasRestarted ||= isWrong;
      failed = (await partSize(part)) > before ? 0 : failed + 1;
      if (failed > patience.retries) throw error;
      await pause(failed * patience.pauseMs, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted(); // Throw the signal's reason instead of the timer's error.
    throw error;
  }
}

/** Downloads the rest of the part. */
async function transfer(
  url: string,
  part: string,
  { file, signal, onProgress, patience }: DownloadRequest,
): Promise<void> {
  const has = await partSize(part);
  if (has > file.bytes) await discard(part);
  const from = has > file.bytes ? 0 : has;
  if (from === file.bytes) return;
  const silence = new Silence(patience.silenceMs);
  try {
    const both = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    const headers = { 'accept-encoding': 'identity', ...(await rangeHeaders(url, part, from)) };
    const response = await fetch(url, { headers, signal: both });
    const start = await startOf(response, part, from, file);
    await noteOrigin(part, url, response);
    await receive(response, part, start, { file, onProgress, silence });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DataError) throw error;
    if (silence.signal.aborted) {
      throw new MirrorError('FETCH_NETWORK', `no data for ${patience.silenceMs / 1000} seconds`, true, error);
    }
    throw new MirrorError('FETCH_NETWORK', networkReason(error), isTransient(error), error);
  } finally {
    silence.end();
  }
}

/** Returns whether an error is a broken connection, after which a retry may succeed. */
function isTransient(error: unknown): boolean {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = codeOf(inner);
  return (
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    code === 'ETIMEDOUT' ||
    (code?.startsWith('UND_ERR') ?? false)
  );
}

/**
 * Returns the offset in the file at which a response starts.
 * @throws MirrorError if the response is neither the file nor the requested part of it
 */
async function startOf(
  response: Response,
  part: string,
  from: number,
  { bytes }: RemoteFile,
): Promise<number> {
  const { status } = response;
  const refuse = async (error: MirrorError): Promise<never> => {
    await response.body?.cancel();
    throw error;
  };
  const length = response.headers.get('content-length');
  if (status === 200) {
    if (length !== null && Number(length) !== bytes) {
      return refuse(new MirrorError('FETCH_SIZE', `expected ${bytes} bytes, got ${length}`, false));
    }
    return 0;
  }
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    if (Number(range?.[1]) === from && (range?.[2] === '*' || Number(range?.[2]) === bytes)) return from;
  }
  if (status === 206 || status === 416) {
    await discard(part);
    return refuse(new MirrorError('FETCH_SIZE', 'the server has a file of a different length', true));
  }
  const isBusy = status === 408 || status === 429 || status >= 500;
  return refuse(new MirrorError('FETCH_STATUS', `HTTP ${status} ${response.statusText}`.trim(), isBusy));
}

async function receive(
  { body }: Response,
  part: string,
  start: number,
  { file, onProgress, silence }: Pick<DownloadRequest, 'file' | 'onProgress'> & { readonly silence: Silence },
): Promise<void> {
  const handle = await written(part, async () => {
    if (start === 0) await writeFile(part, '');
    return open(part, 'a');
  });
  let received = start;
  try {
    const parts: AsyncIterable<Uint8Array> | null = body;
    for await (const chunk of parts ?? []) {
      silence.reset();
      received += chunk.length;
      if (received > file.bytes) {
        await truncate(part, 0);
        throw new MirrorError('FETCH_SIZE', `expected ${file.bytes} bytes, got more`, false);
      }
      await written(part, () => handle.writeFile(chunk));
      onProgress(received);
    }
    await written(part, () => handle.sync());
  } finally {
    await handle.close();
  }
  if (received < file.bytes) {
    throw new MirrorError(
      'FETCH_NETWORK',
      `the connection ended after ${received} of ${file.bytes} bytes`,
      true,
    );
  }
}

/** Verifies the part and renames it. @throws MirrorError `FETCH_CHECKSUM` after removing a wrong part */
async function finish(part: string, path: string, file: RemoteFile): Promise<void> {
  const got = await written(part, () => digestOf(part));
  if (got !== file.sha256) {
    await discard(part);
    throw new MirrorError(
      'FETCH_CHECKSUM',
      `wrong checksum: expected SHA-256 ${file.sha256}, got ${got}`,
      false,
    );
  }
  await written(path, () => rename(part, path));
  await rm(originOf(part), { force: true });
}
