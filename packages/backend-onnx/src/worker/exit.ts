// Handles process exit while workers may be inside a native call: waits for the call, or lets the signal end the process.
import type { Gate } from './gate.ts';

/** The gates of the running workers. */
const gates = new Set<Gate>();

/** Shuts the gate when the process exits. @returns a function that undoes this */
export function shutAtExit(gate: Gate): () => void {
  if (gates.size === 0) process.on('exit', onExit);
  gates.add(gate);
  return () => {
    gates.delete(gate);
    if (gates.size === 0) process.off('exit', onExit);
  };
}

/** The signals that end a process, by exit code. */
const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = { 129: 'SIGHUP', 130: 'SIGINT', 143: 'SIGTERM' };

function onExit(code: number): void {
  const busy = [...gates].filter((gate) => gate.shut());
  const signal = SIGNALS[code];
  // An exit with a signal's code must not wait. Only the signal itself can stop native code, and a shell sees the same exit code.
  if (busy.length > 0 && signal !== undefined && process.platform !== 'win32') endBy(signal, code);
  if (busy.length === 0) return;
  // This thread is about to block and cannot call listeners. Without listeners, a signal ends the process.
  for (const each of Object.values(SIGNALS)) process.removeAllListeners(each);
  for (const gate of busy) gate.wait();
}

function endBy(signal: NodeJS.Signals, code: number): void {
  // Call the remaining exit listeners, because the signal ends the process before Node can.
  const listeners = process.listeners('exit');
  for (const listener of listeners.slice(listeners.indexOf(onExit) + 1)) listener.call(process, code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
