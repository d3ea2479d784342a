// Simulates the tools of a bare machine: a folder that serves as the whole PATH and contains only the programs that run.sh calls.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { defined } from '@isonet/core';
import { findProgram } from '../pack/programs.mjs';

const TOOLS = [
  'bash',
  'cat',
  'cp',
  'date',
  'dirname',
  'mkdir',
  'rm',
  'sha256sum',
  'tar',
  'tee',
  'uname',
  'xz',
];

/** Fills a new folder with links to the tools. @param without a tool that the machine lacks */
export function linkTools(folder: string, without?: string): void {
  mkdirSync(folder);
  for (const name of TOOLS.filter((tool) => tool !== without)) symlinkSync(pathOf(name), join(folder, name));
}

export function pathOf(name: string): string {
  return defined(findProgram(name), `${name} on the PATH`);
}

/** Returns the path of Python itself: a shim on the PATH would need its own settings. */
export function pythonPath(): string {
  const executable = ['-c', 'import sys; print(sys.executable)'];
  return execFileSync('python3', executable, { encoding: 'utf8' }).trim();
}
