// Runs a covering subset of the conformance suite on the TensorFlow library, if `npx -p @isonet/backend-tfjs isonet-tensorflow` has
// installed it; otherwise one skipped test names the reason. CI runs the whole suite on it from the command line:
// .ci/nativeTensorflow.sh.
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
