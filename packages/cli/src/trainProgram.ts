// The options of `isonet train`, and its help.
import { ranges } from '@isonet/core';
import { defaultRecipe } from '@isonet/runs';
import type { Command } from 'commander';
import type { TrainOptions } from './commands/train.ts';
import { DATA_HELP, DEVICE_HELP, ownModelHelp, stopHelp, TF32_HELP, THREADS_HELP } from './helpTexts.ts';
import { collect, numberAs, path, wholeAs } from './usage.ts';

/** What the command shares with the others. */
export interface TrainParts {
  readonly modelHelp: string;
  readonly backendHelp: string;
  readonly examples: (...lines: readonly string[]) => string;
  /** Paints the headline of a part of the help. */
  readonly headline: (text: string) => string;
  readonly run: (model: string | undefined, options: TrainOptions) => Promise<void>;
}

/** Declares the command. */
export function addTrain(
  program: Command,
  { modelHelp, backendHelp, examples, headline, run }: TrainParts,
): void {
  program
    .command('train')
    .description('train a network into a run folder, or resume a run')
    .argument('[model]', modelHelp)
    .option('--backend <name>', backendHelp)
    .option('--device <id>', DEVICE_HELP)
    .option('--threads <n>', THREADS_HELP, wholeAs(ranges.threads))
    .option('--tf32', TF32_HELP)
    .option(
      '--recipe <name>',
      `book: as in the chapter; fast: the same network, newer training; best: fast with batch norm (default: ${defaultRecipe})`,
    )
    .option('--epochs <n>', 'passes over the training images (default: 5)', wholeAs(ranges.count))
    .option('--lr <rate>', "learning rate, or its peak (default: the recipe's)", numberAs(ranges.above0))
    .option('--batch-size <n>', "images per step (default: the recipe's)", wholeAs(ranges.count))
    .option(
      '--micro-batch <n>',
      'images computed at a time, to save memory; batch norm normalizes these alone (default: the whole batch)',
      wholeAs(ranges.count),
    )
    .option('--batch-norm', "batch norm after every convolution (default: the recipe's)")
    .option('--no-batch-norm', 'no batch norm')
    .option(
      '--dropout <rate>',
      "rate of the network's dropout layers (default: the recipe's)",
      numberAs(ranges.rate),
    )
    .option('--seed <n>', 'seed of weights, data order and dropout (default: 0)', wholeAs(ranges.seed))
    .option(
      '--validation <fraction>',
      'fraction of the training images to hold back for validation, such as 0.1',
      numberAs(ranges.properPart),
    )
    .option(
      '--patience <epochs>',
      'with --validation: stop after this many epochs without a lower validation loss, keep the best weights',
      wholeAs(ranges.count),
    )
    .option(
      '--average <decay>',
      'save and evaluate a moving average of the weights, with a decay such as 0.999',
      numberAs(ranges.rate),
    )
    .option(
      '--clip-norm <limit>',
      'scale the gradients down where their norm is above this limit, such as 1',
      numberAs(ranges.above0),
    )
    .option('--weights <run>', 'start from the weights of a run folder or a .safetensors file', path)
    .option('--partial', 'with --weights: load the tensors that fit, initialize the rest')
    .option(
      '--freeze <pattern>',
      "do not train these parameters or layers, such as nin1 or '*.b' (repeatable)",
      collect,
    )
    .option('--limit <n>', 'train on the first n images (default: all)', wholeAs(ranges.count))
    .option('--data <folder>', DATA_HELP, path)
    .option('--out <folder>', 'new folder of the run (default: runs/MODEL-RECIPE-BACKEND-SEED)', path)
    .option(
      '--resume <run>',
      'resume a stopped run with its own settings, or others of --epochs and --lr',
      path,
    )
    .option('--exact', 'with --resume: refuse if the bits could differ from those of an uninterrupted run')
    .option('--json', 'one JSON object a line: the start with device and data, each epoch, the end')
    .addHelpText(
      'after',
      examples(
        'isonet train nin',
        'isonet train nin --recipe book',
        'isonet train ./my-net.ts --data my-pictures',
        'isonet train googlenet28 --backend onnx --epochs 10',
        'isonet train nin --epochs 50 --validation 0.1 --patience 3 --average 0.999',
        'isonet train --resume runs/googlenet28-best-onnx-0',
        'isonet train --resume runs/googlenet28-best-onnx-0 --epochs 20',
      ),
    )
    .addHelpText('after', stopHelp(headline))
    .addHelpText('after', ownModelHelp(headline))
    .action(run);
}
