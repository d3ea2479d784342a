// ONNX Runtime in WebAssembly in a page or a worker of one.
import type { Missing } from '@isonet/native';
import type { Ort } from './ort.ts';
import type { Folder, Gpu, WebProvider, WebRuntime } from './runtime.ts';
import { hrefOf, threadsOn, webRuntime } from './runtime.ts';

/** What is used of a browser, whose types this package does not take from its users. */
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
 * @param entries of onnxruntime-web, each in the bundle
 * @param folder of its files, relative to the page
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
      reason: 'this page is not cross-origin isolated, so it has no memory that threads share',
      fix: 'serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    };
  }
  if (folder === undefined) {
    return {
      code: 'NO_FOLDER',
      reason: 'each thread starts from a file of onnxruntime-web, which is in no bundle',
      fix: 'serve the files of onnxruntime-web and name their folder: onnxFrom(folder)',
    };
  }
  return undefined;
}

async function findGpu({ navigator }: Browser): Promise<Gpu | Missing> {
  const { gpu, userAgent } = navigator ?? {};
  if (gpu === undefined) {
    return {
      code: 'NO_WEBGPU',
      reason: 'this browser offers no WebGPU to this page',
      fix: 'open the page over https or from localhost, in a browser that has WebGPU switched on',
    };
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (adapter === null) {
    return {
      code: 'NO_ADAPTER',
      reason: 'this browser finds no GPU for WebGPU',
      fix: 'update the browser and the driver of the GPU, or open "wasm"',
    };
  }
  const { info = {} } = adapter;
  const words = [info.vendor, info.architecture, info.device, info.description];
  const text = words.filter((word) => word !== undefined && word !== '').join(' ');
  const isSoftware = info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe/i.test(text);
  return {
    kind: isSoftware ? 'software' : 'gpu',
    text: text === '' ? 'an adapter without a name' : text,
    // WebGPU does not tell the driver.
    browser: userAgent ?? 'an unknown browser',
  };
}

/** A worker's own address may be a blob's, which nothing is relative to. */
function folderUrl(folder: Folder, { document, location }: Browser): string {
  const url = new URL(hrefOf(folder), document?.baseURI ?? location?.href).href;
  return url.endsWith('/') ? url : `${url}/`;
}

/** A message to oneself: a timer that is set by a timer waits for 4 ms. */
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
