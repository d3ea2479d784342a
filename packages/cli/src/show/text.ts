// Numbers and times as people read them, and colours.
import pc from 'picocolors';
import type { EpochReport } from '@isonet/core';

export type Colors = ReturnType<typeof pc.createColors>;

export function colors(enabled: boolean): Colors {
  return pc.createColors(enabled);
}

/** `149,542` */
export function count(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}

/** `98.1 %` of a part in 0..1. */
export function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

/** `1:05`, `1:02:09` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The book's line: `epoch 1, loss 2.3011, train acc 0.138, test acc 0.188, time 12.3 sec` */
export function epochLine({ epoch, loss, trainAccuracy, testAccuracy, seconds }: EpochReport): string {
  const test = testAccuracy === undefined ? '' : `, test acc ${testAccuracy.toFixed(3)}`;
  return `epoch ${epoch}, loss ${loss.toFixed(4)}, train acc ${trainAccuracy.toFixed(3)}${test}, time ${seconds.toFixed(1)} sec`;
}
