// The options that say how pictures become what a network takes: the same in every command that feeds pictures.
import { wholeFrom } from '@isonet/core';
import type { Command } from 'commander';
import { wholeAs } from './usage.ts';

/** Of --invert, where nothing else is to be said. */
const INVERT = 'make dark light, and light dark';

/** Declares --fit, --resize, --background and --invert. */
export function addPictureOptions(command: Command, invert: string = INVERT): Command {
  return command
    .option(
      '--fit <how>',
      'contain: scale pictures to lie inside; cover: scale them to cover, cut out the middle; fill: stretch them (default: as it was trained; cover for an ONNX file that does not say)',
    )
    .option(
      '--resize <pixels>',
      'with cover: scale the shorter side to this before the middle is cut out, as torchvision does to 256',
      wholeAs(wholeFrom(1, 16_384)),
    )
    .option(
      '--background <colour>',
      'black or white: around pictures and behind transparent ones (default: black)',
    )
    .option('--invert', invert);
}
