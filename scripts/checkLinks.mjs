// Checks that every relative link in the Markdown of this repository leads to an existing file and anchor. With --external, lists the
// absolute links instead, without fetching them.
import { externalLinks, linkProblems, readFrom } from './links.mjs';
import { root, run } from './workspace.mjs';

const listed = await run('git', [
  'ls-files',
  '-z',
  '--cached',
  '--others',
  '--exclude-standard',
  '--deduplicate',
]);
if (listed.code !== 0) throw new Error(`git ls-files: ${listed.output}`);
const files = listed.output.split('\0').filter((file) => file !== '');
const read = readFrom(root);

if (process.argv.includes('--external')) {
  for (const { file, href } of externalLinks(files, read)) console.log(`${file}: ${href}`);
} else {
  const problems = linkProblems(files, read);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
