// isonet completion SHELL: prints a script that makes the shell complete the command line.
import type { Command } from 'commander';
import { unknownName } from '@isonet/runs';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import type { CompletionSpec } from '../completion/spec.ts';
import { SHELLS, specOf } from '../completion/spec.ts';
import { zshScript } from '../completion/zsh.ts';
import type { Context } from '../context.ts';

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (spec: CompletionSpec) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints the completion script of a shell. @returns the exit code @throws UsageError for an unknown shell */
export function completion(context: Context, program: Command, given: string): number {
  const shell = SHELLS.find((one) => one === given);
  if (shell === undefined) throw unknownName('shell', given, SHELLS);
  context.io.stdout.write(SCRIPTS[shell](specOf(program, context)));
  return 0;
}
