// ONNX Runtime in WebAssembly, in a page or in a page's worker.
import type { Missing } from '@isonet/native';
import type { Ort } from './ort.ts';
import type { Folder, Gpu, WebProvider, WebRuntime } from './runtime.ts';
import { hrefOf, threadsOn, webRuntime } from './runtime.ts';

/** The browser APIs that are used here. They are declared because users of this package may not have the types of the DOM. */
interface Browser {
  readonly crossOriginIsolated?: boolean;
  readonly location?: { readonly href: string };
  readonly document?: { readonly baseURI: string };
  readonly navigator?: {
    readonly hardwareConcurrency?: number;
    readonly userAgent?: string;
    readonly gpu?: WebGpu;
  };
}

interface WebGpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<Adapter | null>;
}

interface Adapter {
  readonly info?: Readonly<Partial<Record<'vendor' | 'architecture' | 'device' | 'description', string>>> & {
    readonly isFallbackAdapter?: boolean;
  };
}

/**
 * Creates the runtime for a browser.
 * @param entries the bundled entries of onnxruntime-web
 * @param folder the folder of its files, relative to the page
 */
export async function browserRuntime(
  entries: Readonly<Record<WebProvider, Ort>>,
  folder: Folder | undefined,
): Promise<WebRuntime> {
  const browser = globalThis as Browser;
  const oneThread = missingThreads(browser, folder);
  const { hardwareConcurrency = 1 } = browser.navigator ?? {};
  return webRuntime({
    missing: undefined,
    threads: oneThread === undefined ? threadsOn(hardwareConcurrency) : 1,
    oneThread,
    gpu: await findGpu(browser),
    load: (provider) => Promise.resolve(entries[provider]),
    folder: folder === undefined ? undefined : folderUrl(folder, browser),
    idle,
  });
}

function missingThreads({ crossOriginIsolated }: Browser, folder: Folder | undefined): Missing | undefined {
  if (crossOriginIsolated !== true) {
    return {
      code: 'NOT_ISOLATED',
      reason: 'this page is not cross-origin isolated, so its threads cannot share memory',
      fix: 'serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    };
  }
  if (folder === undefined) {
    return {
      code: 'NO_FOLDER',
      reason: 'each thread starts from a file of onnxruntime-web, which bundles do not contain',
      fix: 'serve the files of onnxruntime-web and pass their folder: onnxFrom(folder)',
    };
  }
  return undefined;
}

async function findGpu({ navigator }: Browser): Promise<Gpu | Missing> {
  const { gpu, userAgent } = navigator ?? {};
  if (gpu === undefined) {
    return {
      code: 'NO_WEBGPU',
      reason: 'WebGPU is not available to this page',
      fix: 'open the page over https or from localhost, in a browser with WebGPU enabled',
    };
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (adapter === null) {
    return {
      code: 'NO_ADAPTER',
      reason: 'the browser found no GPU for WebGPU',
      fix: 'update the browser and the GPU\'s driver, or open "wasm"',
    };
  }
  const { info = {} } = adapter;
  const words = [info.vendor, info.architecture, info.device, info.description];
  const text = words.filter((word) => word !== undefined && word !== '').join(' ');
  const isSoftware = info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe/i.test(text);
  return {
    kind: isSoftware ? 'software' : 'gpu',
    text: text === '' ? 'an adapter without a name' : text,
    // WebGPU does not expose the driver.
    browser: userAgent ?? 'an unknown browser',
  };
}

/**
 * Resolves the folder against the page. A worker's own address may be that of a blob, against which no relative
 * address resolves.
 */
function folderUrl(folder: Folder, { document, location }: Browser): string {
  const url = new URL(hrefOf(folder), document?.baseURI ?? location?.href).href;
  return url.endsWith('/') ? url : `${url}/`;
}

/** Yields to the event loop once. It uses a message because nested timers wait for 4 ms. */
function idle(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    port1.addEventListener('message', () => {
      port1.close();
      done();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}
