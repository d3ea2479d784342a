// The attributes of a node, each checked when it is read. A node with an attribute that its reader never reads is refused:
// ignoring the attribute could silently give a wrong result.
import type { AttributeValues, FileAttribute, FileGraph } from './file.ts';
import type { HostTensor } from './hostTensor.ts';

/** The attributes of a node by name. Reading one as another type is an error. */
export class Attributes {
  readonly #attributes: ReadonlyMap<string, FileAttribute>;
  readonly #fail: (problem: string) => Error;
  readonly #read = new Set<string>();

  constructor(attributes: ReadonlyMap<string, FileAttribute>, fail: (problem: string) => Error) {
    this.#attributes = attributes;
    this.#fail = fail;
  }

  /** Returns whether the node has the attribute. */
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

  /** Returns the decoded tensor. */
  tensor(name: string): HostTensor {
    return this.#get(name, 'tensor').decode();
  }

  graph(name: string): FileGraph {
    return this.#get(name, 'graph');
  }

  /** Marks attributes that do not affect the result as read. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** Returns the names of the attributes that were never read. */
  unread(): readonly string[] {
    return [...this.#attributes.keys()].filter((name) => !this.#read.has(name));
  }

  #get<T extends FileAttribute['type']>(
    name: string,
    type: T,
    fallback?: AttributeValues[T],
  ): AttributeValues[T] {
    this.#read.add(name);
    const attribute = this.#attributes.get(name);
    if (attribute === undefined) {
      if (fallback !== undefined) return fallback;
      throw this.#fail(`expected attribute ${name}, got none`);
    }
    if (!isOf(attribute, type))
      throw this.#fail(`expected attribute ${name} of type ${type}, got ${attribute.type}`);
    return attribute.value;
  }
}

function isOf<T extends FileAttribute['type']>(
  attribute: FileAttribute,
  type: T,
): attribute is FileAttribute & { readonly type: T; readonly value: AttributeValues[T] } {
  return attribute.type === type;
}
