// The errors that isonet throws deliberately. `code` is stable and meant for programs; the message is one line for people:
// what, where, expected, got, what to do.

/** The base class of the errors that isonet throws deliberately. */
export class IsonetError extends Error {
  // A literal here and in every subclass: a minifier renames classes and changes `new.target.name`.
  override readonly name: string = 'IsonetError';
  /** A stable code for programs, e.g. `SHAPE`. */
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Shapes or attributes that do not fit together; found while a graph is built. */
export class ShapeError extends IsonetError {
  override readonly name: string = 'ShapeError';
  constructor(message: string) {
    super('SHAPE', message);
  }
}

/** A malformed graph (a dangling value, two inputs with the same name, ...): a bug in a pass or a builder. */
export class GraphError extends IsonetError {
  override readonly name: string = 'GraphError';
  constructor(message: string) {
    super('GRAPH', message);
  }
}

/** A node that a device cannot run, and the reason. */
export interface Refusal {
  /** `conv2d "nin1.c1"` */
  readonly node: string;
  /** The name of the op. */
  readonly op: string;
  /** The reason, in the device's words. */
  readonly reason: string;
  /** 'size' if the device could run the node on smaller tensors. */
  readonly limit?: 'size';
}

/** Groups the names of refused nodes by `<op>: <reason>`, in the order of the refusals. */
export function nodesByReason(refusals: readonly Refusal[]): ReadonlyMap<string, readonly string[]> {
  const reasons = new Map<string, string[]>();
  for (const { node, op, reason } of refusals) {
    const text = `${op}: ${reason}`;
    // Appends in place: there may be half a million nodes.
    const nodes = reasons.get(text);
    if (nodes) nodes.push(node);
    else reasons.set(text, [node]);
  }
  return reasons;
}

/** Ops that a device cannot run, either directly or decomposed. */
export class UnsupportedOpError extends IsonetError {
  override readonly name: string = 'UnsupportedOpError';
  /** Every refused node, in the graph's order; empty if the list is unknown. */
  readonly refusals: readonly Refusal[];
  constructor(message: string, refusals: readonly Refusal[] = []) {
    super('UNSUPPORTED_OP', message);
    this.refusals = refusals;
  }
}

/** A backend is missing, cannot be opened, or failed inside its own library. */
export class BackendError extends IsonetError {
  override readonly name: string = 'BackendError';
}

/** The device was lost (driver reset, `destroy()`). Open it again and restore the last snapshot. */
export class DeviceLostError extends IsonetError {
  override readonly name: string = 'DeviceLostError';
  constructor(message: string, options?: ErrorOptions) {
    super('DEVICE_LOST', message, options);
  }
}

/** Returns true if an error, or any of its causes, is a DeviceLostError. */
export function isLost(error: unknown): boolean {
  if (error instanceof DeviceLostError) return true;
  return error instanceof Error && error.cause !== undefined && isLost(error.cause);
}

/** Data that cannot be read or does not fit: files, images, feeds, checkpoints, options. */
export class DataError extends IsonetError {
  override readonly name: string = 'DataError';
}

/** The place in a training step where a non-finite value first appeared. */
export interface NonFiniteOrigin {
  /** The step, counted from 1. */
  readonly step?: number | undefined;
  /** The path of the layer, e.g. `nin1.c1`; in the update phase, the path of the parameter. */
  readonly layer?: string | undefined;
  /** The op that computed the value. */
  readonly op?: string | undefined;
  /** forward, backward or update. */
  readonly phase?: string | undefined;
}

/** A value became NaN or infinite: in a training step, which then updates nothing, or in the outputs of a network. */
export class NonFiniteError extends IsonetError {
  override readonly name: string = 'NonFiniteError';
  readonly origin: NonFiniteOrigin;
  constructor(message: string, origin: NonFiniteOrigin = {}) {
    super('NON_FINITE', message);
    this.origin = origin;
  }
}

/** Narrows a value that exists by construction. @throws GraphError naming `what` if it is undefined, which is a bug */
export function defined<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new GraphError(`${what} is missing`);
  return value;
}

/** Returns the `code` of a system or library error, e.g. `ENOENT`; undefined if it has none. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

/** Returns the message of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
