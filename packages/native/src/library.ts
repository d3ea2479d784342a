// How a native library is described: which npm packages hold its builds, and what it needs of the system.

/** A library that a Node addon brings, and the npm packages that hold its builds. */
export interface NativeLibrary {
  /** For messages, e.g. `ONNX Runtime`. */
  readonly title: string;
  /** The exact version of every package below. */
  readonly version: string;
  /** The library's own npm package with the builds for all platforms. It is used where this very version is installed. */
  readonly original: {
    readonly name: string;
    /** The addon's path in it. */
    addon(platform: string, architecture: string): string;
  };
  /** The package of each platform, by `process.platform` and `process.arch`: `linux-x64`. */
  readonly packages: Readonly<Record<string, string>>;
  /** The addon's path in those. */
  readonly addon: string;
  /**
   * File names of the shared library that the addon links to, by `process.platform`. Only where the system would hand the
   * addon a copy of that name that is loaded already, whatever its version.
   */
  readonly shared?: Readonly<Record<string, string>>;
  /** What to use instead on a system that the library has no build for, as a sentence's end. */
  readonly instead: string;
}

/** The system that a library is looked for on. */
export interface System {
  /** As `process.platform`. */
  readonly platform: string;
  /** As `process.arch`. */
  readonly architecture: string;
  /** Whether the C library is musl, as on Alpine, for which no library here has a build. */
  readonly musl: boolean;
}

/** Why a native library cannot be used here, and what to do about it. */
export class NativeError extends Error {
  override readonly name = 'NativeError';
  /** `PLATFORM`, `MUSL`, `BUNDLED`, `NOT_INSTALLED`, `VERSION`, `OTHER_COPY`, `VC_RUNTIME`, `SYSTEM_LIBRARY` or `LOAD` */
  readonly code: string;
  /** One line. */
  readonly reason: string;
  /** One line, in the imperative. */
  readonly fix: string;

  constructor(code: string, reason: string, fix: string, options?: ErrorOptions) {
    super(`${reason}; ${fix}`, options);
    this.code = code;
    this.reason = reason;
    this.fix = fix;
  }
}
