// Every error that isonet throws on purpose. `code` is stable and meant for programs; the message is one line for
// people: what, where, expected, got, what to do.

export class IsonetError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Shapes or attributes that do not fit together; found while a graph is built. */
export class ShapeError extends IsonetError {
  constructor(message: string) {
    super('SHAPE', message);
  }
}

/** A graph that breaks its own rules (a dangling value, two inputs of one name, ...): a bug in a pass or a builder. */
export class GraphError extends IsonetError {
  constructor(message: string) {
    super('GRAPH', message);
  }
}

/** An op that a device cannot run, and that has no decomposition which it can. */
export class UnsupportedOpError extends IsonetError {
  constructor(message: string) {
    super('UNSUPPORTED_OP', message);
  }
}

/** A backend that is missing, cannot be opened, or failed in its own library. */
export class BackendError extends IsonetError {}

/** The device went away (driver reset, `destroy()`); open it again and write the last snapshot. */
export class DeviceLostError extends IsonetError {
  constructor(message: string) {
    super('DEVICE_LOST', message);
  }
}

/** Data that cannot be read or does not fit: files, images, feeds, checkpoints. */
export class DataError extends IsonetError {}

/** The loss or a gradient became NaN or infinite; the state still holds what it held before that step. */
export class NonFiniteError extends IsonetError {
  constructor(message: string) {
    super('NON_FINITE', message);
  }
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
