// plan.json: what was chosen for the programs of a run, so that the same is chosen when it is resumed. Written where a
// backend has choices, and read as untrusted bytes.
import type { PlanData } from '@isonet/core';
import { DataError } from '@isonet/core';
import { Fields, shown } from './fields.ts';

/** What plan.json holds. */
export interface SavedPlans {
  /** Whose choices they are. */
  readonly backend: string;
  readonly device: string;
  /** By role. */
  readonly plans: Readonly<Record<string, PlanData>>;
}

const FORMAT = 'isonet-plans';
const VERSION = 1;

/** The text of plan.json. */
export function plansText(saved: SavedPlans): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...saved }, null, 2)}\n`;
}

/**
 * Reads the text of plan.json.
 * @param file names the file in errors
 * @throws DataError `RUN_RECORD` naming the file and the first field that is not as it should be
 */
export function parsePlans(text: string, file: string): SavedPlans {
  const fields = Fields.parse(text, file);
  const format = `${fields.text('format')} ${fields.whole('version', 1)}`;
  if (format !== `${FORMAT} ${VERSION}`) {
    throw new DataError('RUN_RECORD', `${file}: expected format ${FORMAT} ${VERSION}, got ${shown(format)}`);
  }
  return {
    backend: fields.text('backend'),
    device: fields.text('device'),
    plans: Object.fromEntries(fields.objects('plans').map(([role, plan]) => [role, parsePlan(plan)])),
  };
}

/** The rest of it is for the backend to check. */
function parsePlan(fields: Fields): PlanData {
  return { ...fields.json(), format: fields.text('format'), version: fields.whole('version', 0) };
}
