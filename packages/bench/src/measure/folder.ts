// Writes the files that the candidates of a measurement read.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, messageOf } from '@isonet/core';
import type { Leftovers } from '../candidates/leftovers.ts';
import { networkFile } from '../network.ts';
import type { OpenRequest } from '../protocol.ts';
import type { Subject } from '../subject.ts';
import { dataOf, weightsOf } from '../subject.ts';

/** The files of a measurement. */
export interface MeasurementFiles {
  /** Their paths, for the request to open. */
  readonly names: Pick<OpenRequest, 'network' | 'weights' | 'data'>;
  /** The reason why rivals have no network file. */
  readonly problem: string | undefined;
}

/**
 * Writes weights, images and labels into a temporary folder, and the network if there are rivals.
 * @param leftovers removes the folder
 */
export async function writeFiles(
  subject: Subject,
  { batch, work }: Pick<OpenRequest, 'batch' | 'work'>,
  { hasRivals, leftovers }: { readonly hasRivals: boolean; readonly leftovers: Leftovers },
): Promise<MeasurementFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'isonet-bench-'));
  leftovers.addFolder(folder);
  const names = {
    network: join(folder, 'network.json'),
    weights: join(folder, 'weights.safetensors'),
    data: join(folder, 'data.safetensors'),
  };
  await writeFile(names.weights, encodeSafetensors(weightsOf(subject)));
  await writeFile(names.data, encodeSafetensors(dataOf(subject, batch)));
  if (!hasRivals) return { names, problem: undefined };
  let text: string;
  try {
    text = JSON.stringify(networkFile(subject.model, work));
  } catch (error) {
    return { names, problem: messageOf(error) };
  }
  await writeFile(names.network, text);
  return { names, problem: undefined };
}
