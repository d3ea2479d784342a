// Messages between `remote` and `serve`. Calls go one way; replies and loss notices come back. Each created object (device,
// state, program, run) is identified by the id of the call that created it.
import type { Graph } from '../../graph/graph.ts';
import type { Tensors } from '../../tensor.ts';
import type { Device, OpenOptions, PlanData, Probe, Program } from '../contract.ts';
import type { SentError } from './errors.ts';

export type Id = number;
type Names = readonly string[];

/**
 * The body and the reply value of each call, by name. `backend` and `contract` are the values that the caller
 * expects.
 */
export interface Calls {
  probe: { body: { backend: string; contract: number }; value: Probe };
  open: {
    body: { backend: string; contract: number; options: OpenOptions };
    value: Pick<Device, 'info' | 'numerics'>;
  };
  createState: { body: { device: Id; values: Tensors }; value: void };
  readState: { body: { device: Id; state: Id; names: Names | undefined }; value: Tensors };
  writeState: { body: { device: Id; state: Id; values: Tensors }; value: void };
  /** `frozen` is the id of a state. */
  compile: {
    body: { device: Id; graph: Graph; frozen: Id | undefined; plan: PlanData | undefined };
    value: Pick<Program, 'graph' | 'plan' | 'bytes'>;
  };
  /** The reply is sent when the run is accepted. */
  run: { body: { device: Id; program: Id; state: Id; feeds: Tensors }; value: void };
  readRun: { body: { device: Id; run: Id; names: Names }; value: Tensors };
  discardRun: { body: { device: Id; run: Id }; value: void };
  disposeState: { body: { device: Id; id: Id }; value: void };
  disposeProgram: { body: { device: Id; id: Id }; value: void };
  /** Also disposes of its states, its programs and its unread runs. Sent once every earlier call has its reply. */
  disposeDevice: { body: { device: Id }; value: void };
  /** Disposes of every device, then closes the other end of the port. */
  end: { body: object; value: void };
}

export type CallName = keyof Calls;
export type Body<K extends CallName> = Readonly<Calls[K]['body']>;
export type Value<K extends CallName> = Calls[K]['value'];

export interface Call {
  readonly isonet: 'call';
  readonly id: Id;
  /** A {@link CallName}, after validation. */
  readonly name: string;
  readonly body: object;
}

/** The reply to a call, its failure, or the loss of the device that it opened. */
export type Answer =
  | { readonly isonet: 'reply'; readonly id: Id; readonly value: unknown }
  | { readonly isonet: 'failure'; readonly id: Id; readonly error: SentError }
  | { readonly isonet: 'lost'; readonly id: Id; readonly reason: string };

/**
 * Returns true for calls of this protocol; a port may carry other messages. Name and body are checked when the call is handled.
 */
export function isCall(message: unknown): message is Call {
  if (!isObject(message) || !('name' in message) || !('body' in message)) return false;
  return isOurs(message, 'call') && typeof message.name === 'string' && isObject(message.body);
}

/** Returns true for answers of this protocol; a port may carry other messages. */
export function isAnswer(message: unknown): message is Answer {
  if (!isObject(message)) return false;
  if (isOurs(message, 'reply')) return 'value' in message;
  if (isOurs(message, 'lost')) return 'reason' in message && typeof message.reason === 'string';
  return isOurs(message, 'failure') && 'error' in message && isObject(message.error);
}

function isOurs(message: object, kind: Call['isonet'] | Answer['isonet']): boolean {
  return 'isonet' in message && message.isonet === kind && 'id' in message && typeof message.id === 'number';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
