// Writes recorded/variants.json: one training step of each variant on the float64 reference. Takes minutes.
//   node --conditions=@isonet/source --import tsx packages/conformance/scripts/recordVariants.ts
import { writeFileSync } from 'node:fs';
import { reference } from '@isonet/backend-reference';
import { variants, variantStep } from '../src/networks/variants.ts';

await using device = await reference.open();
const steps: Record<string, unknown> = {};
for (const variant of variants) {
  const began = performance.now();
  steps[variant.name] = await variantStep(device, variant);
  process.stdout.write(`${variant.name}: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}
writeFileSync(new URL('../recorded/variants.json', import.meta.url), `${JSON.stringify(steps, null, 1)}\n`);
