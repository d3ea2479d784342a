// The attributes of a node, checked as they are asked for. What nobody asked for is refused: an attribute without effect would
// be a wrong number.
import type { AttributeValues, FileAttribute, FileGraph } from './file.ts';
import type { HostTensor } from './hostTensor.ts';

/** Attributes by name; each has the type that it is asked for as, or is an error. */
export class Attributes {
  readonly #attributes: ReadonlyMap<string, FileAttribute>;
  readonly #fail: (problem: string) => Error;
  readonly #asked = new Set<string>();

  constructor(attributes: ReadonlyMap<string, FileAttribute>, fail: (problem: string) => Error) {
    this.#attributes = attributes;
    this.#fail = fail;
  }

  /** Whether the node has it. */
  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  int(name: string, fallback?: number): number {
    return this.#get(name, 'int', fallback);
  }

  float(name: string, fallback?: number): number {
    return this.#get(name, 'float', fallback);
  }

  string(name: string, fallback?: string): string {
    return this.#get(name, 'string', fallback);
  }

  ints(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#get(name, 'ints', fallback);
  }

  floats(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#get(name, 'floats', fallback);
  }

  /** Its numbers. */
  tensor(name: string): HostTensor {
    return this.#get(name, 'tensor').decode();
  }

  graph(name: string): FileGraph {
    return this.#get(name, 'graph');
  }

  /** Marks attributes that change no number. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#asked.add(name);
  }

  /** Those that nobody asked for. */
  unread(): readonly string[] {
    return [...this.#attributes.keys()].filter((name) => !this.#asked.has(name));
  }

  #get<T extends FileAttribute['type']>(
    name: string,
    type: T,
    fallback?: AttributeValues[T],
  ): AttributeValues[T] {
    this.#asked.add(name);
    const attribute = this.#attributes.get(name);
    if (attribute === undefined) {
      if (fallback !== undefined) return fallback;
      throw this.#fail(`expected an attribute ${name}, got none`);
    }
    if (!isOf(attribute, type))
      throw this.#fail(`expected attribute ${name} as ${type}, got ${attribute.type}`);
    return attribute.value;
  }
}

function isOf<T extends FileAttribute['type']>(
  attribute: FileAttribute,
  type: T,
): attribute is FileAttribute & { readonly type: T; readonly value: AttributeValues[T] } {
  return attribute.type === type;
}
