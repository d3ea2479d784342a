// The services that the suite needs from Node. Bundlers for pages replace this file with web.ts: see `browser` in package.json.
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

/** Node's version, for reports. */
export const runtime: string = `Node ${process.versions.node}`;

/** Reads a file of this package, or of one of its dependencies. */
export async function readBytes(file: { readonly href: string }): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(new URL(file.href)));
}

/** Lets pending timers, signals and messages run. */
export async function yieldToEvents(): Promise<void> {
  await setImmediate();
}

/** Calls `listener` for every unhandled rejection, which would otherwise end the process. @returns a function that removes the listener */
export function onUnhandledRejection(listener: (reason: unknown) => void): () => void {
  process.on('unhandledRejection', listener);
  return () => process.off('unhandledRejection', listener);
}
