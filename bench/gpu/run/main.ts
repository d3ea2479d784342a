// Runs the parts of the pack one after the other, each in a separate process with its own time limit, and continues if one fails.
// Writes results, log and summary as they become available. run.sh starts it:
//   node main.js [PART... | --without PART...]
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@isonet/core';
import type { Ended } from './child.ts';
import { endRunning, runCommand } from './child.ts';
import type { Manifest } from './driver.ts';
import { findManifest } from './driver.ts';
import type { Environment, Setting } from './machine.ts';
import { manifestCandidates, settingOf, withCuda, withLibraries, withoutOverrides } from './machine.ts';
import type { Finished } from './results.ts';
import { finish, skip, summaryLines, writeSummary } from './results.ts';
import type { Scheduled } from './schedule.ts';
import { chosen } from './schedule.ts';
import { tables } from './tables.ts';

/** With fewer seconds left, no part is started. */
const LEAST_SECONDS = 15;
/** The time reserved for the summary, after the last part. */
const SPARE_MS = 5000;

const here = fileURLToPath(new URL('.', import.meta.url));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

class Runner {
  readonly finished: Finished[] = [];
  readonly #setting: Setting;
  readonly #began = new Date();
  #env: Environment;

  constructor(setting: Setting, env: Environment) {
    this.#setting = setting;
    this.#env = env;
  }

  async runAll(parts: readonly Scheduled[]): Promise<void> {
    const vulkan = parts.some(({ name, needsVulkan }) => name === 'adapters' || needsVulkan === true);
    const driver = vulkan ? await this.#findDriver() : false;
    for (const part of parts.filter(({ name }) => name !== 'adapters')) {
      if (part.needsVulkan === true && !driver) this.#skip(part, 'WebGPU has no GPU here, see adapters');
      else await this.#run(part, this.#env);
    }
  }

  /** Tries driver manifests until Dawn finds a GPU with one of them, which then stays in the environment. */
  async #findDriver(): Promise<boolean> {
    const [adapters] = chosen(['adapters']);
    if (adapters === undefined) throw new Error('adapters is not scheduled');
    const envOf = (manifest: Manifest): Environment =>
      manifest === undefined
        ? this.#env
        : { ...this.#env, VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest };
    const found = await findManifest(manifestCandidates(this.#setting), async (manifest, seconds) => {
      say(`\ndriver: ${manifest ?? 'as the Vulkan loader finds it'}`);
      const { outcome } = await this.#run({ ...adapters, seconds }, envOf(manifest));
      return outcome;
    });
    if (typeof found === 'object') {
      this.#env = envOf(found.manifest);
      return true;
    }
    const seconds = Math.min(20, this.#secondsLeft());
    if (found === 'no time' || seconds < LEAST_SECONDS) return false;
    say("\nno driver; the Vulkan loader's own messages:");
    const ended = await this.#start(
      adapters,
      { ...this.#env, VK_LOADER_DEBUG: 'error,warn,driver' },
      seconds,
    );
    this.#note(finish(this.#setting.out, adapters, null, ended));
    return false;
  }

  #secondsLeft(): number {
    return Math.floor((this.#setting.deadline - SPARE_MS - Date.now()) / 1000);
  }

  async #run(part: Scheduled, env: Environment): Promise<Finished> {
    const left = this.#secondsLeft();
    if (left < LEAST_SECONDS) return this.#skip(part, 'no time remained');
    const seconds = Math.min(part.seconds, left);
    const device = this.#deviceOf(part);
    say(`\n== ${part.name}${device === null ? '' : ` on ${device}`}, at most ${seconds} s`);
    rmSync(join(this.#setting.out, `${part.name}.json`), { force: true }); // from an earlier run
    const ended = await this.#start(part, env, seconds);
    return this.#note(finish(this.#setting.out, part, device, ended));
  }

  #start(scheduled: Scheduled, env: Environment, seconds: number): Promise<Ended> {
    const { part, name, tf32 = false, forwardOnly = false } = scheduled;
    const { out, python, software } = this.#setting;
    const device = this.#deviceOf(scheduled);
    const isPython = part === 'torchBaseline';
    const file = join(here, 'parts', isPython ? `${part}.py` : `${part}.js`);
    const args = [
      file,
      `--name=${name}`,
      `--out=${out}`,
      `--seconds=${seconds}`,
      ...(device === null ? [] : [`--device=${device}`]),
      ...(tf32 && software === undefined ? ['--tf32'] : []),
      ...(forwardOnly ? ['--forward-only'] : []),
      ...(software === undefined ? [] : ['--small']),
    ];
    return runCommand({ program: isPython ? python : process.execPath, args, env, seconds });
  }

  #deviceOf({ device, rehearsal }: Pick<Scheduled, 'device' | 'rehearsal'>): string | null {
    return (this.#setting.software === undefined ? device : rehearsal) ?? null;
  }

  #skip(part: Scheduled, why: string): Finished {
    return this.#note(skip(this.#setting.out, part, this.#deviceOf(part), why));
  }

  #note(finished: Finished): Finished {
    const before = this.finished.findIndex(({ part }) => part === finished.part);
    if (before >= 0) this.finished.splice(before, 1);
    this.finished.push(finished);
    writeSummary(this.#setting.out, {
      started: this.#began.toISOString(),
      seconds: (Date.now() - this.#began.getTime()) / 1000,
      rehearsal: this.#setting.software !== undefined,
      parts: this.finished,
    });
    return finished;
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    endRunning('SIGKILL');
    process.exit(1);
  });
}
try {
  const setting = settingOf(process.env);
  const parts = chosen(process.argv.slice(2));
  const env = withCuda(withLibraries(withoutOverrides(process.env), setting), setting);
  const runner = new Runner(setting, env);
  await runner.runAll(parts);
  const table = tables(setting.out);
  writeFileSync(join(setting.out, 'tables.md'), `${table.join('\n')}\n`);
  for (const line of ['', ...table, '', ...summaryLines(runner.finished)]) say(line);
  if (runner.finished.some(({ outcome }) => outcome !== 'passed')) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
