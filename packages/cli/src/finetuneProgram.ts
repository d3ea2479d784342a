// The options of `isonet finetune`, and its help.
import { ranges } from '@isonet/core';
import type { Command } from 'commander';
import type { FinetuneOptions } from './commands/finetune.ts';
import { DATA_HELP, stopHelp } from './helpTexts.ts';
import { addCareOptions, addDataOptions, addDeviceOptions, addScheduleOptions } from './runOptions.ts';
import type { TrainParts } from './trainProgram.ts';
import { numberAs, path } from './usage.ts';

/** What the command shares with `isonet train`. */
export interface FinetuneParts extends Omit<TrainParts, 'run' | 'modelHelp'> {
  readonly run: (file: string, options: FinetuneOptions) => Promise<void>;
}

/** Declares the command. */
export function addFinetune(program: Command, { backendHelp, examples, headline, run }: FinetuneParts): void {
  const command = program
    .command('finetune')
    .description('train an ONNX classifier on for classes of your own: its last layer is replaced')
    .argument('<file>', 'an .onnx file of a classifier', path)
    .requiredOption('--data <folder>', DATA_HELP.replace(/ \(default.*/, ''), path)
    .option(
      '--head <name>',
      'the layer to replace: its node, its weight or its module (default: the last one that gives the logits)',
    )
    .option('--freeze-body', 'train the new layer alone')
    .option(
      '--body-lr <factor>',
      'learning rate of everything but the new layer, as a factor, such as 0.1 (default: 1)',
      numberAs(ranges.from0),
    );
  addDataOptions(command);
  addDeviceOptions(command, backendHelp);
  addCareOptions(addScheduleOptions(command))
    .option('--out <folder>', 'new folder of the run (default: runs/FILE-finetune-BACKEND-SEED)', path)
    .option('--json', 'one JSON object a line: the start, the untrained layer, each epoch, the end')
    .addHelpText(
      'after',
      examples(
        'isonet finetune net.onnx --data photos --normalize imagenet',
        'isonet finetune net.onnx --data photos --normalize imagenet --freeze-body',
        "isonet finetune mine.onnx --data more --freeze 'layer1*' --body-lr 0.1",
      ),
    )
    .addHelpText('after', finetuneHelp(headline))
    .addHelpText('after', stopHelp(headline))
    .action(run);
}

function finetuneHelp(title: (text: string) => string): string {
  return [
    '',
    title('What it does:'),
    '  The new layer begins with zeros, the rest with the weights of the file. By',
    '  default all of it is trained, but for batch norm, which stays as it is: 5',
    '  epochs in batches of 32, SGD with momentum 0.9 and weight decay 1e-4, and a',
    '  learning rate that rises to 0.005 and falls. The run folder keeps a copy of',
    '  the file: isonet train --resume RUN goes on, wherever the file went.',
  ].join('\n');
}
