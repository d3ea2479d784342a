// Tests the packed packages as users get them: installs them from a registry with each package manager, runs them on each Node, measures
// their sizes, and bundles them for pages that train in a browser. Takes minutes; check.mjs has the checks that take seconds.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { failIf, step } from '../workspace.mjs';
import { testInstalls } from './installs/installs.mjs';
import { testReadme } from './installs/readme.mjs';
import { installEverything, testNodes } from './installs/nodes.mjs';
import { pack, tarballsIn } from './pack.mjs';
import { testPages } from './pages/pages.mjs';
import { configuredRegistry, startRegistry } from './registry.mjs';
import { testSizes } from './installs/sizes.mjs';
import { inTemporaryFolder } from './temporary.mjs';
import { installTools } from './tools.mjs';
import { makeUser } from './installs/user.mjs';

/** @param {string} out */
async function test(out) {
  const packed = join(out, 'tarballs');
  if (!(await step('package managers and Nodes', () => installTools('installs')))) return false;
  if (!(await step('packing', () => pack(packed)))) return false;
  const tarballs = tarballsIn(packed);
  const upstream = await configuredRegistry();
  const registry = await startRegistry({ tarballs, upstream });
  const user = await makeUser(join(out, 'home'), registry.url);
  const projects = join(out, 'projects');
  const everything = join(projects, 'everything');
  mkdirSync(projects);
  try {
    const passed = [await testInstalls(user, projects), await testReadme(user, join(projects, 'readme'))];
    if (await installEverything(user, everything))
      passed.push(await testNodes(user, everything), await testSizes(everything));
    else passed.push(false);
    passed.push(await testPages(user, join(projects, 'pages')));
    passed.push(
      await step('only the registry was contacted', async () => failIf(user.contacted().join('\n'))),
    );
    return !passed.includes(false);
  } finally {
    await user.close();
    await registry.close();
  }
}

if (!(await inTemporaryFolder(test))) process.exitCode = 1;
