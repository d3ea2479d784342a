// The description of a native library: the npm packages that contain its builds, and its requirements on the system.

/** A native library with a Node addon, and the npm packages that contain its builds. */
export interface NativeLibrary {
  /** The name used in messages, e.g. `ONNX Runtime`. */
  readonly title: string;
  /** The exact version of every package below. */
  readonly version: string;
  /** The library's own npm package, with the builds for all platforms. It is used if exactly this version is installed. */
  readonly original: {
    readonly name: string;
    /** The addon's path in this package. */
    addon(platform: string, architecture: string): string;
  };
  /** The package of each platform, by `process.platform` and `process.arch`: `linux-x64`. */
  readonly packages: Readonly<Record<string, string>>;
  /** The addon's path in the platform packages. */
  readonly addon: string;
  /**
   * File names of the shared library that the addon links to, by `process.platform`. Set it only for systems that link
   * the addon to an already loaded copy of that name, regardless of its version.
   */
  readonly shared?: Readonly<Record<string, string>>;
  /** The alternative on a system for which the library has no build; completes a sentence that starts with "use". */
  readonly instead: string;
}

/** The system that a library is looked up for. */
export interface System {
  /** A value of `process.platform`. */
  readonly platform: string;
  /** A value of `process.arch`. */
  readonly architecture: string;
  /** Whether the C library is musl, as on Alpine. None of isonet's native libraries has a build for musl. */
  readonly musl: boolean;
}

/** The reason why a native library cannot be used on this system, with the fix. */
export class NativeError extends Error {
  override readonly name = 'NativeError';
  /** `PLATFORM`, `MUSL`, `BUNDLED`, `NOT_INSTALLED`, `VERSION`, `OTHER_COPY`, `VC_RUNTIME`, `SYSTEM_LIBRARY` or `LOAD` */
  readonly code: string;
  /** The reason, in one line. */
  readonly reason: string;
  /** The fix: one line, in the imperative. */
  readonly fix: string;

  constructor(code: string, reason: string, fix: string, options?: ErrorOptions) {
    super(`${reason}; ${fix}`, options);
    this.code = code;
    this.reason = reason;
    this.fix = fix;
  }
}
