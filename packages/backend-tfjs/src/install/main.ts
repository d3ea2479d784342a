// The program isonet-tensorflow, which installs native TensorFlow for the user who runs it, without root.
import { messageOf } from '@isonet/core';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FOLDER, namedFolder } from '../providers/places.ts';
import { InstallError } from './command.ts';
import type { Form } from './forms.ts';
import { commandFor, cpuForm, cudaForm, defaultFolder } from './forms.ts';
import { install } from './install.ts';
import { TENSORFLOW } from './pins.ts';

const usage = `Usage: ${commandFor(cpuForm)} [--cuda] [--folder FOLDER] [--python PROGRAM]

Installs native TensorFlow ${TENSORFLOW} for the tfjs backend: the device "tensorflow" and, with --cuda, "cuda". Downloads the
library from PyPI and TensorFlow.js's Node package from npm, and compiles the binding between them; nothing else is downloaded.
Run it once per user. It needs Linux x64 with glibc, python3 with pip, npm and g++, but no root.

  --cuda            install the form for NVIDIA GPUs, with CUDA 12 and cuDNN 9 (not yet tested on a GPU). Default: the form
                    for the CPU
  --folder FOLDER   install into FOLDER; set ${FOLDER}=FOLDER to use it. Default: the folder that ${FOLDER}
                    names, else a folder in ~/.cache/isonet, where the backend finds it
  --python PROGRAM  run this Python. Default: python3
  --help            show this help
`;

interface Request {
  readonly form: Form;
  readonly folder: string;
  readonly python: string;
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Parses the arguments. @throws UsageError for invalid arguments */
function requestOf(args: readonly string[]): Request | 'help' {
  const values = parsed(args);
  if (values.help === true) return 'help';
  const form = values.cuda === true ? cudaForm : cpuForm;
  const { python = 'python3' } = values;
  if (values.folder === '') throw new UsageError('--folder: expected a folder, got nothing');
  if (python === '') throw new UsageError('--python: expected a program, got nothing');
  const folder = values.folder === undefined ? folderOf(form) : resolve(values.folder);
  if (folder === undefined)
    throw new UsageError('there is no home folder to install into; choose a folder with --folder FOLDER');
  return { form, folder, python };
}

/** Returns the folder in which the backend looks for the form. */
function folderOf(form: Form): string | undefined {
  return namedFolder() ?? defaultFolder(form);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const options = {
  cuda: { type: 'boolean' },
  folder: { type: 'string' },
  python: { type: 'string' },
  help: { type: 'boolean' },
} as const;

function parsed(args: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(args);
  } catch (cause) {
    const [reason = ''] = messageOf(cause).split(/\. |\n/);
    throw new UsageError(reason, { cause });
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options }).values;
}

async function installed({ form, folder, python }: Request, signal: AbortSignal): Promise<void> {
  const say = (step: string): void => print(`  ${step}`);
  print(
    `TensorFlow ${TENSORFLOW} for ${form === cudaForm ? 'CUDA 12' : 'the CPU'} in ${folder} (${form.size})`,
  );
  const text = await install({ form, folder, python, say, signal });
  print(`${text}; checked: a test convolution is correct`);
  print(folder === folderOf(form) ? 'isonet finds it there' : `to use it, run: export ${FOLDER}=${folder}`);
}

/**
 * Runs the program. The first signal stops the current step, so that the temporary folder is removed. Later signals
 * have no effect, because npm forwards a terminal's Ctrl-C a second time.
 * @returns the exit code
 */
async function main(args: readonly string[]): Promise<number> {
  const controller = new AbortController();
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  let code = 1;
  for (const [name, exitCode] of Object.entries(signals)) {
    process.on(name, () => {
      if (!controller.signal.aborted) code = exitCode;
      controller.abort();
    });
  }
  try {
    const request = requestOf(args);
    if (request === 'help') print(usage.trimEnd());
    else await installed(request, controller.signal);
    return 0;
  } catch (error) {
    const reason = controller.signal.aborted ? 'stopped; nothing was installed' : reasonOf(error);
    process.stderr.write(`isonet-tensorflow: ${reason}\n`);
    return error instanceof UsageError ? 2 : code;
  }
}

/** Returns the reason in one line, or the stack of an unexpected error, which is a bug in this program. */
function reasonOf(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}; see --help`;
  const isExpected = error instanceof InstallError || (error as NodeJS.ErrnoException).code !== undefined;
  return isExpected || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
}

process.exitCode = await main(process.argv.slice(2));
