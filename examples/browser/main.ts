// Says what a picture shows, with the weights that train.ts wrote.
import {
  decodeSafetensors,
  imageFromPixels,
  imageTensor,
  predictedClasses,
  Predictor,
  softmax,
} from 'isonet';
import { webgpu } from '@isonet/backend-webgpu';
import { classes, model } from './model.ts';

const weights = await fetch(new URL('./weights.safetensors', import.meta.url));
const { tensors } = decodeSafetensors(new Uint8Array(await weights.arrayBuffer()));
const device = await webgpu.open(location.search === '?cpu' ? { device: 'fallback' } : {});
const predictor = new Predictor({ model, device, state: await device.createState(tensors) });

async function classify(picture: Blob): Promise<string> {
  const resize = { resizeWidth: 28, resizeHeight: 28, resizeQuality: 'high' } as const;
  const context = new OffscreenCanvas(28, 28).getContext('2d')!;
  context.drawImage(await createImageBitmap(picture, resize), 0, 0);
  const image = imageFromPixels(context.getImageData(0, 0, 28, 28), 1);
  const logits = await predictor.predict(imageTensor(image, [1, 28, 28]));
  const [k = 0] = predictedClasses(logits);
  return `${classes[k]}, probability ${softmax(logits.data)[k]?.toFixed(3)}`;
}

const input = document.querySelector('input')!;
const output = document.querySelector('output')!;
input.addEventListener('change', () => {
  const [picture] = input.files ?? [];
  if (picture) void classify(picture).then((text) => (output.value = text));
});
input.disabled = false;
