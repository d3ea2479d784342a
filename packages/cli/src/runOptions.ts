// Declares the options that `isonet train` and `isonet finetune` share.
import { ranges } from '@isonet/core';
import { AUGMENTATION_TEXT } from '@isonet/data';
import type { Command } from 'commander';
import { DEVICE_HELP, DIMS_HELP, NORMALIZE_HELP, STRICT_HELP, TF32_HELP, THREADS_HELP } from './helpTexts.ts';
import { addPictureOptions } from './pictureOptions.ts';
import { collect, numberAs, sizes, integerAs } from './usage.ts';

/** Declares --backend, --device, --threads and --tf32. */
export function addDeviceOptions(command: Command, backendHelp: string): Command {
  return command
    .option('--backend <name>', backendHelp)
    .option('--device <id>', DEVICE_HELP)
    .option('--threads <n>', THREADS_HELP, integerAs(ranges.threads))
    .option('--tf32', TF32_HELP);
}

/** Declares the options for epochs, learning rate and batch size. */
export function addScheduleOptions(command: Command): Command {
  return command
    .option('--epochs <n>', 'passes over the training images (default: 5)', integerAs(ranges.count))
    .option(
      '--lr <rate>',
      "learning rate, or its peak if the recipe varies it (default: the recipe's)",
      numberAs(ranges.above0),
    )
    .option('--batch-size <n>', "images per step (default: the recipe's)", integerAs(ranges.count))
    .option(
      '--micro-batch <n>',
      'images to process at a time, to save memory; batch norm then normalizes over these only (default: the whole batch)',
      integerAs(ranges.count),
    );
}

/** Declares the options for the seed, validation, regularization and frozen parameters. */
export function addTrainingOptions(command: Command): Command {
  return command
    .option('--seed <n>', 'seed of weights, data order and dropout (default: 0)', integerAs(ranges.seed))
    .option(
      '--validation <fraction>',
      'fraction of the training images to hold out for validation, such as 0.1',
      numberAs(ranges.properPart),
    )
    .option(
      '--patience <epochs>',
      'with --validation: stop after this many epochs without a lower validation loss, and keep the best weights',
      integerAs(ranges.count),
    )
    .option(
      '--average <decay>',
      'save and evaluate a moving average of the weights, with a decay such as 0.999',
      numberAs(ranges.rate),
    )
    .option(
      '--clip-norm <limit>',
      'scale the gradients down if their norm exceeds this limit, such as 1',
      numberAs(ranges.above0),
    )
    .option('--augment <list>', `augment the training images at random in every epoch: ${AUGMENTATION_TEXT}`)
    .option(
      '--freeze <pattern>',
      "do not train these parameters or layers, such as nin1 or '*.b' (repeatable)",
      collect,
    )
    .option(
      '--batch-statistics <what>',
      'statistics of batch norm with frozen parameters: frozen uses the running statistics unchanged; updated uses those of the batch and updates the running ones; in an ONNX file, frozen also freezes the parameters of all batch norm (default: frozen)',
    )
    .option(
      '--limit <n>',
      'train on the first n images, or on n random images of an image folder (default: all)',
      integerAs(ranges.count),
    );
}

/** Declares the options for converting the data to the input of the network. */
export function addDataOptions(command: Command): Command {
  return addPictureOptions(
    command.option('--dims <sizes>', DIMS_HELP, sizes).option('--normalize <how>', NORMALIZE_HELP),
  ).option('--strict', STRICT_HELP);
}
