// isonet finetune FILE.onnx --data FOLDER: fine-tunes the network of an ONNX file, with a new last layer for the folder's classes.
import type { FinetuneRequest, FinetuneRun } from '@isonet/runs';
import { command, counted, prepareFinetune, startEntry } from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { printJson, printLine } from '../io.ts';
import { onnxJson } from '../show/onnxFile.ts';
import { table } from '../show/table.ts';
import { count } from '../show/text.ts';
import { planLine } from '../show/training.ts';
import { Stop } from '../stop.ts';
import { exitCodeOf, prepareListener, printOutcome, trainPrepared } from './train.ts';

/** Options of {@link finetune}. */
export interface FinetuneOptions extends FinetuneRequest {
  readonly json?: boolean;
}

/** Trains a new run. @returns the same exit codes as `isonet train` */
export async function finetune(context: Context, file: string, options: FinetuneOptions): Promise<number> {
  const { io } = context;
  const { json = false, ...request } = options;
  const stop = new Stop(io);
  const run = await prepareFinetune(context, file, request, prepareListener(io, json));
  try {
    if (json) {
      const { event, ...entry } = startEntry(run);
      printJson(io, { event, run: run.folder.shown, ...entry, onnx: onnxJson(run.file), ...headJson(run) });
    } else {
      for (const line of headLines(run)) printLine(io, line);
      printLine(io, planLine(run));
    }
    const record = await trainPrepared(io, run, { json, stop });
    if (json) printJson(io, { event: 'end', run: run.folder.shown, ...record });
    else {
      printOutcome(io, run.folder, record, stop);
      if (record.status === 'finished' && stop.outputIsOpen) printNext(io, run);
    }
    return exitCodeOf(io, run.folder, record, stop);
  } finally {
    stop.end();
    await run.data[Symbol.asyncDispose]();
    await run.opened.device[Symbol.asyncDispose]();
  }
}

/** Formats the classes, the replaced layer, and the trained part of the network. */
function headLines({
  newHead,
  oldClasses,
  trained,
  data,
  record,
  norms = [],
}: FinetuneRun): readonly string[] {
  const { classes } = data.train;
  const { freezeBody, bodyLr, batchStatistics } = record.options;
  const kept =
    norms.length > 0 && batchStatistics === 'frozen' && !freezeBody
      ? '; batch norm stays frozen (--batch-statistics updated trains it)'
      : '';
  const body = freezeBody
    ? ', only the new layer'
    : bodyLr === null
      ? ''
      : `, all but the new layer at ${bodyLr} times the learning rate`;
  return [
    `classes: ${classes.length <= 20 ? classes.join(', ') : `${classes.slice(0, 20).join(', ')}, ... (${count(classes.length)})`}`,
    `new layer: ${newHead.node} (${newHead.parameters.join(', ')}), ${counted(newHead.features, 'feature')} -> ${counted(newHead.classes, 'class', 'classes')}, was ${count(oldClasses)}`,
    `trained: ${count(trained.learned)} of ${counted(trained.all, 'parameter')}${body}${kept}`,
  ];
}

function headJson({ newHead, trained, data }: FinetuneRun): object {
  return { classes: data.train.classes, head: newHead, trained };
}

/** Prints the next commands. */
function printNext(io: Io, { folder: { shown }, file }: FinetuneRun): void {
  const next = [
    [command`npx isonet predict ${shown} IMAGE.jpg`, 'classify an image'],
    [
      command`npx isonet export ${shown} --to ${`my-${file.network.name}.onnx`}`,
      'export the network for any ONNX runtime',
    ],
  ];
  for (const line of table([{ head: '' }, { head: '' }], next)) printLine(io, `  ${line}`);
}
