// A backend over one or more builds of ONNX Runtime. It lists their execution providers and opens one.
import type { AbsentDevice, Backend, OpenOptions, Probe } from '@isonet/core';
import { BackendError, checkOptions, messageOf } from '@isonet/core';
import type { OnnxKernels } from '@isonet/onnx/write';
import { deviceOver } from './device.ts';
import type { OpenProvider, Provider, ProviderId } from './runtime/providers/provider.ts';
import type { Sessions } from './runtime/sessions.ts';

/** A build of ONNX Runtime: the native library, or WebAssembly. */
export interface Build {
  /** Every provider that the build may have, available or not. */
  readonly ids: readonly ProviderId[];
  probe(): Promise<Probe>;
  /** Opens a provider. @throws BackendError that names what is missing and the fix */
  open(id: string, options: OpenOptions): Promise<OpenBuild>;
}

interface OpenBuild {
  readonly sessions: Sessions;
  readonly provider: OpenProvider;
}

/** Creates a build. @param load loads the build, or as much of it as a probe needs */
export function buildOver<R extends Sessions>(
  load: () => Promise<R>,
  providers: readonly Provider<R>[],
): Build {
  return {
    ids: providers.map(({ id }) => id),
    probe: async () => {
      try {
        const runtime = await load();
        const found = providers.map((provider) => provider.find(runtime));
        return {
          ok: true,
          devices: found.filter((device) => 'kind' in device),
          absent: found.filter((device) => 'reason' in device),
        };
      } catch (error) {
        return { ok: false, ...absenceOf(error) };
      }
    },
    open: async (device, options) => {
      const provider = providers.find(({ id }) => id === device);
      if (!provider) throw unknownDevice(device, providers);
      const sessions = await load();
      return { sessions, provider: await provider.open(sessions, options) };
    },
  };
}

/**
 * Creates the backend.
 * @param builds builds with distinct ids; the first id of the first build is the default device
 * @param table for tests: other kernels for the same ops
 */
export function backendOf(builds: readonly [Build, ...Build[]], table?: OnnxKernels): Backend {
  const [first] = builds;
  return {
    name: 'onnx',
    contract: 2,
    probe: async (): Promise<Probe> => {
      const probes = await Promise.all(
        builds.map(async (build) => ({ ids: build.ids, probe: await build.probe() })),
      );
      const devices = probes.flatMap(({ probe }) => (probe.ok ? probe.devices : []));
      const failed = probes.map(({ probe }) => probe).find(({ ok }) => !ok);
      if (failed && devices.length === 0) return failed;
      return { ok: true, devices, absent: probes.flatMap(({ ids, probe }) => absentOf(ids, probe)) };
    },
    open: async (options = {}) => {
      checkOptions('onnx', options, ['device', 'threads', 'tf32']);
      const { device = first.ids[0] } = options;
      const build = builds.find(({ ids }) => ids.some((id) => id === device));
      if (device === undefined || !build)
        throw unknownDevice(
          String(device),
          builds.flatMap(({ ids }) => ids.map((id) => ({ id }))),
        );
      const { sessions, provider } = await build.open(device, options);
      return deviceOver(sessions, table ? { ...provider, table } : provider);
    },
  };
}

/** Returns the missing devices of a build: all of them if the build does not load. */
function absentOf(ids: readonly ProviderId[], probe: Probe): readonly AbsentDevice[] {
  if (probe.ok) return probe.absent ?? [];
  const { reason, fix } = probe;
  return ids.map((id) => ({ id, reason, fix }));
}

function unknownDevice(device: string, providers: readonly { readonly id: ProviderId }[]): BackendError {
  const known = providers.map(({ id }) => `"${id}"`).join(', ');
  return new BackendError('NO_DEVICE', `onnx: unknown device "${device}"; expected one of ${known}`);
}

/** Returns why a build is unavailable, and the fix. */
function absenceOf(error: unknown): { readonly code: string; readonly reason: string; readonly fix: string } {
  const code = error instanceof BackendError ? error.code : 'LOAD';
  const { cause } = error instanceof Error ? error : { cause: undefined };
  return isMissing(cause)
    ? { code, reason: cause.reason, fix: cause.fix }
    : { code, reason: messageOf(error), fix: 'reinstall @isonet/backend-onnx' };
}

/**
 * Returns whether the cause has a reason and a fix, as a NativeError does. NativeError itself is in a package that
 * only Node can load.
 */
function isMissing(cause: unknown): cause is { readonly reason: string; readonly fix: string } {
  return cause instanceof Error && 'reason' in cause && 'fix' in cause;
}
