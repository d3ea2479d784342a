// plan.json: the backend's choices for the programs of a run, so that a resumed run makes the same ones. It is written only
// if the backend has choices, and is read as untrusted input.
import type { PlanData } from '@isonet/core';
import { DataError } from '@isonet/core';
import { Fields, shown } from './fields.ts';

/** The contents of plan.json. */
export interface SavedPlans {
  /** The backend that made the choices. */
  readonly backend: string;
  readonly device: string;
  /** By role. */
  readonly plans: Readonly<Record<string, PlanData>>;
}

const FORMAT = 'isonet-plans';
const VERSION = 1;

/** Formats plan.json. */
export function plansText(saved: SavedPlans): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...saved }, null, 2)}\n`;
}

/**
 * Parses plan.json.
 * @param file the file's name, for errors
 * @throws DataError `RUN_RECORD` naming the file and the first invalid field
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

/** Parses a plan. The backend checks its other fields. */
function parsePlan(fields: Fields): PlanData {
  return { ...fields.json(), format: fields.text('format'), version: fields.whole('version', 0) };
}
