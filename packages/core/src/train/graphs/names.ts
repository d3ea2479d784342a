// The names by which the graphs of training know what belongs to a parameter or a buffer. Gradients: see gradientName.

/** The state's name of an optimizer's slot, e.g. `velocity/nin1.c1.w`. */
export function slotName(slot: string, parameter: string): string {
  return `${slot}/${parameter}`;
}

/** The output of the gradients graph that holds a buffer's next value, e.g. `buffer/nin1.c1.bn.mean`. */
export function bufferName(buffer: string): string {
  return `buffer/${buffer}`;
}

/** The state's name of a parameter's moving average, e.g. `average/nin1.c1.w`. */
export function averageName(parameter: string): string {
  return `average/${parameter}`;
}

/** The bool of state that is true once a step was not finite: no later step updates anything until it is written. */
export const HALTED = 'halted';

/** The scalar input that holds what a moving average keeps of itself at a step. */
export const AVERAGE_DECAY = 'averageDecay';
