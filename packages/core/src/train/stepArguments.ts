// Validates the arguments of a step other than its batch: its position and its learning rate.
import { checkGiven, checkOptions } from '../arguments/check.ts';
import type { Form, Forms } from '../arguments/forms.ts';
import { optional, ranges } from '../arguments/forms.ts';
import type { BatchPosition } from './hostGradients.ts';

const POSITION: Forms<BatchPosition> = { step: ranges.seed, first: optional(ranges.countFrom0) };

/** Checks the position of a batch. @throws DataError `OPTION` */
export function checkPosition(position: BatchPosition): void {
  checkOptions('Trainer.gradients: position', position, POSITION);
}

/**
 * Checks a step count.
 * @param step the number of steps before this one
 * @throws DataError `OPTION`
 */
export function checkStep(step: number): void {
  checkGiven('Trainer', { step: [ranges.seed, step] });
}

/** A non-finite rate passes this check: it halts training in the graph, so that the error has a checkpoint. */
const rate: Form = {
  text: ranges.from0.text,
  hint: 'check the schedule',
  fits: (value) => typeof value === 'number' && (!Number.isFinite(value) || value >= 0),
};

/**
 * Checks the learning rate that the schedule returned for a step.
 * @param step the number of steps before this one
 * @throws DataError `OPTION`
 */
export function checkRate(step: number, lr: number): void {
  checkGiven(`step ${step + 1}`, { 'learning rate': [rate, lr] });
}
