// Digests for plan ids. Node and browsers both provide Web Crypto; core is compiled without the types of either.
import { BackendError } from '../errors.ts';

interface WebCrypto {
  readonly subtle: { digest(algorithm: 'SHA-256', data: Uint8Array): Promise<ArrayBuffer> };
}
interface TextEncoding {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
}

/** Returns the first 128 bits of the parts' SHA-256, as hex. @throws BackendError in a page without Web Crypto */
export async function sha256(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const { crypto, TextEncoder } = globalThis as typeof globalThis & {
    crypto?: Partial<WebCrypto>;
  } & TextEncoding;
  if (!crypto?.subtle) {
    throw new BackendError(
      'NO_CRYPTO',
      'plan ids need Web Crypto: open the page over https or from localhost',
    );
  }
  const encoder = new TextEncoder();
  const chunks = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const chunk of chunks) {
    all.set(chunk, end);
    end += chunk.length;
  }
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Returns the vector instruction sets of a processor. Native libraries choose kernels based on them, and the
 * kernels affect the result bits. The processor's model name is not enough, because virtual machines hide
 * some instruction sets.
 * @param cpuinfo the text of Linux's `/proc/cpuinfo`
 */
export function vectorFeatures(cpuinfo: string): readonly string[] {
  const flags = /^(?:flags|Features)\s*: (.*)$/m.exec(cpuinfo)?.[1] ?? '';
  return flags
    .split(' ')
    .filter((flag) => /^(?:s?sse|avx|fma|amx|asimd|sve|i8mm|bf16)/.test(flag))
    .toSorted();
}
