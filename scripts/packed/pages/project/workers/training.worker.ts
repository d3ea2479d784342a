// Vite bundles workers as classic scripts, which cannot use await at the top level.
import { webgpu } from '@isonet/backend-webgpu';
import { run } from '../program.ts';

const done = webgpu.open({ device: 'fallback' }).then(run);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's postMessage, not a window's
void done.then((report) => self.postMessage(report));
