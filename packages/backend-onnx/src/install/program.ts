// The program isonet-onnx-cuda, which installs ONNX Runtime's CUDA provider from PyPI for the user who runs it, without root.
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@isonet/core';
import { NativeError } from '@isonet/native';
import { folderPath, OLDEST_DRIVER, VARIABLE } from '../runtime/cuda/files.ts';
import { InstallError, UsageError } from './error.ts';
import { install } from './install.ts';
import type { Wheel } from './packages.ts';
import { cudaLibraries, provider } from './packages.ts';

const HELP = `Usage: isonet-onnx-cuda [--provider-only] [--folder FOLDER] [--python PROGRAM]

Installs ONNX Runtime's CUDA provider and NVIDIA's libraries for it, which the device "cuda" of isonet's onnx backend needs.
Requires Linux x64, Python 3 with pip, PyPI or a mirror and, to use the device, an NVIDIA driver of ${OLDEST_DRIVER} or newer. Experimental.

  --provider-only     omit NVIDIA's libraries, if CUDA 13 and cuDNN 9 are already installed
  --folder FOLDER     install into FOLDER; set ${VARIABLE}=FOLDER to use it. Default: $${VARIABLE}, else a folder in the
                      user's cache
  --python PROGRAM    run this Python. Default: python3
  --help              show this help

NVIDIA's libraries are under NVIDIA's licenses, which are installed next to them.
`;

/** The output streams of the program, which tests replace. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

const streams: Streams = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
};

/**
 * Runs the program.
 * @returns the exit code: 0, 1 for a failure, 2 for an invalid option, or 128 + the signal's number
 */
export async function main(args: readonly string[], { out, error }: Streams = streams): Promise<number> {
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => stopping.abort(new Stopped(signal));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, stop);
  try {
    const options = optionsOf(args);
    if (options === undefined) {
      out(HELP);
      return 0;
    }
    const { folder, python, wheels } = options;
    const isNew = await install({
      folder,
      wheels,
      python,
      signal: stopping.signal,
      log: (line) => error(`${line}\n`),
    });
    out(isNew ? `installed in ${folder}\n` : `already installed in ${folder}\n`);
    if (folderPath() !== folder) out(`to use it, run: export ${VARIABLE}=${folder}\n`);
    return 0;
  } catch (thrown) {
    if (thrown instanceof Stopped) {
      error(`stopped by ${thrown.signal}; nothing was installed\n`);
      return 128 + constants.signals[thrown.signal];
    }
    if (thrown instanceof UsageError) {
      error(`isonet-onnx-cuda: ${thrown.message}; see --help\n`);
      return 2;
    }
    // An unexpected error, which is a bug in this program, keeps its stack.
    const expected = thrown instanceof InstallError || thrown instanceof NativeError;
    if (!expected) throw thrown;
    error(`isonet-onnx-cuda: ${messageOf(thrown)}\n`);
    return 1;
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}

/** The abort reason after a signal. */
class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(signal);
    this.signal = signal;
  }
}

interface Options {
  readonly folder: string;
  readonly python: string;
  readonly wheels: readonly Wheel[];
}

/** Parses and validates the arguments. Returns undefined for --help. @throws InstallError, UsageError */
function optionsOf(args: readonly string[]): Options | undefined {
  const { help, folder = folderPath(), python, 'provider-only': providerOnly } = parsed(args);
  if (help) return undefined;
  if (folder === '') throw new UsageError('--folder: expected a folder, got nothing');
  if (python === '') throw new UsageError('--python: expected a program, got nothing');
  const platform = `${process.platform} ${process.arch}`;
  if (platform !== 'linux x64') {
    throw new InstallError(
      `ONNX Runtime's CUDA provider needs linux x64, got ${platform}; use the webgpu backend`,
    );
  }
  if (folder === undefined) {
    throw new InstallError('there is no home folder to install into; choose a folder with --folder');
  }
  const wheels = providerOnly ? [provider] : [provider, ...cudaLibraries];
  return { folder: resolve(folder), python, wheels };
}

function parsed(args: readonly string[]): {
  readonly help: boolean;
  readonly folder?: string;
  readonly python: string;
  readonly 'provider-only': boolean;
} {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', default: false },
        folder: { type: 'string' },
        python: { type: 'string', default: 'python3' },
        'provider-only': { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    const [reason = ''] = messageOf(error).split(/\. |\n/);
    throw new UsageError(reason, { cause: error });
  }
}
