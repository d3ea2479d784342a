// A process that listens for signals and never ends on its own, like a hanging save. terminal.test.ts starts it.
import { printNote } from '../src/io.ts';
import { processIo } from '../src/processIo.ts';

const io = processIo();
io.onInterrupt((signal) => printNote(io, `heard ${signal}`));
setInterval(() => undefined, 1000);
printNote(io, 'ready');
