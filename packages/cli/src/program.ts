// Declares every command with its arguments, options and help; train, finetune, bench and data have their own files. The code of a
// command loads only when the command runs.
import { ranges, wholeFrom } from '@isonet/core';
import { RUNS_FOLDER } from '@isonet/runs';
import { Command, Option } from 'commander';
import { addBench } from './benchProgram.ts';
import type { BackendsOptions } from './commands/backends.ts';
import type { BisectOptions } from './commands/bisect.ts';
import type { ConformanceOptions } from './commands/conformance.ts';
import type { EvaluateOptions } from './commands/evaluate.ts';
import type { ExportOptions } from './commands/export.ts';
import type { PredictOptions } from './commands/predict.ts';
import type { RunsOptions } from './commands/runs.ts';
import type { SummaryOptions } from './commands/summary.ts';
import type { Context } from './context.ts';
import { addData } from './dataProgram.ts';
import { addFinetune } from './finetuneProgram.ts';
import { configure } from './help.ts';
import {
  CLASSES_HELP,
  COMPLETION_HELP,
  DATA_HELP,
  DEVICE_HELP,
  DIMS_HELP,
  MODEL_FILE_HELP,
  NORMALIZE_HELP,
  STRICT_HELP,
  TF32_HELP,
  THREADS_HELP,
  TRAINED_HELP,
} from './helpTexts.ts';
import { hasColor } from './io.ts';
import { addPictureOptions } from './pictureOptions.ts';
import { colors } from './show/text.ts';
import { addTrain } from './trainProgram.ts';
import { imageInput, path, sizes, integerAs } from './usage.ts';

const threadCount = integerAs(ranges.threads);

/** The modes of `isonet conformance` that do not run the suite. */
interface ConformanceModes {
  readonly compatibility?: boolean;
}

/** Builds the command line, ready to parse. @param done receives the command's exit code */
export function buildProgram(context: Context, done: (exitCode: number) => void): Command {
  const program = new Command('isonet');
  configure(program, context);
  const { bold } = colors(hasColor(context.io));
  const examples = (...lines: readonly string[]): string =>
    ['', bold('Examples:'), ...lines.map((line) => `  $ ${line}`)].join('\n');
  const finish = async (exitCode: Promise<number>): Promise<void> => done(await exitCode);
  const modelNames = context.models.map(({ name }) => name).join(', ');
  const modelHelp = `${modelNames}, an .onnx file, or a .ts, .mts, .js or .mjs file that exports your own network`;
  const backendNames = context.backends.map(({ name }) => name).join(', ');
  const backendHelp = `auto, ${backendNames} (default: auto, the fastest available)`;

  program
    .command('start')
    .description('watch a network learn: train, test and predict in at most three minutes')
    .addHelpText('after', examples('isonet start'))
    .action(async () => finish((await import('./commands/start.ts')).start(context)));

  addTrain(program, {
    modelHelp,
    backendHelp,
    examples,
    headline: bold,
    run: async (model, options) =>
      finish((await import('./commands/train.ts')).train(context, model, options)),
  });

  addFinetune(program, {
    backendHelp,
    examples,
    headline: bold,
    run: async (file, options) =>
      finish((await import('./commands/finetune.ts')).finetune(context, file, options)),
  });

  program
    .command('runs')
    .description('list the runs in a folder, with their progress and accuracy')
    .argument('[folder]', `folder of runs (default: ${RUNS_FOLDER})`, path)
    .option('--json', 'print one JSON value')
    .addHelpText('after', examples('isonet runs', 'isonet runs my-experiments --json'))
    .action(async (folder: string | undefined, options: RunsOptions) =>
      finish((await import('./commands/runs.ts')).runs(context, folder, options)),
    );

  const evaluateCommand = program
    .command('evaluate')
    .description('measure loss, accuracy or other metrics of a run or an ONNX file on the test images')
    .argument('<run>', TRAINED_HELP, path)
    .option('--backend <name>', backendHelp)
    .option('--device <id>', DEVICE_HELP)
    .option('--threads <n>', THREADS_HELP, threadCount)
    .option('--tf32', TF32_HELP)
    .option(
      '--data <folder>',
      `${DATA_HELP}; an image folder without a test part is used in full unless the run was trained on it`,
      path,
    )
    .option('--model <file>', MODEL_FILE_HELP, path)
    .option('--classes <file>', CLASSES_HELP, path)
    .option('--dims <sizes>', DIMS_HELP, sizes)
    .option('--normalize <how>', NORMALIZE_HELP);
  addPictureOptions(evaluateCommand)
    .option('--strict', STRICT_HELP)
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      examples(
        'isonet evaluate runs/nin-best-onnx-0',
        'isonet evaluate net.onnx --data photos --normalize imagenet',
      ),
    )
    .action(async (run: string, options: EvaluateOptions) =>
      finish((await import('./commands/evaluate.ts')).evaluate(context, run, options)),
    );

  const predictCommand = program
    .command('predict')
    .description('classify images (PNG, JPEG, WebP, ...) with a run or an ONNX file')
    .argument('<run>', TRAINED_HELP, path)
    .argument('[images...]', 'image files')
    .option('--test <n>', 'use the first n test images instead of files', integerAs(wholeFrom(1, 10_000)))
    .option('--classes <file>', CLASSES_HELP, path)
    .option('--dims <sizes>', DIMS_HELP, sizes)
    .option('--normalize <how>', NORMALIZE_HELP);
  addPictureOptions(
    predictCommand,
    'invert the images if they are dark on light; Fashion-MNIST is light on dark',
  )
    .option('--picture', 'draw the images (default: only on a terminal)')
    .option('--no-picture', 'do not draw the images')
    .option('--backend <name>', backendHelp)
    .option('--device <id>', DEVICE_HELP)
    .option('--threads <n>', THREADS_HELP, threadCount)
    .option('--tf32', TF32_HELP)
    .option('--data <folder>', `with --test: ${DATA_HELP}`, path)
    .option('--model <file>', MODEL_FILE_HELP, path)
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      examples(
        'isonet predict runs/nin-best-onnx-0 --test 3',
        'isonet predict runs/nin-best-onnx-0 shoe.jpg --invert',
        'isonet predict net.onnx cat.jpg --normalize imagenet --classes names.txt',
      ),
    )
    .action(async (run: string, images: readonly string[], options: PredictOptions) =>
      finish((await import('./commands/predict.ts')).predict(context, run, images, options)),
    );

  program
    .command('export')
    .description('export the network of a run or of an ONNX file as an ONNX model')
    .argument('<run>', TRAINED_HELP, path)
    .requiredOption('--to <file>', 'file to write', path)
    .option('--force', 'replace the file if it exists')
    .option('--model <file>', MODEL_FILE_HELP, path)
    .option('--classes <file>', CLASSES_HELP, path)
    .option('--dims <sizes>', DIMS_HELP, sizes)
    .option(
      '--normalize <how>',
      'for an ONNX file that specifies no normalization: the normalization to record in the exported file',
    )
    .option('--json', 'print one JSON value')
    .addHelpText('after', examples('isonet export runs/nin-best-onnx-0 --to nin.onnx'))
    .action(async (run: string, options: ExportOptions) =>
      finish((await import('./commands/export.ts')).exportTrained(context, run, options)),
    );

  program
    .command('summary')
    .description('list the layers of a network: shapes, parameters, multiply-adds')
    .argument('<model>', modelHelp)
    .option(
      '--input <shape>',
      'shape of the input: images x channels x height x width (default: one image)',
      imageInput,
    )
    .option('--batch-norm', 'add batch norm after every convolution')
    .option('--dims <sizes>', DIMS_HELP, sizes)
    .option('--nodes', 'for an ONNX file: list every node')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      examples(
        'isonet summary googlenet',
        'isonet summary nin --input 1x1x224x224',
        'isonet summary net.onnx',
      ),
    )
    .action(async (model: string, options: SummaryOptions) =>
      finish((await import('./commands/summary.ts')).summary(context, model, options)),
    );

  program
    .command('backends')
    .description('list the backends and devices on this machine, and how to install the others')
    .option('--json', 'print one JSON value')
    .addHelpText('after', examples('isonet backends'))
    .action(async (options: BackendsOptions) =>
      finish((await import('./commands/backends.ts')).backends(context, options)),
    );

  program
    .command('conformance')
    .description('run the conformance suite on every backend and report its scores and unexpected results')
    .option('--backend <name>', `all, ${backendNames}, an npm package or a file (default: all)`)
    .option('--device <id>', 'device of the backend, see isonet backends (default: all but the slowest)')
    .option('--threads <n>', THREADS_HELP, threadCount)
    .option('--tf32', TF32_HELP)
    .option(
      '--filter <op>',
      'run only the checks of one op, such as conv2d, or those whose keys start with this, such as conv2d/reals (default: all)',
    )
    .addOption(
      new Option(
        '--compatibility',
        'run no checks: list the ops that each device has a kernel for, decomposes or refuses',
      ).conflicts('html'),
    )
    .option('--html <file>', 'also write an HTML report', path)
    .option('--force', 'replace the file if it exists')
    .option('--json', 'print one JSON object per line: the devices, a report for each, the end')
    .addHelpText(
      'after',
      examples(
        'isonet conformance --backend onnx',
        'isonet conformance --filter conv2d --html conformance.html',
        'isonet conformance --backend ./my-backend/index.js',
        'isonet conformance --compatibility',
      ),
    )
    .action(async ({ compatibility, ...options }: ConformanceOptions & ConformanceModes) => {
      if (compatibility) {
        return finish((await import('./commands/compatibility.ts')).compatibilityOf(context, options));
      }
      return finish((await import('./commands/conformance.ts')).conformance(context, options));
    });

  addBench(program, {
    modelHelp,
    backendNames,
    examples,
    run: async (models, options) =>
      finish((await import('./commands/bench.ts')).bench(context, models, options)),
  });

  addData(program, { context, examples, finish });

  program
    .command('bisect')
    .description('find the first layer whose result is wrong on a backend, forward or backward')
    .argument('<model>', modelHelp)
    .requiredOption('--backend <name>', `${backendNames}, an npm package or a file`)
    .option('--device <id>', DEVICE_HELP)
    .option('--threads <n>', THREADS_HELP, threadCount)
    .option('--tf32', TF32_HELP)
    .option(
      '--against <name>',
      'second backend to compare with; the reference decides which one is right (default: reference)',
    )
    .option(
      '--against-device <id>',
      'device of the second backend (default: its first device that is not a software driver)',
    )
    .option('--batch <n>', 'number of images (default: 2)', integerAs(wholeFrom(1, 1024)))
    .option('--seed <n>', 'seed of weights, images and masks (default: 0)', integerAs(ranges.seed))
    .option('--batch-norm', 'add batch norm after every convolution')
    .option('--dims <sizes>', DIMS_HELP, sizes)
    .option(
      '--run <run>',
      'use the weights of a run folder (default: initial weights, or those of the ONNX file)',
      path,
    )
    .option('--no-backward', 'check only the forward pass')
    .option('--out <folder>', 'new folder for the reproduction (default: bisect/MODEL-BACKEND)', path)
    .option('--json', 'print one JSON object per line: the device, then the result on it')
    .addHelpText(
      'after',
      examples(
        'isonet bisect nin --backend onnx',
        'isonet bisect googlenet28 --backend tfjs --against onnx',
        'isonet bisect net.onnx --backend webgpu',
      ),
    )
    .action(async (model: string, options: BisectOptions) =>
      finish((await import('./commands/bisect.ts')).bisect(context, model, options)),
    );

  program
    .command('completion')
    .description('print a script that makes your shell complete commands, options and values')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      examples(
        'eval "$(isonet completion bash)"',
        'source <(isonet completion zsh)',
        'isonet completion fish | source',
      ) + COMPLETION_HELP,
    )
    .action(async (shell: string) =>
      finish(
        import('./commands/completion.ts').then(({ completion }) => completion(context, program, shell)),
      ),
    );

  return program;
}
