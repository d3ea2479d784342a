// Refuses connections to other machines, and records each in the file that ISONET_CONTACTED names. Every Node process
// of an install test imports this file.
import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';

const log = process.env['ISONET_CONTACTED'];
if (log === undefined) throw new Error('ISONET_CONTACTED is not set');
const connect = Socket.prototype.connect; // oxlint-disable-line typescript/unbound-method -- it is called with its `this`

/**
 * @this {Socket}
 * @param {...any} args The arguments of Socket's own method: options, a port and a host, or a path. Node's internal
 *   calls pass them as one array.
 */
Socket.prototype.connect = function connectHere(...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const host = typeof first === 'object' ? first.host : second;
  const isHere = typeof host !== 'string' || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
  if (isHere) return Reflect.apply(connect, this, args);
  appendFileSync(log, `${host} (${process.argv.join(' ')})\n`);
  process.nextTick(() => this.destroy(new Error(`connection to ${host} refused by the test`)));
  return this;
};
