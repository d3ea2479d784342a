// Declares the options for preprocessing images, which all commands that feed images to a network share.
import { wholeFrom } from '@isonet/core';
import type { Command } from 'commander';
import { integerAs } from './usage.ts';

/** The default help of --invert. */
const INVERT = 'invert light and dark';

/** Declares --fit, --resize, --background and --invert. */
export function addPictureOptions(command: Command, invert: string = INVERT): Command {
  return command
    .option(
      '--fit <how>',
      'contain: scale each image to fit inside; cover: scale it to cover, then crop the centre; fill: stretch it (default: as in training; cover for an ONNX file that does not specify it)',
    )
    .option(
      '--resize <pixels>',
      'with --fit cover: scale the shorter side to this before the crop; torchvision uses 256',
      integerAs(wholeFrom(1, 16_384)),
    )
    .option(
      '--background <colour>',
      'black or white: fills the space around images and behind transparent pixels (default: black)',
    )
    .option('--invert', invert);
}
