// Runs checks of the conformance suite that read each kind of file: PyTorch's results, recordings, and images.
import { webgpu } from '@isonet/backend-webgpu';
import { runConformance } from '@isonet/conformance';

const subject = { ...webgpu, open: () => webgpu.open({ device: 'fallback' }) };
const filters = ['relu', 'golden/nin-xavier-28', 'variant/layered', 'training/nin-narrow-book-step-0'];
const reports = [];
for (const filter of filters) {
  const { conformance, wrong } = await runConformance(subject, { filter });
  reports.push({ filter, conformance, wrong });
}
document.body.textContent = JSON.stringify(reports);
