// The completion script for zsh, based on its function _arguments.
import type { ArgumentSpec, CompletionSpec, OptionSpec, Values } from './spec.ts';

/** Returns a script that completes commands, options and their values. Source it, or put it into a folder of $fpath. */
export function zshScript({ name, options, commands }: CompletionSpec): string {
  const list = commands.map((command) => `    ${quoted(`${command.name}:${command.text}`)}`);
  return `#compdef ${name}
# zsh completion for ${name}. To load it, after compinit: source <(${name} completion zsh)
_${name}() {
  local curcontext=$curcontext state line
  local -a commands=(
${list.join('\n')}
  )
  _arguments -C \\
${options.map((option) => `    ${optionLine(option)} \\\n`).join('')}    '1:command:->command' \\
    '*::argument:->argument' && return
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      curcontext="\${curcontext%:*}-$words[1]:"
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function commandCase({ name, options, arguments: list }: CompletionSpec['commands'][number]): string {
  const lines = [...options.map(optionLine), ...list.map(argumentLine)];
  return `        ${name})
          _arguments \\
${lines.map((line) => `            ${line}`).join(' \\\n')}
          ;;`;
}

/** Formats an option: `'--recipe=[text]:recipe:(book fast best)'` */
function optionLine({ flags, text, values, repeatable }: OptionSpec): string {
  const about = `[${text.replaceAll(/[[\]\\:]/g, (character) => `\\${character}`)}]`;
  const value = values ? `:value:${actionOf(values)}` : '';
  const exclusive = flags.length > 1 && !repeatable ? `(${flags.join(' ')})` : '';
  const lines = flags.map((flag) => {
    const equals = values && flag.startsWith('--') ? '=' : '';
    return quoted(`${exclusive}${repeatable ? '*' : ''}${flag}${equals}${about}${value}`);
  });
  return lines.join(' ');
}

function argumentLine({ name, values, variadic }: ArgumentSpec, i: number): string {
  return quoted(`${variadic ? '*' : i + 1}:${name}:${actionOf(values)}`);
}

function actionOf({ words, paths }: Values): string {
  const files = paths === 'folders' ? '_files -/' : '_files';
  if (words.length === 0) return paths === 'none' ? ' ' : files;
  const list = `(${words.join(' ')})`;
  // The space keeps _arguments from adding its own options, which _alternative does not accept.
  return paths === 'none' ? list : ` _alternative "names:name:${list}" "paths:path:${files}"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
