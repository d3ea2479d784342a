import { bool, DataError, decodeSafetensors, encodeSafetensors, float32, int32, uint32 } from '@isonet/core';
import type { Tensors } from '@isonet/core';
import { describe, expect, it } from 'vitest';

const tensors: Tensors = {
  weight: float32([2, 3], [1, -2, 3.5, 0, -0, Infinity]),
  double: { dtype: 'float64', shape: [2], data: Float64Array.of(Math.PI, -1e300) },
  labels: int32([3], [-1, 0, 2 ** 31 - 1]),
  key: uint32([1], [2 ** 32 - 1]),
  mask: bool([3], [true, false, true]),
  scalar: float32([], [7]),
  empty: float32([0, 4], []),
};

/** Returns a file with this header and this data. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  return withHeader(Buffer.from(typeof header === 'string' ? header : JSON.stringify(header)), data);
}

function withHeader(header: Uint8Array, data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

const entry = (begin: number, end: number, shape = [1], dtype = 'F32'): unknown => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('encodeSafetensors and decodeSafetensors', () => {
  it('round-trip every dtype bit for bit, and the metadata', () => {
    const decoded = decodeSafetensors(encodeSafetensors(tensors, { step: '12' }));
    expect(decoded).toEqual({ tensors, metadata: { step: '12' } });
    expect(Object.is(decoded.tensors['weight']?.data[4], -0)).toBe(true);
  });

  it('write the published format: length, JSON header sorted by name, data', () => {
    const bytes = Buffer.from(encodeSafetensors({ b: float32([1], [1]), a: int32([1], [2]) }));
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(
      bytes
        .subarray(8, 8 + length)
        .toString()
        .trimEnd(),
    ).toBe(
      '{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
    );
    expect(bytes.subarray(8 + length).toString('hex')).toBe('020000000000803f');
  });

  it('produce the same bytes in any input order', () => {
    const reversed = Object.fromEntries(Object.entries(tensors).toReversed());
    expect(encodeSafetensors(reversed)).toEqual(encodeSafetensors(tensors));
  });

  it('read bytes at any offset of their buffer', () => {
    const bytes = encodeSafetensors(tensors);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSafetensors(shifted.subarray(3)).tensors).toEqual(tensors);
  });

  it("read Node's buffers, whose slice() does not copy", () => {
    expect(decodeSafetensors(Buffer.from(encodeSafetensors(tensors))).tensors).toEqual(tensors);
  });

  it('preserve names that are special in JavaScript, and non-ASCII names', () => {
    const names = ['__proto__', 'constructor', 'größe 网', '7', '100%'];
    const odd = Object.fromEntries(names.map((name, i) => [name, float32([], [i])]));
    const decoded = decodeSafetensors(encodeSafetensors(odd)).tensors;
    expect(Object.keys(decoded).toSorted()).toEqual(names.toSorted());
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(decoded['größe 网']?.data[0]).toBe(2);
    expect(Object.getOwnPropertyDescriptor(decoded, '__proto__')?.value).toEqual(float32([], [0]));
  });

  it('read a header that another writer encoded in UTF-8', () => {
    const bytes = file({ 'größe 网 %41': entry(0, 4) }, new Uint8Array(4));
    expect(Object.keys(decodeSafetensors(bytes).tensors)).toEqual(['größe 网 %41']);
  });

  it('refuse to write files that cannot be read', () => {
    expect(() => encodeSafetensors({ __metadata__: float32([], [1]) })).toThrow('__metadata__');
    const short = { dtype: 'float32', shape: [2], data: new Float32Array(1) } as const;
    expect(() => encodeSafetensors({ short })).toThrow('holds 1 values');
  });

  describe('enforce the limits of the reader:', () => {
    const named = <T>(count: number, value: T): Record<string, T> =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, value]));
    const most = 2 ** 15;
    const limits: Record<string, [tensors: Tensors, metadata: Record<string, string>, message: string]> = {
      tensors: [named(most + 1, float32([0], [])), {}, 'expected at most 32768 tensors, got 32769'],
      metadata: [{}, named(most + 1, ''), 'expected at most 32768 metadata, got 32769'],
      dimensions: [
        { deep: float32(new Array<number>(9).fill(1), [7]) },
        {},
        'tensor "deep": expected at most 8 dimensions, got 9',
      ],
      'bytes of the header': [
        {},
        { note: 'x'.repeat(2 ** 24) },
        'expected a header of at most 16777216 bytes, got 16777248; shorten names and metadata',
      ],
    };
    it.each(Object.entries(limits))('%s', (_, [many, metadata, message]) => {
      expect(() => encodeSafetensors(many, metadata)).toThrow(
        new DataError('SAFETENSORS', `safetensors: ${message}`),
      );
    });

    it('files just within the limits are read', () => {
      const [many, notes] = [named(most, float32([0], [])), named(most, '')];
      const decoded = decodeSafetensors(encodeSafetensors(many, notes));
      expect(Object.keys(decoded.tensors).length).toBe(most);
      expect(Object.keys(decoded.metadata).length).toBe(most);
      const deep = float32(new Array<number>(8).fill(1), [7]);
      expect(decodeSafetensors(encodeSafetensors({ deep })).tensors).toEqual({ deep });
    });
  });
});

describe('decodeSafetensors rejects', () => {
  const whole = encodeSafetensors(tensors);
  const four = new Uint8Array(4);
  const eight = new Uint8Array(8);
  const cases: Record<string, [bytes: Uint8Array, message: string]> = {
    'an empty file': [new Uint8Array(), 'truncated: expected at least 8 bytes, got 0'],
    'a header cut short': [whole.subarray(0, 40), 'truncated: expected a header of'],
    'data cut short': [whole.subarray(0, -1), 'bytes of data'],
    'bytes after the data': [Buffer.concat([whole, four]), 'bytes of data'],
    'a header of 2^64 - 1 bytes': [new Uint8Array(16).fill(0xff), 'not a safetensors file'],
    'a header that is not JSON': [file('{"a":'), 'not JSON'],
    'a header that is not UTF-8': [withHeader(Uint8Array.of(0x7b, 0xff, 0x7d), four), 'not JSON'],
    'a header that is not an object': [file('[]'), 'not a JSON object'],
    'metadata that is not strings': [file({ __metadata__: { step: 1 } }), 'expected strings'],
    'an entry that is not an object': [file({ a: 5 }), 'expected dtype, shape'],
    'an unknown dtype': [file({ a: entry(0, 2, [1], 'BF16') }, four), 'got "BF16"'],
    'a dtype that objects inherit': [file({ a: entry(0, 4, [1], 'constructor') }, four), 'got "constructor"'],
    'a negative dimension': [file({ a: entry(0, 4, [-1]) }, four), 'expected a shape'],
    'a fractional dimension': [file({ a: entry(0, 4, [1.5]) }, four), 'expected a shape'],
    'a shape of many axes': [
      file({ a: entry(0, 4, new Array<number>(9).fill(1)) }, four),
      'expected a shape',
    ],
    'a shape larger than the data': [file({ a: entry(0, 4, [2 ** 50]) }, four), 'data_offsets span 4'],
    'offsets that are not integers': [file({ a: entry(0.5, 4.5) }, eight), 'expected data_offsets'],
    'offsets that run backwards': [file({ a: entry(4, 0) }, four), 'expected data_offsets'],
    'offsets beyond the data': [file({ a: entry(0, 4), b: entry(4, 8) }, four), 'bytes of data'],
    'offsets that overlap': [
      file({ a: entry(0, 4), b: entry(0, 4) }, four),
      'expected its data to start at byte 4',
    ],
    'a gap in the data': [file({ a: entry(4, 8) }, eight), 'expected its data to start at byte 0'],
    'a duplicate tensor': [
      file(`{"a":${JSON.stringify(entry(0, 4))},"a":${JSON.stringify(entry(0, 4))}}`, four),
      'tensor "a" appears twice',
    ],
    'duplicate metadata': [file('{"__metadata__":{"a":"1","a":"2"}}'), '__metadata__ "a" appears twice'],
    'deeply nested lists': [file(`{"a":{"x":${'['.repeat(1000)}${']'.repeat(1000)}}}`), 'not JSON'],
    'more tensors than the limit': [
      file(Object.fromEntries(Array.from({ length: 2 ** 15 + 1 }, (_, i) => [`t${i}`, entry(0, 0, [0])]))),
      'expected at most 32768 entries (tensor)',
    ],
    'a bool of 2': [file({ a: entry(0, 1, [1], 'BOOL') }, Uint8Array.of(2)), 'neither 0 nor 1'],
  };
  it.each(Object.entries(cases))('%s', (_, [bytes, message]) => {
    const decode = (): unknown => decodeSafetensors(bytes, 'weights.safetensors');
    expect(decode).toThrow(DataError);
    expect(decode).toThrow(message);
    expect(decode).toThrow(/^weights\.safetensors: [^\n]+$/);
  });

  it('an unknown word instead of a value', () => {
    const decode = (): unknown => decodeSafetensors(file('{"a":{"x":nul}}'));
    const cause = expect.objectContaining({ message: 'expected a value' }) as Error;
    expect(decode).toThrow(expect.objectContaining({ cause }) as Error);
  });

  it('a name with terminal escapes, which the message escapes', () => {
    const bytes = file({ '\u001b[2J\u009b': 5 });
    expect(() => decodeSafetensors(bytes)).toThrow(/^safetensors: tensor "\\u001b\[2J\\u009b": expected/);
  });
});
