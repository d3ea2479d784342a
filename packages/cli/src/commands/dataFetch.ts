// isonet data fetch NAME: downloads a published dataset. No other command downloads data.
import { resolve } from 'node:path';
import type { FetchedDataset, FetchProgress, PublishedName } from '@isonet/data';
import { fetchDataset, publishedNames } from '@isonet/data';
import { command, counted } from '@isonet/runs';
import type { Command } from 'commander';
import { Argument } from 'commander';
import type { Context } from '../context.ts';
import type { Io, StopSignal } from '../io.ts';
import { canRedraw, EXIT_CODES, printJson, printLine, printNote } from '../io.ts';
import { Bar } from '../show/bar.ts';
import { path } from '../usage.ts';

/** Options of {@link dataFetch}. */
export interface DataFetchOptions {
  readonly to?: string;
  readonly mirror?: string;
  readonly json?: boolean;
}

/** The parts that the command shares with other commands. */
export interface DataFetchParts {
  readonly examples: (...lines: readonly string[]) => string;
  readonly run: (name: PublishedName, options: DataFetchOptions) => Promise<void>;
}

/** Declares `isonet data fetch`. */
export function addDataFetch(data: Command, { examples, run }: DataFetchParts): void {
  data
    .command('fetch')
    .description('download a published dataset and verify its checksums')
    .addArgument(new Argument('<name>', 'dataset').choices([...publishedNames]))
    .option(
      '--to <folder>',
      'destination folder (default: the cache, ~/.cache/isonet/NAME, or ISONET_DATA for Fashion-MNIST)',
      path,
    )
    .option('--mirror <url>', 'download from this base URL; the file names are appended to it')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      examples(
        'isonet data fetch fashion-mnist',
        'isonet data fetch cifar10 --to data/cifar10',
        'isonet train nin-cifar10 --data data/cifar10',
      ) +
        '\n\nEvery file is checked against the published checksum. Press Ctrl-C once to stop;\nrun the same command again to continue. No other command downloads data.',
    )
    // `isonet data` also has --json, and commander assigns the option to the parent.
    .action(async (name: PublishedName, _options: DataFetchOptions, fetch: Command) =>
      run(name, fetch.optsWithGlobals()),
    );
}

/** Downloads a dataset. @returns the exit code */
export async function dataFetch(
  { io }: Context,
  name: PublishedName,
  { to, mirror, json = false }: DataFetchOptions,
): Promise<number> {
  const controller = new AbortController();
  let stopped: StopSignal | undefined;
  const end = io.onInterrupt((signal) => {
    stopped = signal;
    printNote(io, 'stopping; run the same command again to continue');
    controller.abort();
  });
  const view = json ? undefined : viewOf(io);
  try {
    const fetched = await fetchDataset(name, {
      ...(to === undefined ? {} : { folder: resolve(io.cwd, to) }),
      ...(mirror === undefined ? {} : { mirror }),
      signal: controller.signal,
      onProgress: (progress) => view?.show(progress),
    });
    view?.close();
    if (json) printJson(io, jsonOf(fetched));
    else linesOf(fetched, to).forEach((line) => printLine(io, line));
    return stopped === undefined ? 0 : EXIT_CODES[stopped];
  } catch (error) {
    if (stopped === undefined || error !== controller.signal.reason) throw error;
    return EXIT_CODES[stopped];
  } finally {
    view?.close();
    end();
  }
}

interface View {
  show(progress: FetchProgress): void;
  close(): void;
}

/** The columns that the text around the bar needs: `fetching` and `123/170 MB  train-labels-idx1-ubyte.gz`. */
const BAR_WIDTH = 60;

/** Creates a bar on a terminal, else a view that prints a line per file. */
function viewOf(io: Io): View {
  if (canRedraw(io)) {
    const bar = new Bar(io);
    return {
      show: ({ file, received, bytes }) =>
        bar.show(
          { before: 'fetching', after: `MB  ${file}`, width: BAR_WIDTH },
          { done: Math.floor(received / 1e6), all: Math.ceil(bytes / 1e6) },
        ),
      close: () => bar.close(),
    };
  }
  let last = '';
  return {
    show: ({ file }) => {
      if (file !== last) printNote(io, `fetching ${file}`);
      last = file;
    },
    close: () => undefined,
  };
}

function linesOf({ name, title, folder, files }: FetchedDataset, to: string | undefined): readonly string[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const isNew = files.some(({ from }) => from !== undefined);
  const what = `${title}: ${counted(files.length, 'file')}, ${(bytes / 1e6).toFixed(1)} MB`;
  const model = { 'fashion-mnist': 'nin', mnist: 'nin', cifar10: 'nin-cifar10', cifar100: 'my-net.ts' }[name];
  const isFound = name === 'fashion-mnist' && to === undefined;
  return [
    `${what}, ${isNew ? 'checked, in' : 'already in'} ${folder}`,
    `to train on it: ${isFound ? `npx isonet train ${model}` : command`npx isonet train ${model} --data ${to ?? folder}`}`,
  ];
}

function jsonOf({ name, folder, files }: FetchedDataset): object {
  return { name, folder, files: files.map(({ from, ...file }) => ({ ...file, from: from ?? null })) };
}
