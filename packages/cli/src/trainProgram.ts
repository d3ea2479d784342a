// The options of `isonet train`, and its help.
import { ranges } from '@isonet/core';
import { defaultRecipe } from '@isonet/runs';
import type { Command } from 'commander';
import type { TrainOptions } from './commands/train.ts';
import { DATA_HELP, onnxHelp, ownModelHelp, stopHelp } from './helpTexts.ts';
import { addCareOptions, addDataOptions, addDeviceOptions, addScheduleOptions } from './runOptions.ts';
import { numberAs, path } from './usage.ts';

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
  const command = program
    .command('train')
    .description('train a network into a run folder, or resume a run')
    .argument('[model]', modelHelp);
  addDeviceOptions(command, backendHelp).option(
    '--recipe <name>',
    `book: as in the chapter; fast: the same network, newer training; best: fast with batch norm; finetune: for weights that have learned something (default: ${defaultRecipe}; finetune for an ONNX file)`,
  );
  addScheduleOptions(command)
    .option('--batch-norm', "batch norm after every convolution (default: the recipe's)")
    .option('--no-batch-norm', 'no batch norm')
    .option(
      '--dropout <rate>',
      "rate of the network's dropout layers (default: the recipe's)",
      numberAs(ranges.rate),
    );
  addCareOptions(command)
    .option('--weights <run>', 'start from the weights of a run folder or a .safetensors file', path)
    .option('--partial', 'with --weights: load the tensors that fit, initialize the rest')
    .option('--data <folder>', DATA_HELP, path);
  addDataOptions(command)
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
        'isonet train net.onnx --data my-pictures --normalize imagenet',
        'isonet train googlenet28 --backend onnx --epochs 10',
        'isonet train nin --epochs 50 --validation 0.1 --patience 3 --average 0.999',
        'isonet train --resume runs/googlenet28-best-onnx-0',
        'isonet train --resume runs/googlenet28-best-onnx-0 --epochs 20',
      ),
    )
    .addHelpText('after', stopHelp(headline))
    .addHelpText('after', ownModelHelp(headline))
    .addHelpText('after', onnxHelp(headline))
    .action(run);
}
