// The reference against its own suite: the contract, PyTorch's numbers, and that cases are sound; every case and the heavy checks
// under `npm run test:all`. (Here and not in backend-reference, which this package depends on.)
import { reference } from '@isonet/backend-reference';
import { describeConformance } from '../src/vitest.ts';

const everything = process.env['ISONET_TEST_ALL'] === '1';

describeConformance(
  {
    ...reference,
    ...(everything ? {} : { tooSlow: 'float64 loops take a minute for it; npm run test:all has it' }),
  },
  { subset: 'covering' },
);
