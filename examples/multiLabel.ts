// Several labels per sample: detects which tones a noisy signal contains.
import { adam, cosine, dense, evaluate, fit, float32, he, multiLabel, Predictor } from 'isonet';
import { sequential, split, streamKey, tensorDataset, uniformBlock, type Model } from 'isonet';
import { onnx } from '@isonet/backend-onnx';

const tones = [2, 3, 5, 7]; // periods per signal
const [count, length] = [3000, 48];

const signals = new Float32Array(count * length);
const labels = new Float32Array(count * tones.length);
for (let i = 0; i < count; i++) {
  const random = uniformBlock(0, streamKey('signals'), i, 0, 2 * tones.length + length);
  let signal = random.subarray(2 * tones.length).map((noise) => noise - 0.5);
  for (const [k, tone] of tones.entries()) {
    const [sounds = 0, phase = 0] = random.subarray(2 * k);
    if (sounds < 0.5) continue;
    labels[i * tones.length + k] = 1;
    signal = signal.map((value, t) => value + Math.sin(2 * Math.PI * ((tone * t) / length + phase)));
  }
  signals.set(signal, i * length);
}
const data = tensorDataset(float32([count, length], signals), float32([count, tones.length], labels));
const [train, test] = split(data, { held: 500, seed: 0 });

const model: Model = {
  name: 'tones',
  input: { name: 'signals', shape: [length] },
  output: { name: 'logits', shape: [tones.length] },
  layer: sequential({
    hidden1: dense(128, { activation: 'relu' }),
    hidden2: dense(64, { activation: 'relu' }),
    tones: dense(tones.length),
  }),
};

await using device = await onnx.open();
const task = multiLabel();
const recipe = { epochs: 20, batchSize: 50, seed: 0, initializer: he };
const [optimizer, schedule] = [adam(), cosine({ peak: 0.003 })];
const { trainer } = await fit({ model, device, task, train, ...recipe, optimizer, schedule });

const { state } = trainer;
const { metrics } = await evaluate({ model, device, state, task, data: test });
console.log(
  `accuracy per label ${metrics.accuracy.toFixed(3)}, exact match ${metrics.exactMatch.toFixed(3)}`,
);

const batch = await test.batch(Uint32Array.of(1));
const logits = await new Predictor({ model, device, state }).predict(batch.inputs);
const probabilities = Array.from(logits.data, (logit: number) => 1 / (1 + Math.exp(-logit)));
for (const [k, tone] of tones.entries()) {
  console.log(`tone ${tone}: probability ${probabilities[k]?.toFixed(3)}, label ${batch.labels.data[k]}`);
}
