// Describes what the shell can complete: every command with its options, arguments and their values, read from commander.
import { rivals, WORKS } from '@isonet/bench';
import type { Command, Option } from 'commander';
import { normalizations } from '@isonet/data';
import { BACKGROUNDS, FITS, recipes } from '@isonet/runs';
import type { Context } from '../context.ts';
import { collect } from '../usage.ts';

/** The shells with a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** The values of an option or an argument. */
export interface Values {
  readonly words: readonly string[];
  /** The kind of paths to complete if no word matches. */
  readonly paths: 'none' | 'folders' | 'files';
}

/** An option. */
export interface OptionSpec {
  /** `--recipe`, `-h` */
  readonly flags: readonly string[];
  readonly text: string;
  /** Undefined if the option has no value. */
  readonly values: Values | undefined;
  readonly repeatable: boolean;
}

/** An argument. */
export interface ArgumentSpec {
  readonly name: string;
  readonly values: Values;
  /** Whether it includes all the arguments that follow. */
  readonly variadic: boolean;
}

/** A command. */
export interface CommandSpec {
  readonly name: string;
  readonly text: string;
  readonly options: readonly OptionSpec[];
  readonly arguments: readonly ArgumentSpec[];
}

/** The command line. */
export interface CompletionSpec {
  readonly name: string;
  readonly options: readonly OptionSpec[];
  readonly commands: readonly CommandSpec[];
}

/** Builds the specification from the program. */
export function specOf(program: Command, tables: Pick<Context, 'backends' | 'models'>): CompletionSpec {
  const help = program.createHelp();
  const optionsOf = (command: Command): readonly OptionSpec[] =>
    help.visibleOptions(command).map((option) => optionSpec(option, command.name(), tables));
  return {
    name: program.name(),
    options: optionsOf(program),
    commands: help.visibleCommands(program).map((command) => ({
      name: command.name(),
      text: command.description(),
      options: optionsOf(command),
      arguments: command.registeredArguments.map((argument) => ({
        name: argument.name(),
        // `help` is commander's own command.
        values:
          command.name() === 'help'
            ? words(program.commands.map((one) => one.name()))
            : argumentValues(argument.name(), tables),
        variadic: argument.variadic,
      })),
    })),
  };
}

function optionSpec(
  option: Option,
  command: string,
  tables: Pick<Context, 'backends' | 'models'>,
): OptionSpec {
  const { short, long, description, required, optional } = option;
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    text: description,
    values: required || optional ? optionValues(command, option.attributeName(), tables) : undefined,
    repeatable: option.parseArg === collect,
  };
}

const NONE: Values = { words: [], paths: 'none' };

function words(list: readonly string[], paths: Values['paths'] = 'none'): Values {
  return { words: list, paths };
}

/** Returns the values of an option: none for numbers, patterns and devices, because only a loaded backend knows its device ids. */
function optionValues(command: string, option: string, { backends }: Pick<Context, 'backends'>): Values {
  const names = backends.map(({ name }) => name);
  switch (option) {
    case 'backend':
      if (command === 'conformance') return words(['all', ...names], 'files');
      if (command === 'bench') return words(['auto', 'all', ...names], 'files');
      return command === 'bisect' ? words(names, 'files') : words(['auto', ...names]);
    case 'against':
      return words(names, 'files');
    case 'recipe':
      return words(Object.keys(recipes));
    case 'normalize':
      return words(Object.keys(normalizations));
    case 'fit':
      return words(FITS);
    case 'background':
      return words(BACKGROUNDS);
    case 'batchStatistics':
      return words(['frozen', 'updated']);
    case 'rivals':
      return words(['all', ...rivals.map(({ name }) => name)], 'files');
    case 'work':
      return words(WORKS);
    case 'out':
      return words([], command === 'bench' ? 'files' : 'folders');
    case 'data':
    case 'resume':
    case 'run':
      return words([], 'folders');
    case 'model':
    case 'classes':
    case 'weights':
    case 'html':
    case 'markdown':
    case 'plot':
    case 'compare':
    case 'to':
      return words([], 'files');
    default:
      return NONE;
  }
}

function argumentValues(argument: string, { models }: Pick<Context, 'models'>): Values {
  switch (argument) {
    case 'model':
      return words(
        models.map(({ name }) => name),
        'files',
      );
    case 'folder':
      return words([], 'folders');
    // `run` is a run folder or an ONNX file.
    case 'run':
    case 'file':
    case 'images':
      return words([], 'files');
    case 'shell':
      return words(SHELLS);
    default:
      return NONE;
  }
}
