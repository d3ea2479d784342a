// Prints the mutation scores of the cases of the named ops, or of all ops: `npm run mutation -- softmax dropout`, `npm run mutation`.
// Exits with 1 if a mutant survives.
import { casesOf } from '../src/cases/table.ts';
import { combinations } from '../src/cases/combinations.ts';
import type { CaseScore } from '../test/mutation/score.ts';
import { mutationScore, scoreOf } from '../test/mutation/score.ts';

const groups = new Map(Object.entries({ ...casesOf, combination: combinations }));
const requested = process.argv.slice(2);
const unknown = requested.filter((group) => !groups.has(group));
if (unknown.length > 0) {
  process.stderr.write(`no cases for ${unknown.join(', ')}; choose from ${[...groups.keys()].join(', ')}\n`);
  process.exit(1);
}

function print(group: string, scores: readonly CaseScore[]): void {
  const { cases: count, mutants, killed, equivalent, weakest } = mutationScore(scores);
  const counts = [count, mutants, killed, equivalent].map((value) => String(value).padStart(12));
  const nearest = weakest
    ? `${weakest.distance.toPrecision(3)} bounds: ${weakest.name} in ${weakest.key}`
    : '';
  process.stdout.write(`${group.padEnd(20)}${counts.join('')}  ${nearest}\n`);
}

const columns = ['cases', 'mutants', 'killed', 'equivalent'].map((name) => name.padStart(12));
process.stdout.write(`${' '.repeat(20)}${columns.join('')}  weakest\n`);
const all: CaseScore[] = [];
for (const [group, own] of groups) {
  if (requested.length > 0 && !requested.includes(group)) continue;
  const scores: CaseScore[] = [];
  for (const test of own) scores.push(await scoreOf(test));
  print(group, scores);
  all.push(...scores);
}
if (requested.length !== 1) print('all', all);
const { weaknesses } = mutationScore(all);
for (const weakness of weaknesses) process.stdout.write(`${weakness}\n`);
if (weaknesses.length > 0) process.exitCode = 1;
