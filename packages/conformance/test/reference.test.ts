// The suite on the reference: the contract, PyTorch's results and the soundness of cases. `npm run test:all` runs every case and
// the heavy checks. This test is not in backend-reference, because this package depends on that one.
import { reference } from '@isonet/backend-reference';
import { describeConformance } from '../src/vitest.ts';

const everything = process.env['ISONET_TEST_ALL'] === '1';

describeConformance(
  {
    ...reference,
    ...(everything ? {} : { skipHeavy: 'float64 loops take a minute; npm run test:all runs it' }),
  },
  { subset: 'covering' },
);
