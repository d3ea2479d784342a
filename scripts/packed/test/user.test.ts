// Tests the simulated account: an empty home, and a record of every connection that leaves this machine.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTemporaryFolder } from '../temporary.mjs';
import { makeUser } from '../installs/user.mjs';

/** Runs a Node program as a user whose registry is at port 9. */
async function asUser(
  program: string,
): Promise<{ code: number; output: string; contacted: readonly string[] }> {
  return inTemporaryFolder(async (folder) => {
    const user = await makeUser(join(folder, 'home'), 'http://127.0.0.1:9');
    const ran = await user.run(folder, ['node', '-e', program]);
    await user.close();
    return { ...ran, contacted: user.contacted() };
  });
}

it('inherits no settings of this account', async () => {
  process.env['npm_config_registry'] = 'http://127.0.0.1:10';
  process.env['XDG_CACHE_HOME'] = '/elsewhere';
  const { code, output } = await asUser(
    `for (const name of ['npm_config_registry', 'XDG_CACHE_HOME', 'CI'])
       if (process.env[name] !== undefined) throw new Error(name);
     require('node:fs').readFileSync(require('node:path').join(require('node:os').homedir(), '.npmrc'));`,
  );
  delete process.env['npm_config_registry'];
  delete process.env['XDG_CACHE_HOME'];
  expect(output).toBe('');
  expect(code).toBe(0);
});

it('reaches only this machine, and records every other attempt', async () => {
  const { code, output, contacted } = await asUser(`await fetch('https://elsewhere.invalid/file')`);
  expect(code).toBe(1);
  expect(output).toContain('elsewhere.invalid');
  expect(contacted).toEqual([expect.stringContaining('elsewhere.invalid (')]);
});

it('may connect without a host, which means this machine, but to no other address', async () => {
  const { output, contacted } = await asUser(
    `const { connect } = require('node:net');
     connect(9).on('error', (error) => console.log(error.code));
     connect(9, '10.0.0.1').on('error', (error) => console.log(error.message));`,
  );
  expect(output).toContain('ECONNREFUSED\n');
  expect(output).toContain('connection to 10.0.0.1 refused by the test\n');
  expect(contacted).toEqual([expect.stringContaining('10.0.0.1 (')]);
});

it('is refused by the proxy that programs other than Node use', async () => {
  const { output, contacted } = await asUser(
    `const { hostname, port } = new URL(process.env.HTTPS_PROXY);
     const path = 'http://elsewhere.invalid/file';
     require('node:http').get({ hostname, port, path }, (answer) => console.log(answer.statusCode));`,
  );
  expect(output).toBe('403\n');
  expect(contacted).toEqual(['http://elsewhere.invalid/file (through the proxy)']);
});
