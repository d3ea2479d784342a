// The completion script for fish, one `complete` per line.
import type { CompletionSpec, OptionSpec, Values } from './spec.ts';

/** Returns a script that completes commands, options and their values. */
export function fishScript({ name, options, commands }: CompletionSpec): string {
  const anywhere = `complete -c ${name}`;
  const lines = commands.flatMap((command) => {
    const inside = `${anywhere} -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
    return [
      `${anywhere} -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.text)}`,
      ...command.options.map((option) => `${inside} ${optionArgs(option)}`),
      ...command.arguments.flatMap(({ values }) => {
        const args = valueArgs(values);
        return args === '' ? [] : [`${inside} ${args}`];
      }),
    ];
  });
  return `# fish completion for ${name}. To load it: ${name} completion fish | source
${anywhere} -e
${anywhere} -f
${options.map((option) => `${anywhere} -n __fish_use_subcommand ${optionArgs(option)}\n`).join('')}${lines.join('\n')}
`;
}

function optionArgs({ flags, text, values }: OptionSpec): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  // -r: needs a value, which may be a file; -x: needs a value, without file completion.
  const takes = values?.paths === 'files' ? '-r' : '-x';
  const value = values ? [takes, valueArgs(values)].filter((part) => part !== '') : [];
  return [...names, '-d', quoted(text), ...value].join(' ');
}

function valueArgs({ words, paths }: Values): string {
  return [
    ...(words.length > 0 ? ['-a', quoted(words.join(' '))] : []),
    ...(paths === 'folders' ? ['-a', quoted('(__fish_complete_directories)')] : []),
    ...(paths === 'files' ? ['-F'] : []),
  ].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`;
}
