// Process exit while workers may be inside a native call: wait for the call, or let the signal end the process.
import type { Gate } from './gate.ts';

/** Of the workers that have not ended. */
const gates = new Set<Gate>();

/** The exit shuts this gate. @returns what makes it forget the gate */
export function shutAtExit(gate: Gate): () => void {
  if (gates.size === 0) process.on('exit', onExit);
  gates.add(gate);
  return () => {
    gates.delete(gate);
    if (gates.size === 0) process.off('exit', onExit);
  };
}

/** Signals that end a process, by the exit codes that say so. */
const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = { 129: 'SIGHUP', 130: 'SIGINT', 143: 'SIGTERM' };

function onExit(code: number): void {
  const busy = [...gates].filter((gate) => gate.shut());
  const signal = SIGNALS[code];
  // An exit with a signal's code must not wait. Only the signal itself stops native code; a shell sees the same code.
  if (busy.length > 0 && signal !== undefined && process.platform !== 'win32') endBy(signal, code);
  if (busy.length === 0) return;
  // This thread is about to wait, and would call no listener: without any, a signal ends the process.
  for (const each of Object.values(SIGNALS)) process.removeAllListeners(each);
  for (const gate of busy) gate.wait();
}

function endBy(signal: NodeJS.Signals, code: number): void {
  // The listeners that the exit would have called after this one.
  const listeners = process.listeners('exit');
  for (const listener of listeners.slice(listeners.indexOf(onExit) + 1)) listener.call(process, code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
