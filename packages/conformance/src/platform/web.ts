// The services that the suite needs from a web page or worker: the counterpart of node.ts.

interface Page {
  readonly navigator: { readonly userAgent: string };
  addEventListener(type: 'unhandledrejection', listener: (event: RejectionEvent) => void): void;
  removeEventListener(type: 'unhandledrejection', listener: (event: RejectionEvent) => void): void;
}

interface RejectionEvent {
  readonly reason: unknown;
  preventDefault(): void;
}

// Node's types do not describe pages.
const page = globalThis as typeof globalThis & Page;

/** The browser, for reports. */
export const runtime: string = page.navigator.userAgent;

/** Fetches a file that is served next to the bundle. */
export async function readBytes(file: { readonly href: string }): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(file.href);
  if (!response.ok) throw new Error(`${file.href}: expected status 200, got ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Lets pending timers and messages run. Browsers would delay a 0 ms timer to 4 ms. */
export async function yieldToEvents(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await new Promise<void>((resolve) => {
    port1.addEventListener('message', () => resolve());
    port1.start();
    port2.postMessage(undefined);
  });
  port1.close();
}

/** Calls `listener` for every unhandled rejection. @returns a function that removes the listener */
export function onUnhandledRejection(listener: (reason: unknown) => void): () => void {
  const handle = (event: RejectionEvent): void => {
    event.preventDefault();
    listener(event.reason);
  };
  page.addEventListener('unhandledrejection', handle);
  return () => page.removeEventListener('unhandledrejection', handle);
}
