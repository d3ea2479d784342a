// A process that listens to signals and never ends by itself, as a save that hangs: terminal.test.ts starts it.
import { printNote } from '../src/io.ts';
import { processIo } from '../src/processIo.ts';

const io = processIo();
io.onInterrupt((signal) => printNote(io, `heard ${signal}`));
setInterval(() => undefined, 1000);
printNote(io, 'ready');
