// A process for lock.test.ts that locks a folder, prints `held`, and waits to be killed.
import type { SocketKind } from '../src/folder/lock.ts';
import { lockRun } from '../src/folder/lock.ts';

const [path = '', kind] = process.argv.slice(2);
await lockRun({ path, shown: path }, kind as SocketKind);
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
