// Numbers and times as people read them, and colours.
import pc from 'picocolors';
import type { EpochReport, Metrics } from '@isonet/core';

/** What wraps text in the codes of a colour, or leaves it as it is. */
export type Colors = ReturnType<typeof pc.createColors>;

/** The colours, or none where they are not wanted. */
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

/** `99.9 %`; below 1 it is never rounded up to 100 %. `-` of nothing. */
export function shareText({ count: part, of }: { readonly count: number; readonly of: number }): string {
  if (of === 0) return '-';
  return percent(part === of ? 1 : Math.min(part / of, 0.999));
}

/** `1:05`, `1:02:09` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** `2026-11-28 14:05`, in the time zone of this machine. */
export function dateTime(date: Date): string {
  return date.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });
}

/**
 * The book's line: `epoch 1, loss 2.3011, train acc 0.138, test acc 0.188, time 12.3 sec`; of a run with validation, its loss
 * and metrics come before those of the test.
 */
export function epochLine(report: EpochReport): string {
  const { epoch, loss, metrics, validationLoss, validationMetrics, seconds } = report;
  const measured = [
    ...metricTexts('train', metrics),
    ...(validationLoss === undefined ? [] : [`validation loss ${validationLoss.toFixed(4)}`]),
    ...metricTexts('validation', validationMetrics),
    ...metricTexts('test', testMetricsOf(report)),
  ];
  return [`epoch ${epoch}`, `loss ${loss.toFixed(4)}`, ...measured, `time ${seconds.toFixed(1)} sec`].join(
    ', ',
  );
}

/** The metrics of an epoch on the test images. A run of isonet 0.2.0 kept its accuracy alone. */
export function testMetricsOf({ testMetrics, testAccuracy }: EpochReport): Metrics | undefined {
  return testMetrics ?? (testAccuracy === undefined ? undefined : { accuracy: testAccuracy });
}

/** `train acc 0.138` */
export function metricTexts(of: string, metrics: Metrics | undefined): readonly string[] {
  if (!metrics) return [];
  return Object.entries(metrics).map(([name, value]) => `${of} ${metricText(name, value)}`);
}

/** `acc 0.138`; `mean squared error 0.0213` */
export function metricText(name: string, value: number): string {
  if (name === 'accuracy') return `acc ${value.toFixed(3)}`;
  return `${name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${value.toPrecision(4)}`;
}
