// A process of its own for lock.test.ts: locks a folder, says so, and waits to be killed.
import type { SocketKind } from '../src/folder/lock.ts';
import { lockRun } from '../src/folder/lock.ts';

const [path = '', kind] = process.argv.slice(2);
await lockRun({ path, shown: path }, kind as SocketKind);
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
