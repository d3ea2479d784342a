// Declares the options and the help of `isonet train`.
import { ranges } from '@isonet/core';
import { defaultRecipe } from '@isonet/runs';
import type { Command } from 'commander';
import type { TrainOptions } from './commands/train.ts';
import { DATA_HELP, onnxHelp, ownModelHelp, stopHelp } from './helpTexts.ts';
import { addTrainingOptions, addDataOptions, addDeviceOptions, addScheduleOptions } from './runOptions.ts';
import { numberAs, path } from './usage.ts';

/** The parts that the command shares with other commands. */
export interface TrainParts {
  readonly modelHelp: string;
  readonly backendHelp: string;
  readonly examples: (...lines: readonly string[]) => string;
  /** Styles the heading of a section of the help. */
  readonly headline: (text: string) => string;
  readonly run: (model: string | undefined, options: TrainOptions) => Promise<void>;
}

/** Declares `isonet train`. */
export function addTrain(
  program: Command,
  { modelHelp, backendHelp, examples, headline, run }: TrainParts,
): void {
  const command = program
    .command('train')
    .description('train a network and save it in a run folder, or resume a run')
    .argument('[model]', modelHelp);
  addDeviceOptions(command, backendHelp).option(
    '--recipe <name>',
    `book: as in the book; fast: the same network with newer training methods; best: fast with batch norm; finetune: for pretrained weights (default: ${defaultRecipe}; finetune for an ONNX file)`,
  );
  addScheduleOptions(command)
    .option('--batch-norm', "add batch norm after every convolution (default: the recipe's)")
    .option('--no-batch-norm', 'do not add batch norm')
    .option(
      '--dropout <rate>',
      "rate of the network's dropout layers (default: the recipe's)",
      numberAs(ranges.rate),
    );
  addTrainingOptions(command)
    .option('--weights <run>', 'start from the weights of a run folder or a .safetensors file', path)
    .option('--partial', 'with --weights: load the tensors that fit, and initialize the rest')
    .option('--data <folder>', DATA_HELP, path);
  addDataOptions(command)
    .option('--out <folder>', 'new folder for the run (default: runs/MODEL-RECIPE-BACKEND-SEED)', path)
    .option(
      '--resume <run>',
      'resume a stopped run with its own settings; only --epochs and --lr may change',
      path,
    )
    .option('--exact', 'with --resume: refuse if the bits could differ from those of an uninterrupted run')
    .option('--json', 'print one JSON object per line: the start with device and data, each epoch, the end')
    .addHelpText(
      'after',
      examples(
        'isonet train nin',
        'isonet train nin --recipe book',
        'isonet train ./my-net.ts --data my-images',
        'isonet train net.onnx --data my-images --normalize imagenet',
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
