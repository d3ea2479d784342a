// What the suite needs of Node. Bundlers for pages replace this file by web.ts: see `browser` in package.json.
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

/** Node's version, for reports. */
export const runtime: string = `Node ${process.versions.node}`;

/** The bytes of a file of this package, or of one that it depends on. */
export async function readBytes(file: { readonly href: string }): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(new URL(file.href)));
}

/** Lets timers, signals and messages in. */
export async function yieldToEvents(): Promise<void> {
  await setImmediate();
}

/** Calls `listener` for every unhandled rejection, which would end the process otherwise. @returns a function that stops */
export function onUnhandledRejection(listener: (reason: unknown) => void): () => void {
  process.on('unhandledRejection', listener);
  return () => process.off('unhandledRejection', listener);
}
