// The command line of the pack, in a process of its own.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Ran {
  readonly code: number | null;
  readonly stderr: string;
}

/**
 * Runs `isonet ARGS`, whose output is one JSON object a line.
 * @param onEvent takes each of them
 */
export async function isonet(args: readonly string[], onEvent: (event: unknown) => void): Promise<Ran> {
  const library = fileURLToPath(import.meta.resolve('isonet')); // dist/index.js
  const bin = join(dirname(library), '..', 'bin', 'isonet.js');
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  createInterface(child.stdout).on('line', (line) => {
    if (line.trim() !== '') onEvent(JSON.parse(line));
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, stderr };
}
