// A part whose device name selects its behavior: pass, fail, return wrong results, hang with a child process, or crash. A fixture of
// parts.test.ts.
import { spawn } from 'node:child_process';
import { runPart, WrongResult } from '../kit/part.ts';

await runPart(async ({ device, save, log }) => {
  save({ first: 1 });
  log('the first is done');
  if (device === 'fails') throw new Error('no card\nand more');
  if (device === 'wrong') throw new WrongResult('off by 1');
  if (device === 'crashes') process.kill(process.pid, 'SIGKILL');
  if (device === 'hangs') {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    save({ first: 1, child: child.pid });
    await new Promise(() => child.ref());
  }
  if (device === 'leaves') {
    // A separate process group that shares this process's output.
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], {
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    save({ first: 1, child: child.pid });
    return 'it is done';
  }
  save({ first: 1, second: 2 });
  return 'both are done';
});
