// The page: decodes the chosen image on a canvas and classifies it. An error is shown in place of the answer.
const input = document.querySelector('input')!;
const output = document.querySelector('output')!;

async function pixelsOf(picture: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(picture);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

function show(error: unknown): void {
  output.value = String(error);
}

async function start(): Promise<void> {
  const { classify } = await import('./predict.ts'); // rejects if the browser has no WebGPU
  input.addEventListener('change', () => {
    const picture = input.files?.[0];
    output.value = '';
    if (picture)
      pixelsOf(picture)
        .then(classify)
        .then((text) => (output.value = text), show);
  });
  input.disabled = false;
}

start().catch(show);
