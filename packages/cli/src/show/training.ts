// Shows the progress of a training run: a bar on a terminal, a line now and then without one, or JSON.
import type { EpochReport, Evaluation, StepProgress } from '@isonet/core';
import { defined, metricsOf } from '@isonet/core';
import type { PreparedRun, RunFolder, RunRecord, SettingChange, TrainingListener } from '@isonet/runs';
import { command, counted, lastSegment } from '@isonet/runs';
import type { Io } from '../io.ts';
import { canRedraw, printJson, printLine, printNote } from '../io.ts';
import { Bar } from './bar.ts';
import { clock, count, epochLine, metricText, metricTexts } from './text.ts';

/** A listener that shows the progress. */
export interface TrainingView extends TrainingListener {
  /** Announces that training stops soon. Nothing is drawn over the announcement. */
  stopping(text: string): void;
  /** Removes the progress bar. */
  close(): void;
}

/** Options of {@link trainingView}. */
export interface ViewOptions {
  readonly json: boolean;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** The longest time without a line, if there is no terminal. */
const QUIET_SECONDS = 15;

/** Creates the view for a program (JSON), a terminal or a file. */
export function trainingView(io: Io, options: ViewOptions): TrainingView {
  if (options.json) return jsonView(io);
  return canRedraw(io) ? new BarView(io, options) : linesView(io, options);
}

function jsonView(io: Io): TrainingView {
  return {
    step: () => undefined,
    untrained: ({ loss, metrics }) => printJson(io, { event: 'untrained', loss, metrics }),
    epoch: (entry) => printJson(io, entry),
    note: (text) => printNote(io, text),
    stopping: (text) => printNote(io, text),
    close: () => undefined,
  };
}

function linesView(io: Io, options: ViewOptions): TrainingView {
  let printedAt = Date.now();
  return {
    step: (progress) => {
      if (Date.now() - printedAt < QUIET_SECONDS * 1000) return;
      printedAt = Date.now();
      const { inEpoch, loss, metrics, speed, left } = figures(progress, options);
      printNote(
        io,
        `epoch ${progress.epoch}, step ${inEpoch} of ${options.stepsPerEpoch}: loss ${loss}, train ${metrics}, ${speed}, ${left} left`,
      );
    },
    untrained: (evaluation) => printLine(io, untrainedLine(evaluation)),
    epoch: (report) => {
      printedAt = Date.now();
      printLine(io, epochLine(report));
    },
    note: (text) => printNote(io, text),
    stopping: (text) => printNote(io, text),
    close: () => undefined,
  };
}

const BAR_WIDTH = 75;

class BarView implements TrainingView {
  readonly #io: Io;
  readonly #options: ViewOptions;
  readonly #bar: Bar;
  #isStopping = false;

  constructor(io: Io, options: ViewOptions) {
    this.#io = io;
    this.#options = options;
    this.#bar = new Bar(io);
  }

  step(progress: StepProgress): void {
    if (this.#isStopping) return;
    const { stepsPerEpoch, epochs } = this.#options;
    const { inEpoch, loss, metrics, speed, left } = figures(progress, this.#options);
    const before = `epoch ${progress.epoch}/${epochs}`;
    const after = `loss ${loss}  ${metrics}  ${speed}  ${left} left`;
    this.#bar.show({ before, after, width: BAR_WIDTH }, { done: inEpoch, all: stepsPerEpoch });
  }

  untrained(evaluation: Evaluation): void {
    this.close();
    printLine(this.#io, untrainedLine(evaluation));
  }

  epoch(report: EpochReport): void {
    this.close();
    printLine(this.#io, epochLine(report));
  }

  note(text: string): void {
    this.close();
    printNote(this.#io, text);
  }

  stopping(text: string): void {
    this.#isStopping = true;
    this.note(text);
  }

  close(): void {
    this.#bar.close();
  }
}

interface Figures {
  readonly inEpoch: number;
  readonly loss: string;
  /** `acc 0.138` */
  readonly metrics: string;
  readonly speed: string;
  readonly left: string;
}

/** Computes means over the epoch so far, and the remaining time of the whole run without its evaluations. */
function figures({ epoch, step, steps, totals }: StepProgress, { stepsPerEpoch }: ViewOptions): Figures {
  const perSecond = totals.count / Math.max(totals.seconds, 1e-3);
  const inEpoch = step - (epoch - 1) * stepsPerEpoch;
  return {
    inEpoch,
    loss: (totals.loss / totals.count).toFixed(4),
    metrics: Object.entries(metricsOf(totals.scores))
      .map(([name, value]) => metricText(name, value))
      .join(', '),
    speed: `${count(perSecond)} images/s`,
    left: clock(((steps - step) * (totals.count / inEpoch)) / perSecond),
  };
}

/** Formats the untrained network: `before training: test loss 1.0986, test acc 0.333` */
function untrainedLine({ loss, metrics }: Evaluation): string {
  return `before training: ${[`test loss ${loss.toFixed(4)}`, ...metricTexts('test', metrics)].join(', ')}`;
}

/**
 * Describes a run: `nin, recipe best: 5 epochs of 938 steps of 64 images, lr 0.05, batch norm, dropout 0, seed 0, into
 * runs/nin-best-onnx-0`
 */
export function planLine({ record, folder: { shown } }: PreparedRun): string {
  const { model, options, steps, data } = record;
  const { recipe, epochs, batchSize, microBatchSize, lr, seed, batchNorm, dropout } = options;
  const { patience, average, clipNorm, weights, freeze, augment } = options;
  const times = counted(epochs, 'epoch');
  const images = Math.min(batchSize, data.train);
  const perEpoch = `${counted(steps / epochs, 'step')} of ${counted(images, 'image')}`;
  const settings = [
    `lr ${lr}`,
    ...(batchNorm ? ['batch norm'] : []),
    ...(dropout === null ? [] : [`dropout ${dropout}`]),
    ...(microBatchSize === null
      ? []
      : [microBatchText(Math.min(microBatchSize, images), batchNorm === true)]),
    ...(data.validation === undefined ? [] : [`validation on ${counted(data.validation, 'image')}`]),
    ...(patience === null ? [] : [`patience ${patience}`]),
    ...(average === null ? [] : [`weights averaged (decay ${average})`]),
    ...(clipNorm === null ? [] : [`gradients clipped to norm ${clipNorm}`]),
    ...(weights === null ? [] : ['initial weights loaded']),
    ...(augment === null ? [] : [`augmented by ${augment}`]),
    ...(freeze.length === 0 ? [] : [`frozen ${freeze.join(' ')}`]),
    `seed ${seed}`,
  ].join(', ');
  return `${model}, recipe ${recipe}: ${times} of ${perEpoch}, ${settings}, into ${shown}`;
}

/**
 * Names the best epoch: `runs/nin-best-onnx-0: stopped early after epoch 7 of 20; keeps the weights of epoch 4, whose validation loss
 * is the lowest (0.4312)`. Without early stopping, names the file with the best weights if the last epoch is not the best.
 */
export function bestEpochLine({ shown }: RunFolder, record: RunRecord): string | undefined {
  const { bestEpoch, history, options } = record;
  if (bestEpoch === undefined) return otherBestLine(shown, record);
  const done = history.length;
  const early = done < options.epochs ? `stopped early after epoch ${done} of ${options.epochs}; ` : '';
  const loss = defined(history[bestEpoch - 1]?.validationLoss, `the validation loss of epoch ${bestEpoch}`);
  return `${shown}: ${early}keeps the weights of epoch ${bestEpoch}, whose validation loss is the lowest (${loss.toFixed(4)})`;
}

function otherBestLine(shown: string, { history }: RunRecord): string | undefined {
  const losses = history.map(({ validationLoss = Infinity }) => validationLoss);
  const lowest = Math.min(...losses);
  const epoch = losses.indexOf(lowest) + 1;
  if (lowest === Infinity || epoch === history.length) return undefined;
  const best = `epoch ${epoch}, whose validation loss is the lowest (${lowest.toFixed(4)})`;
  return `${shown}: best.safetensors has the weights of ${best}; to test them: ${command`npx isonet evaluate ${`${shown}/best.safetensors`}`}`;
}

/** Describes a resumed run: `runs/nin-best-onnx-0: resumes after 1,200 of 4,690 steps, with lr 0.1 instead of 0.05` */
export function resumeLine({ record, folder: { shown }, saved }: PreparedRun): string {
  const done = saved === undefined ? 0 : saved.step;
  const { step, changes = {} } = lastSegment(record);
  const changed = step === done ? Object.entries(changes) : [];
  const texts = changed.map(
    ([name, { from, to }]: [string, SettingChange]) => `${name} ${to} instead of ${from}`,
  );
  const text = texts.length === 0 ? '' : `, with ${texts.join(' and ')}`;
  return `${shown}: resumes after ${count(done)} of ${counted(record.steps, 'step')}${text}`;
}

/** Formats the micro-batch. Mentions batch norm, because normalizing over part of the batch changes the result. */
function microBatchText(images: number, batchNorm: boolean): string {
  const text = `${counted(images, 'image')} at a time`;
  return batchNorm ? `${text}, batch norm over these only` : text;
}
