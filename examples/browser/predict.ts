// Classifies an image of any size with the weights that train.ts wrote.
import {
  decodeSafetensors,
  imageFromPixels,
  imageTensor,
  predictedClasses,
  Predictor,
  softmax,
} from 'isonet';
import { webgpu } from '@isonet/backend-webgpu';
import model, { classes } from './model.ts';

const weights = await fetch(new URL('./weights.safetensors', import.meta.url));
const { tensors } = decodeSafetensors(new Uint8Array(await weights.arrayBuffer()));
const noGpu = location.search === '?cpu';
const device = await webgpu.open(noGpu ? { device: 'fallback' } : {});
const predictor = new Predictor({ model, device, state: await device.createState(tensors) });

export async function classify(pixels: ImageData): Promise<string> {
  const logits = await predictor.predict(imageTensor(imageFromPixels(pixels, [1, 28, 28]), [1, 28, 28]));
  const k = predictedClasses(logits)[0]!;
  return `${classes[k]}, probability ${softmax(logits.data)[k]?.toFixed(3)}`;
}
