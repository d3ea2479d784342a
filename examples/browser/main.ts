// The page: the chosen picture is scaled on a canvas, and classified. What goes wrong is said where the answer would be.
const input = document.querySelector('input')!;
const output = document.querySelector('output')!;

async function pixelsOf(picture: Blob): Promise<ImageData> {
  const resize = { resizeWidth: 28, resizeHeight: 28, resizeQuality: 'high' } as const;
  const context = new OffscreenCanvas(28, 28).getContext('2d')!;
  context.drawImage(await createImageBitmap(picture, resize), 0, 0);
  return context.getImageData(0, 0, 28, 28);
}

function show(error: unknown): void {
  output.value = String(error);
}

async function start(): Promise<void> {
  const { classify } = await import('./predict.ts'); // rejects where there is no WebGPU
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
