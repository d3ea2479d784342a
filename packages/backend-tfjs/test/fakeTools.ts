// Fakes of the programs that isonet-tensorflow runs: scripts that log their arguments in a file `asked`. The TensorFlow that they
// install is a fake, too, which computes with TensorFlow.js's plain JavaScript.
import { createRequire } from 'node:module';

export const scripts = {
  npm: `
[ "$1" = --version ] && exit 0
package="$3/node_modules/$(echo "$*" | grep -o '@tensorflow/tfjs-node[a-z-]*')"
mkdir -p "$package/dist" "$package/deps/old" "$3/node_modules/node-api-headers"
cp "$(dirname "$0")/../library.cjs" "$package/dist/index.js"
echo '{ "main": "dist/index.js" }' > "$package/package.json"`,
  python3: `
case "$*" in
--version | '-m pip --version') ;;
'-m pip '*' download '*) for last; do :; done; cat "$last" >> "$(dirname "$0")/../asked"
  while [ "$1" != --dest ]; do shift; done; touch "$2/x.whl" ;;
'-m pip '*' install '*) for last; do :; done; cat "$last" >> "$(dirname "$0")/../asked"
  while [ "$1" != --target ]; do shift; done
  mkdir -p "$2/nvidia" "$2/nvidia_cublas_cu12-12.5.3.2.dist-info" ;;
-c*) mkdir -p "$4/tensorflow/include"
  touch "$4/tensorflow/libtensorflow_cc.so.2" "$4/tensorflow/libtensorflow_framework.so.2" ;;
esac`,
  'g++': `
[ "$1" = --version ] && exit 0
while [ "$1" != -o ]; do shift; done; touch "$2"`,
};

const require = createRequire(import.meta.url);
const core = JSON.stringify(require.resolve('@tensorflow/tfjs-core'));
const cpu = JSON.stringify(require.resolve('@tensorflow/tfjs-backend-cpu'));

/**
 * The source of the fake TensorFlow. With `BROKEN=wrong` its convolution is wrong, with `BROKEN=rounding` it rounds as cuDNN may,
 * with `BROKEN=silent` it exits without output, and with `BROKEN=killed` it dies as on a processor that it is not compiled for.
 * With `GPU=1` it claims to use a GPU.
 */
export const library = `
const tf = require(${core});
require(${cpu});
if (process.env.BROKEN === 'silent') process.exit(0);
if (process.env.BROKEN === 'killed') process.kill(process.pid, 'SIGILL');
const attribute = (attrs, name) => attrs.find((attr) => attr.name === name)?.value;
const backend = {
  isUsingGpuDevice: process.env.GPU === '1',
  binding: { TF_Version: '2.18.1' },
  executeSingleOutput(op, attrs, [x, w]) {
    const [, down, across] = attribute(attrs, 'strides');
    const [, , top, bottom, left, right] = attribute(attrs, 'explicit_paddings');
    const y = tf.conv2d(x, w, [down, across], [[0, 0], [top, bottom], [left, right], [0, 0]]);
    const error = { wrong: 1, rounding: 1e-5 }[process.env.BROKEN];
    return error === undefined ? y : tf.add(y, error);
  },
};
module.exports = {
  ...tf, backend: () => backend, setBackend: () => tf.setBackend('cpu'), getBackend: () => 'tensorflow',
};`;
