// Declares the options and the help of `isonet finetune`.
import { ranges } from '@isonet/core';
import type { Command } from 'commander';
import type { FinetuneOptions } from './commands/finetune.ts';
import { DATA_HELP, stopHelp } from './helpTexts.ts';
import { addTrainingOptions, addDataOptions, addDeviceOptions, addScheduleOptions } from './runOptions.ts';
import type { TrainParts } from './trainProgram.ts';
import { numberAs, path } from './usage.ts';

/** The parts that the command shares with `isonet train`. */
export interface FinetuneParts extends Omit<TrainParts, 'run' | 'modelHelp'> {
  readonly run: (file: string, options: FinetuneOptions) => Promise<void>;
}

/** Declares `isonet finetune`. */
export function addFinetune(program: Command, { backendHelp, examples, headline, run }: FinetuneParts): void {
  const command = program
    .command('finetune')
    .description('fine-tune an ONNX classifier for your own classes: replace its last layer and train')
    .argument('<file>', '.onnx file of a classifier', path)
    .requiredOption('--data <folder>', DATA_HELP.replace(/ \(default.*/, ''), path)
    .option(
      '--head <name>',
      'layer to replace: the name of its node, its weight or its module (default: the last layer, which computes the logits)',
    )
    .option('--freeze-body', 'train only the new layer')
    .option(
      '--body-lr <factor>',
      'factor on the learning rate of all other layers, such as 0.1 (default: 1)',
      numberAs(ranges.from0),
    );
  addDataOptions(command);
  addDeviceOptions(command, backendHelp);
  addTrainingOptions(addScheduleOptions(command))
    .option('--out <folder>', 'new folder for the run (default: runs/FILE-finetune-BACKEND-SEED)', path)
    .option('--json', 'print one JSON object per line: the start, the untrained network, each epoch, the end')
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
    '  The new layer starts from zeros, the others from the weights in the file. By',
    '  default, everything is trained except batch norm, which stays frozen: 5 epochs',
    '  in batches of 32, SGD with momentum 0.9 and weight decay 1e-4, and a learning',
    '  rate that rises to 0.005 and then falls. The run folder keeps a copy of the',
    '  file, so isonet train --resume RUN works even if the file has moved.',
  ].join('\n');
}
