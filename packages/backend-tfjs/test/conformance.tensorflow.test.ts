// The TensorFlow library, where @tensorflow/tfjs-node is installed; elsewhere one skipped test that says so. It is no
// dependency of the workspace. Installed in another folder it is found with NODE_PATH=FOLDER/node_modules.
import { describeConformance } from '@isonet/conformance/vitest';
import { tfjs } from '../src/index.ts';

const probe = await tfjs.probe();
const found = probe.ok && probe.devices.some(({ id }) => id === 'tensorflow');

describeConformance({
  ...tfjs,
  name: 'tfjs (tensorflow)',
  open: (options) => tfjs.open({ device: 'tensorflow', ...options }),
  unavailable: found
    ? undefined
    : '@tensorflow/tfjs-node is not installed; npm install @tensorflow/tfjs-node@4.22.0',
});
