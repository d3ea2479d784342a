// The TensorFlow library, where `npx -p @isonet/backend-tfjs isonet-tensorflow` has put it; elsewhere one skipped test that says so.
// Continuous integration runs the whole suite on it by the command line: .ci/nativeTensorflow.sh.
import { describeConformance } from '@isonet/conformance/vitest';
import { tfjs } from '../src/index.ts';

const probe = await tfjs.probe();
const absent = probe.ok ? probe.absent?.find(({ id }) => id === 'tensorflow') : probe;

describeConformance(
  {
    ...tfjs,
    name: 'tfjs (tensorflow)',
    open: (options) => tfjs.open({ device: 'tensorflow', ...options }),
    unavailable: absent && `${absent.reason}; ${absent.fix}`,
  },
  { subset: 'covering' },
);
