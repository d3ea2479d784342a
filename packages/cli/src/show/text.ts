// Formats numbers and times for people, and creates colours.
import pc from 'picocolors';
import type { EpochReport, Metrics } from '@isonet/core';

/** Functions that wrap text in colour codes, or return it unchanged. */
export type Colors = ReturnType<typeof pc.createColors>;

/** Creates the colour functions; if disabled, they return text unchanged. */
export function colors(enabled: boolean): Colors {
  return pc.createColors(enabled);
}

/** Formats an integer: `149,542` */
export function count(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}

/** Formats a fraction between 0 and 1: `98.1 %` */
export function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

/** Formats a share as `99.9 %`. A share below 1 is never rounded up to 100 %; `-` if there is nothing to count. */
export function shareText({ count: part, of }: { readonly count: number; readonly of: number }): string {
  if (of === 0) return '-';
  return percent(part === of ? 1 : Math.min(part / of, 0.999));
}

/** Formats a duration: `1:05`, `1:02:09` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Formats a date in the time zone of this machine: `2026-11-28 14:05` */
export function dateTime(date: Date): string {
  return date.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });
}

/**
 * Formats an epoch as the book does: `epoch 1, loss 2.3011, train acc 0.138, test acc 0.188, time 12.3 sec`. Validation loss and
 * metrics come before the test metrics.
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

/** Returns the metrics of an epoch on the test images. Runs of isonet 0.2.0 stored only the accuracy. */
export function testMetricsOf({ testMetrics, testAccuracy }: EpochReport): Metrics | undefined {
  return testMetrics ?? (testAccuracy === undefined ? undefined : { accuracy: testAccuracy });
}

/** Formats metrics: `train acc 0.138` */
export function metricTexts(of: string, metrics: Metrics | undefined): readonly string[] {
  if (!metrics) return [];
  return Object.entries(metrics).map(([name, value]) => `${of} ${metricText(name, value)}`);
}

/** Formats a metric: `acc 0.138`, `mean squared error 0.0213` */
export function metricText(name: string, value: number): string {
  if (name === 'accuracy') return `acc ${value.toFixed(3)}`;
  return `${name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${value.toPrecision(4)}`;
}
