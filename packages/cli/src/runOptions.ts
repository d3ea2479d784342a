// The options that `isonet train` and `isonet finetune` share.
import { ranges } from '@isonet/core';
import { AUGMENTATION_TEXT } from '@isonet/data';
import type { Command } from 'commander';
import { DEVICE_HELP, DIMS_HELP, NORMALIZE_HELP, STRICT_HELP, TF32_HELP, THREADS_HELP } from './helpTexts.ts';
import { addPictureOptions } from './pictureOptions.ts';
import { collect, numberAs, sizes, wholeAs } from './usage.ts';

/** Declares --backend, --device, --threads and --tf32. */
export function addDeviceOptions(command: Command, backendHelp: string): Command {
  return command
    .option('--backend <name>', backendHelp)
    .option('--device <id>', DEVICE_HELP)
    .option('--threads <n>', THREADS_HELP, wholeAs(ranges.threads))
    .option('--tf32', TF32_HELP);
}

/** Declares how long and how fast a run trains. */
export function addScheduleOptions(command: Command): Command {
  return command
    .option('--epochs <n>', 'passes over the training images (default: 5)', wholeAs(ranges.count))
    .option('--lr <rate>', "learning rate, or its peak (default: the recipe's)", numberAs(ranges.above0))
    .option('--batch-size <n>', "images per step (default: the recipe's)", wholeAs(ranges.count))
    .option(
      '--micro-batch <n>',
      'images computed at a time, to save memory; batch norm normalizes these alone (default: the whole batch)',
      wholeAs(ranges.count),
    );
}

/** Declares what a run watches, keeps and leaves alone. */
export function addCareOptions(command: Command): Command {
  return command
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
    .option('--augment <list>', `change the training images at random, each epoch anew: ${AUGMENTATION_TEXT}`)
    .option(
      '--freeze <pattern>',
      "do not train these parameters or layers, such as nin1 or '*.b' (repeatable)",
      collect,
    )
    .option(
      '--batch-statistics <what>',
      "of batch norm with frozen parameters: frozen keeps its running statistics and normalizes by them; updated uses the batch's (default: frozen); of an ONNX file, frozen keeps all of its batch norm",
    )
    .option(
      '--limit <n>',
      'train on the first n images, or, of a folder of pictures, on n that are drawn (default: all)',
      wholeAs(ranges.count),
    );
}

/** Declares how the data become what the network takes. */
export function addDataOptions(command: Command): Command {
  return addPictureOptions(
    command.option('--dims <sizes>', DIMS_HELP, sizes).option('--normalize <how>', NORMALIZE_HELP),
  ).option('--strict', STRICT_HELP);
}
