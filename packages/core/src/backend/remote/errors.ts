// Serializes errors for a port, because structured cloning drops their class and code.
import {
  BackendError,
  DataError,
  DeviceLostError,
  GraphError,
  IsonetError,
  messageOf,
  NonFiniteError,
  ShapeError,
  UnsupportedOpError,
} from '../../errors.ts';
import type { Refusal } from '../../errors.ts';

/** An error as plain data. */
export interface SentError {
  /**
   * The name of the error's class in core, or of its nearest superclass there; for any other error, its
   * `name`.
   */
  readonly kind: string;
  /** The code of a core error. */
  readonly code?: string;
  readonly message: string;
  readonly refusals?: readonly Refusal[];
  readonly cause?: SentError;
}

const classes = {
  BackendError,
  DataError,
  DeviceLostError,
  GraphError,
  NonFiniteError,
  ShapeError,
  UnsupportedOpError,
  IsonetError, // Last: the others are its subclasses.
};
type Kind = keyof typeof classes;

const makers: Readonly<Record<Kind, (code: string, sent: SentError) => Error>> = {
  BackendError: (code, { message }) => new BackendError(code, message),
  DataError: (code, { message }) => new DataError(code, message),
  DeviceLostError: (_, { message }) => new DeviceLostError(message),
  GraphError: (_, { message }) => new GraphError(message),
  IsonetError: (code, { message }) => new IsonetError(code, message),
  NonFiniteError: (_, { message }) => new NonFiniteError(message),
  ShapeError: (_, { message }) => new ShapeError(message),
  UnsupportedOpError: (_, { message, refusals }) => new UnsupportedOpError(message, refusals),
};

/**
 * The maximum number of nested causes to send. A limit is necessary because a chain of causes may be
 * circular.
 */
const MAX_CAUSES = 8;

/** Converts any thrown value to plain data. */
export function sentError(thrown: unknown, causes: number = MAX_CAUSES): SentError {
  if (!(thrown instanceof Error)) return { kind: 'Error', message: messageOf(thrown) };
  const kind = Object.entries(classes).find(([, one]) => thrown instanceof one)?.[0] ?? thrown.name;
  return {
    kind,
    message: thrown.message,
    ...(thrown instanceof IsonetError ? { code: thrown.code } : {}),
    ...(thrown instanceof UnsupportedOpError ? { refusals: thrown.refusals } : {}),
    ...(thrown.cause === undefined || causes === 0 ? {} : { cause: sentError(thrown.cause, causes - 1) }),
  };
}

/** Rebuilds the error, with its class in core if it has one. */
export function receivedError(sent: SentError): Error {
  const error = rebuilt(sent);
  if (sent.cause !== undefined) error.cause = receivedError(sent.cause);
  return error;
}

function rebuilt(sent: SentError): Error {
  const { kind, code, message } = sent;
  if (code !== undefined && isKind(kind)) return makers[kind](code, sent);
  const error = new Error(message);
  error.name = kind;
  return error;
}

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(makers, kind);
}
