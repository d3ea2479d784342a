// Configures the command line: the layout of its help, its version, and where help and errors are written.
import { version } from '@isonet/runs';
import type { Argument, Command } from 'commander';
import type { Context } from './context.ts';
import { hasColor } from './io.ts';
import { visible } from './show/visible.ts';
import { colors } from './show/text.ts';

/** Sets what every command inherits. Call it before declaring commands. */
export function configure(program: Command, { io }: Context): void {
  const { bold, red } = colors(hasColor(io));
  program
    .description('One network definition; every backend trains it and gets the same numbers.')
    .version(version, '-v, --version', 'print the version')
    .option('--debug', 'also print the stack of an error')
    .configureHelp({
      styleTitle: (text) => bold(text),
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
    })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(oneLine(text).replace(/^error:/, red('error:'))),
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
      getOutHasColors: () => hasColor(io),
      getErrHasColors: () => hasColor(io),
    })
    .exitOverride()
    .addHelpText('after', '\nRun `isonet COMMAND --help` for details.');
}

/** Formats an argument: `<run>`, `[images...]` */
function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** Joins the lines of an error: commander puts its suggestion on a second one. */
function oneLine(text: string): string {
  return `${visible(text.trim().replaceAll(/\s*\n\s*/g, ' '))}\n`;
}
