// What a step is told beside its batch: where it stands, and how far it goes.
import { checkGiven, checkOptions } from '../arguments/check.ts';
import type { Form, Forms } from '../arguments/forms.ts';
import { optional, ranges } from '../arguments/forms.ts';
import type { BatchPosition } from './hostGradients.ts';

const POSITION: Forms<BatchPosition> = { step: ranges.seed, first: optional(ranges.countFrom0) };

/** @throws DataError `OPTION` */
export function checkPosition(position: BatchPosition): void {
  checkOptions('Trainer.gradients: position', position, POSITION);
}

/**
 * @param step steps done before
 * @throws DataError `OPTION`
 */
export function checkStep(step: number): void {
  checkGiven('Trainer', { step: [ranges.seed, step] });
}

/** One that is not finite is right here: it halts the training in the graph, and the error then has a checkpoint. */
const rate: Form = {
  text: ranges.from0.text,
  hint: 'check the schedule',
  fits: (value) => typeof value === 'number' && (!Number.isFinite(value) || value >= 0),
};

/**
 * What a schedule gives is known only when its step is due.
 * @param step steps done before
 * @throws DataError `OPTION`
 */
export function checkRate(step: number, lr: number): void {
  checkGiven(`step ${step + 1}`, { 'learning rate': [rate, lr] });
}
