// The completion script for bash, including version 3.2, which macOS has. It evaluates nothing that the user typed, and starts no process.
import type { CompletionSpec, Values } from './spec.ts';

/** Returns a script that completes commands, options and their values. */
export function bashScript({ name, options, commands }: CompletionSpec): string {
  const flags = (list: CompletionSpec['options']): string => list.flatMap((one) => one.flags).join(' ');
  const valued = commands.flatMap((command) =>
    command.options.flatMap(({ flags: own, values }) =>
      values ? [{ keys: own.map((flag) => `'${command.name} ${flag}'`), values }] : [],
    ),
  );
  const positional = commands.flatMap((command) =>
    command.arguments.map(({ values, variadic }, i) => ({
      keys: [variadic ? `'${command.name} '*` : `'${command.name} ${i}'`],
      values,
    })),
  );
  return `# bash completion for ${name}. To load it: eval "$(${name} completion bash)"
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command='' pending='' argument=0 words='' paths='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then
      continue # bash splits --option=value
    elif [[ -n $pending ]]; then
      pending=''
    elif [[ $word == -* ]]; then
      case "$command $word" in
        ${valued.flatMap(({ keys }) => keys).join(' | ')}) pending=$word ;;
      esac
    elif [[ -z $command ]]; then
      command=$word
    else
      argument=$((argument + 1))
    fi
  done
  [[ $cur == '=' ]] && cur=''
  if [[ -n $pending ]]; then
    case "$command $pending" in
${cases(valued)}
    esac
  elif [[ $cur == -* ]]; then
    case $command in
      '') words='${flags(options)}' ;;
${commands.map((command) => `      ${command.name}) words='${flags(command.options)}' ;;`).join('\n')}
    esac
  elif [[ -z $command ]]; then
    words='${commands.map((command) => command.name).join(' ')}'
  else
    case "$command $argument" in
${cases(positional)}
    esac
  fi
  COMPREPLY=()
  while IFS= read -r word; do
    [[ -n $word ]] && COMPREPLY+=("$word")
  done < <(
    { [[ -n $words ]] && compgen -W "$words" -- "$cur"; } ||
      { [[ -n $paths ]] && compgen "$paths" -- "$cur"; }
  )
  if [[ -n $paths ]]; then
    # A slash after folders, and readline's own completion for names that have to be quoted. bash 3.2 has no compopt.
    compopt -o filenames -o default 2>/dev/null
  fi
}
complete -F _${name} ${name}
`;
}

/** Returns the lines of a case statement. Keys with the same completion share a line. */
function cases(list: readonly { readonly keys: readonly string[]; readonly values: Values }[]): string {
  const byAction = new Map<string, string[]>();
  for (const { keys, values } of list) {
    const action = actionOf(values);
    if (action === '') continue;
    byAction.set(action, [...(byAction.get(action) ?? []), ...keys]);
  }
  return [...byAction].map(([action, keys]) => `      ${keys.join(' | ')}) ${action} ;;`).join('\n');
}

function actionOf({ words, paths }: Values): string {
  return [
    ...(words.length > 0 ? [`words='${words.join(' ')}'`] : []),
    ...(paths === 'none' ? [] : [`paths=${paths === 'folders' ? '-d' : '-f'}`]),
  ].join(' ');
}
