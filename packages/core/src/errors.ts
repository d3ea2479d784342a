// Every error that isonet throws on purpose. `code` is stable and meant for programs; the message is one line for
// people: what, where, expected, got, what to do.

/** The base of every error that isonet throws on purpose. */
export class IsonetError extends Error {
  // A literal here and in every subclass: a minifier renames classes, and with them what `new.target.name` gives.
  override readonly name: string = 'IsonetError';
  /** Stable, for programs: `SHAPE`. */
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

/** A graph that breaks its own rules (a dangling value, two inputs of one name, ...): a bug in a pass or a builder. */
export class GraphError extends IsonetError {
  override readonly name: string = 'GraphError';
  constructor(message: string) {
    super('GRAPH', message);
  }
}

/** A node that a device refuses, and why. */
export interface Refusal {
  /** `conv2d "nin1.c1"` */
  readonly node: string;
  /** The name of the op. */
  readonly op: string;
  /** In the device's words. */
  readonly reason: string;
  /** 'size' if the device runs the same node on smaller tensors. */
  readonly limit?: 'size';
}

/** The names of the refused nodes by `<op>: <reason>`, in the order of the refusals: many nodes are refused for one reason. */
export function nodesByReason(refusals: readonly Refusal[]): ReadonlyMap<string, readonly string[]> {
  const reasons = new Map<string, string[]>();
  for (const { node, op, reason } of refusals) {
    const text = `${op}: ${reason}`;
    // Not a list made anew for each: there may be half a million.
    const nodes = reasons.get(text);
    if (nodes) nodes.push(node);
    else reasons.set(text, [node]);
  }
  return reasons;
}

/** Ops that a device cannot run, and whose decomposition, if any, it cannot run either. */
export class UnsupportedOpError extends IsonetError {
  override readonly name: string = 'UnsupportedOpError';
  /** All of them, in the graph's order; empty where there is no list. */
  readonly refusals: readonly Refusal[];
  constructor(message: string, refusals: readonly Refusal[] = []) {
    super('UNSUPPORTED_OP', message);
    this.refusals = refusals;
  }
}

/** A backend that is missing, cannot be opened, or failed in its own library. */
export class BackendError extends IsonetError {
  override readonly name: string = 'BackendError';
}

/** The device went away (driver reset, `destroy()`); open it again and write the last snapshot. */
export class DeviceLostError extends IsonetError {
  override readonly name: string = 'DeviceLostError';
  constructor(message: string, options?: ErrorOptions) {
    super('DEVICE_LOST', message, options);
  }
}

/** Whether an error, or what caused it, is that the device went away. */
export function isLost(error: unknown): boolean {
  if (error instanceof DeviceLostError) return true;
  return error instanceof Error && error.cause !== undefined && isLost(error.cause);
}

/** Data that cannot be read or does not fit: files, images, feeds, checkpoints. */
export class DataError extends IsonetError {
  override readonly name: string = 'DataError';
}

/** Where a value that is not finite first appeared in a training step. */
export interface NonFiniteOrigin {
  /** From 1. */
  readonly step?: number | undefined;
  /** The path of the layer, e.g. `nin1.c1`; in the update, of the parameter. */
  readonly layer?: string | undefined;
  /** The op that gave it. */
  readonly op?: string | undefined;
  /** forward, backward or update. */
  readonly phase?: string | undefined;
}

/** A number became NaN or infinite: in a training step, which then updates nothing, or in the outputs of a network. */
export class NonFiniteError extends IsonetError {
  override readonly name: string = 'NonFiniteError';
  readonly origin: NonFiniteOrigin;
  constructor(message: string, origin: NonFiniteOrigin = {}) {
    super('NON_FINITE', message);
    this.origin = origin;
  }
}

/** A value that is there by construction. @throws GraphError when it is not: a bug, named by `what`. */
export function defined<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new GraphError(`${what} is missing`);
  return value;
}

/** The `code` of an error of the system or of a library, e.g. `ENOENT`; undefined where it has none. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
