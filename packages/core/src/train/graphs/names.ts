// The names of parameter and buffer values in the training graphs. For gradients, see gradientName.

/** Returns the state name of an optimizer slot, e.g. `velocity/nin1.c1.w`. */
export function slotName(slot: string, parameter: string): string {
  return `${slot}/${parameter}`;
}

/** Returns the name of the gradients graph's output for a buffer's next value, e.g. `buffer/nin1.c1.bn.mean`. */
export function bufferName(buffer: string): string {
  return `buffer/${buffer}`;
}

/** Returns the state name of a parameter's moving average, e.g. `average/nin1.c1.w`. */
export function averageName(parameter: string): string {
  return `average/${parameter}`;
}

/** The bool state that becomes true after a non-finite step. Until it is reset, no later step updates anything. */
export const HALTED = 'halted';

/** The scalar input with the decay of the moving average at a step. */
export const AVERAGE_DECAY = 'averageDecay';
