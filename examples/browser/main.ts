// The page: what is chosen is scaled on a canvas, and classified.
import { classify } from './predict.ts';

async function read(picture: Blob): Promise<string> {
  const resize = { resizeWidth: 28, resizeHeight: 28, resizeQuality: 'high' } as const;
  const context = new OffscreenCanvas(28, 28).getContext('2d')!;
  context.drawImage(await createImageBitmap(picture, resize), 0, 0);
  return classify(context.getImageData(0, 0, 28, 28));
}

const input = document.querySelector('input')!;
const output = document.querySelector('output')!;
input.addEventListener('change', () => {
  const [picture] = input.files ?? [];
  if (picture) void read(picture).then((text) => (output.value = text));
});
input.disabled = false;
