// Loss curves as SVG: what they are, and how far they part.
import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { numberAt } from '../compare.ts';
import { text } from './escaped.ts';
import type { Curves } from '../verdict.ts';

interface Line {
  /** Its style, and its word in the legend. */
  readonly kind: 'control' | 'reference' | 'device';
  readonly values: readonly number[];
}

interface Chart {
  readonly title: string;
  readonly caption: string;
  readonly lines: readonly Line[];
  readonly scale: 'linear' | 'log';
}

/** Two charts: the loss of each step, and how far the reference and the controls are from the device. */
export function charts({ title, reference, device, controls }: Curves): string {
  const others: readonly Line[] = [
    ...controls.map((values) => ({ kind: 'control', values }) as const),
    { kind: 'reference', values: reference },
  ];
  const loss: Chart = {
    title: `${title}: loss by step`,
    caption: `The device; dashed, the float64 reference; grey, ${controls.length} controls: the device on the same batches, the images of each in another order.`,
    lines: [...others, { kind: 'device', values: device }],
    scale: 'linear',
  };
  const apart: Chart = {
    title: `${title}: distance from the device's curve`,
    caption:
      'Of the loss, relative. A right device is no farther from the reference than its controls are from itself.',
    lines: others.map(({ kind, values }) => ({
      kind,
      values: values.map((value, i) => Math.max(Math.abs(value / numberAt(device, i) - 1), NEAREST)),
    })),
    scale: 'log',
  };
  return `<div class="charts">${figure(loss)}${figure(apart)}</div>`;
}

/** Equal values have no logarithm: they are drawn at the resolution of float32. */
const NEAREST = 2 ** -25;

const [WIDTH, HEIGHT] = [416, 220];
const MARGIN = { left: 48, right: 8, top: 8, bottom: 22 };
const TICKS = 5;

function figure({ title, caption, lines, scale }: Chart): string {
  const values = lines.flatMap((one) => one.values).filter(Number.isFinite);
  const steps = Math.max(...lines.map((one) => one.values.length));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const x = scaleLinear([0, steps - 1], [MARGIN.left, WIDTH - MARGIN.right]);
  const y = (scale === 'log' ? scaleLog() : scaleLinear())
    .domain([least, most])
    .range([HEIGHT - MARGIN.bottom, MARGIN.top])
    .nice();
  const path = line<number>((_, step) => x(step), y).defined(Number.isFinite);
  const paths = lines.map((one) => `<path class="${one.kind}" d="${path(one.values) ?? ''}"/>`);
  const rows = y.ticks(TICKS).filter((tick) => scale === 'linear' || isPowerOfTen(tick));
  const grid = rows.map(
    (tick) =>
      `<path class="axis" d="M${MARGIN.left},${y(tick)}H${WIDTH - MARGIN.right}"/><text x="${MARGIN.left - 6}" y="${y(tick) + 4}" text-anchor="end">${numberText(tick)}</text>`,
  );
  const columns = x
    .ticks(TICKS)
    .map((tick) => `<text x="${x(tick)}" y="${HEIGHT - 6}" text-anchor="middle">${tick}</text>`);
  return `<figure><figcaption><strong>${text(title)}</strong></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text(title)}">${grid.join('')}${columns.join('')}${paths.join('')}</svg>
<figcaption>${text(caption)}</figcaption></figure>`;
}

function isPowerOfTen(value: number): boolean {
  return Math.abs(Math.log10(value) % 1) < 1e-9;
}

function numberText(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential(0)
    : String(Number(value.toPrecision(3)));
}
