// Runs the command line of the pack in a separate process.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Ran {
  readonly code: number | null;
  readonly stderr: string;
  /** Lines of its output that are not JSON, for example from a native library. */
  readonly others: readonly string[];
}

/** Parses a line of output; returns undefined if it is not JSON. */
export function eventOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * Runs `isonet ARGS`, whose output is a JSON object per line.
 * @param onEvent called with each object
 * @param env added to this process's own environment
 */
export async function isonet(
  args: readonly string[],
  onEvent: (event: unknown) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const library = fileURLToPath(import.meta.resolve('isonet')); // dist/index.js
  const bin = join(dirname(library), '..', 'bin', 'isonet.js');
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  const others: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  createInterface(child.stdout).on('line', (line) => {
    if (line.trim() === '') return;
    const event = eventOf(line);
    if (event === undefined) others.push(line);
    else onEvent(event);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, stderr, others };
}
