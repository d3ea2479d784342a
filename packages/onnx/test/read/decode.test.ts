// Rejects other files, and ONNX files that cannot be read, with a one-line message that states the reason and the fix.
import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { IsonetError, UnsupportedOpError } from '@isonet/core';
import { externalFiles, readGraph } from '@isonet/onnx';
import type { ReadGraph, ReadGraphOptions } from '@isonet/onnx';
import { decodeOnnx } from '@isonet/onnx/read';
import { describe, expect, it } from 'vitest';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProto_DataLocation,
} from '../../src/proto/onnx_pb.ts';

type Init<T> = Exclude<T, { readonly $typeName: string }>;
type ModelInit = Init<MessageInitShape<typeof ModelProtoSchema>>;
type GraphInit = Init<NonNullable<ModelInit['graph']>>;
type NodeInit = Init<NonNullable<GraphInit['node']>[number]>;
type TensorInit = Init<NonNullable<GraphInit['initializer']>[number]>;

const FLOAT = 1;
const value = (name: string, dims: readonly number[] = [2]): NonNullable<GraphInit['input']>[number] => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: FLOAT,
        shape: { dim: dims.map((dim) => ({ value: { case: 'dimValue', value: BigInt(dim) } })) },
      },
    },
  },
});
const weights: TensorInit = { name: 'w', dims: [2n], dataType: FLOAT, floatData: [1, 2] };

/** Returns the graph `y = x + w`, with changes. */
function graph(changes: GraphInit = {}): GraphInit {
  return {
    name: 'g',
    node: [{ name: 'sum', opType: 'Add', input: ['x', 'w'], output: ['y'] }],
    initializer: [weights],
    input: [value('x')],
    output: [value('y')],
    ...changes,
  };
}

function file(changes: ModelInit = {}): Uint8Array {
  const opsetImport = [{ domain: '', version: 17n }];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 8n, opsetImport, graph: graph(), ...changes }),
  );
}

const read = (bytes: Uint8Array, options?: ReadGraphOptions): ReadGraph => readGraph(bytes, options);
const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
/** Returns the one-line message that rejects the bytes, or 'accepted'. */
function refusal(bytes: Uint8Array, options?: ReadGraphOptions): string {
  const message = thrownBy(bytes, options)?.message ?? 'accepted';
  expect(message).not.toMatch(/\n/);
  return message;
}

function thrownBy(bytes: Uint8Array, options?: ReadGraphOptions): IsonetError | undefined {
  try {
    read(bytes, options);
    return undefined;
  } catch (error) {
    if (error instanceof IsonetError) return error;
    throw error;
  }
}

describe('files of other kinds are identified', () => {
  it.each([
    ['', 'expected an ONNX file, got an empty file'],
    [
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
      'expected an ONNX file, got a git-lfs pointer; fetch the file itself with `git lfs pull`',
    ],
    ['\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'expected an ONNX file, got a PNG image'],
    [
      '\n<!DOCTYPE html><html><body>404</body></html>',
      'expected an ONNX file, got an HTML or XML page, probably an error page from a server; fetch the file again',
    ],
    [
      'PK\x03\x04\x14\0\0\0archive/data.pkl',
      "expected an ONNX file, got a zip archive, like PyTorch's .pt and .pth files; export the network with torch.onnx.export",
    ],
    [
      '\x80\x02}q\0X\x05\0\0\0state',
      "expected an ONNX file, got a pickle, like PyTorch's old .pth files; export the network with torch.onnx.export",
    ],
    [
      '\x89HDF\r\n\x1a\n',
      "expected an ONNX file, got an HDF5 file, like Keras's .h5 files; convert the network with tf2onnx",
    ],
    [
      '\x40\0\0\0\0\0\0\0{"a":{}}',
      'expected an ONNX file, got a safetensors file, which has weights but no network; export the network to ONNX',
    ],
    [
      '\x1c\0\0\0TFL3\0\0',
      'expected an ONNX file, got a TensorFlow Lite file; convert the network with tf2onnx',
    ],
    [
      '\x1c\0\0\0ORTM\0\0',
      "expected an ONNX file, got a file in ONNX Runtime's own format (.ort); use the .onnx file that it was converted from",
    ],
    ['what is this?', 'expected an ONNX file, got bytes that are not a protobuf message'],
    ['\x08\x08', 'expected an ONNX file, got a protobuf message without a graph'],
  ])('%j', (text, message) => {
    expect(refusal(latin1(text))).toBe(message);
  });

  it('reports a truncated file', () => {
    const whole = file();
    const { length } = file({ graph: graph() });
    for (const bytes of [whole.subarray(0, length - 30), whole.subarray(0, length - 1)]) {
      expect(refusal(bytes)).toBe(
        `expected an ONNX file, got ${bytes.length} bytes that are truncated or something else; fetch the file again`,
      );
    }
  });
});

describe('versions', () => {
  it.each([
    [{ opsetImport: [] }, 'IR version 8 and no operator set'],
    [{ opsetImport: [{ domain: '', version: 6n }] }, 'IR version 8 and operator set 6'],
    [{ irVersion: 2n }, 'IR version 2 and operator set 17'],
  ])('%o', (changes, got) => {
    expect(refusal(file(changes))).toBe(
      `expected IR version 3 and operator set 7 or newer, got ${got}; convert it with onnx.version_converter`,
    );
  });

  it("accepts both names of ONNX's domain", () => {
    const node = [{ opType: 'Neg', domain: 'ai.onnx', input: ['x'], output: ['y'] }];
    const { graph: built } = read(
      file({ opsetImport: [{ domain: 'ai.onnx', version: 7n }], graph: graph({ node }) }),
    );
    expect(built.outputs.map(({ name }) => name)).toEqual(['y']);
  });

  it('refuses operators of other domains by name, even if the file uses no ONNX operators', () => {
    const node = [{ name: 'n', opType: 'Scaler', domain: 'ai.onnx.ml', input: ['x'], output: ['y'] }];
    const opsetImport = [{ domain: 'ai.onnx.ml', version: 3n }];
    expect(refusal(file({ opsetImport, graph: graph({ node }) }))).toBe(
      'a node of the ONNX file cannot be read: ai.onnx.ml.Scaler (operator set 3): this operator is not supported ("n")',
    );
  });
});

describe('the decoder', () => {
  it('reads initializers that are also inputs, as in IR 3', () => {
    const { graph: built } = read(file({ irVersion: 3n, graph: graph({ input: [value('x'), value('w')] }) }));
    expect(built.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('ignores training info', () => {
    // training_info, field 20: a message with a graph.
    const bytes = Uint8Array.from([...file(), 0xa2, 0x01, 0x03, 0x12, 0x01, 0x00]);
    expect(refusal(bytes)).toBe('accepted');
  });

  it('refuses a node that calls a function of the file', () => {
    const functions = [{ name: 'Twice', domain: 'mine' }];
    expect(refusal(file({ functions }))).toBe('accepted');
    const node = [{ name: 'n', opType: 'Twice', domain: 'mine', input: ['x'], output: ['y'] }];
    expect(refusal(file({ functions, graph: graph({ node }) }))).toBe(
      'a node of the ONNX file cannot be read: mine.Twice (operator set missing): functions defined in the file are not supported; inline them with onnx.inliner ("n")',
    );
  });

  it('refuses sparse tensors', () => {
    const sparseInitializer = [{ values: { name: 's' } }];
    expect(refusal(file({ graph: graph({ sparseInitializer }) }))).toBe(
      'initializer "s": sparse tensors are not supported',
    );
  });

  it('refuses strings only where they are used', () => {
    const words: TensorInit = { name: 'words', dims: [1n], dataType: 8, stringData: [Uint8Array.of(97)] };
    const initializer = [weights, words];
    expect(refusal(file({ graph: graph({ initializer }) }))).toBe('accepted');
    const node: NodeInit[] = [{ name: 'sum', opType: 'Add', input: ['x', 'words'], output: ['y'] }];
    expect(refusal(file({ graph: graph({ initializer, node }) }))).toMatch(
      /"words": ONNX element type 8 \(strings or complex numbers, for example\) is not supported/,
    );
  });

  it.each<[string, TensorInit, string]>([
    ['too few values', { floatData: [1] }, 'tensor "w": expected 2 values for float32 [2], got 1'],
    [
      'too many bytes',
      { floatData: [], rawData: new Uint8Array(9) },
      'tensor "w": expected 8 bytes for float32 [2], got 9',
    ],
    [
      'no data for 2^40 values',
      { dims: [2n ** 20n, 2n ** 20n], floatData: [] },
      'tensor "w": expected at most 16 dimensions and 2^31 values, got [1048576, 1048576]',
    ],
    [
      'a product that overflows',
      { dims: [2n ** 62n, 2n ** 62n] },
      'tensor "w": expected at most 16 dimensions and 2^31 values, got [4611686018427387904, 4611686018427387904]',
    ],
    [
      'no data for 2^30 strings',
      { dims: [2n ** 30n], dataType: 8 },
      'tensor "w": expected 1073741824 values for [1073741824], got 0 at most',
    ],
    [
      'a negative dimension',
      { dims: [-2n] },
      'tensor "w": expected at most 16 dimensions and 2^31 values, got [-2]',
    ],
    ['no name', { name: '' }, 'expected every initializer to have a name, got one without a name'],
  ])('refuses a tensor with %s', (_, changes, message) => {
    expect(refusal(file({ graph: graph({ initializer: [{ ...weights, ...changes }] }) }))).toBe(message);
  });

  it.each<[string, GraphInit, string]>([
    ['an initializer', { initializer: [weights, weights] }, 'initializer "w" is defined twice'],
    ['an input', { input: [value('x'), value('x')] }, 'input "x" is listed twice'],
    ['an output', { output: [value('y'), value('y')] }, 'output "y" is listed twice'],
    [
      'a result',
      { node: [0, 1].map((i) => ({ name: `n${i}`, opType: 'Neg', input: ['x'], output: ['y'] })) },
      'node "n1": "y" is defined twice',
    ],
  ])('refuses %s with a duplicate name', (_, changes, message) => {
    expect(refusal(file({ graph: graph(changes) }))).toBe(message);
  });

  it('refuses cycles', () => {
    const node = [
      { name: 'a', opType: 'Neg', input: ['q'], output: ['p'] },
      { name: 'b', opType: 'Neg', input: ['p'], output: ['q'] },
    ];
    expect(refusal(file({ graph: graph({ node }) }))).toBe(
      'node "a": nothing before it defines its input "q"; sort the nodes topologically',
    );
  });

  it('refuses a graph without outputs', () => {
    expect(refusal(file({ graph: graph({ output: [] }) }))).toBe('expected a graph with outputs, got none');
  });

  it('refuses names that cannot be printed on one line', () => {
    expect(refusal(file({ graph: graph({ name: 'a\nb\u202e' }) }))).toBe(
      'graph "a?b?...": expected a name of at most 1000 characters, without control characters, got 4 characters',
    );
    expect(refusal(file({ graph: graph({ input: [value('x'.repeat(1001))] }) }))).toMatch(
      /got 1001 characters$/,
    );
    const escape = '\u001b[2J';
    const strange: readonly GraphInit[] = [
      { input: [value(escape), value(escape)] },
      { sparseInitializer: [{ values: { name: escape } }] },
      { initializer: [{ ...weights, name: escape, floatData: [] }] },
      { node: [{ name: escape, opType: 'Nope', input: ['x'], output: ['y'] }] },
    ];
    for (const changes of strange) {
      expect(refusal(file({ graph: graph(changes) }))).toMatch(/"\?\[2J\.\.\.": expected a name/);
    }
  });

  it('refuses deeply nested graphs', () => {
    let inner = graph();
    for (let level = 0; level < 17; level++) {
      const attribute = [{ name: 'then_branch', type: AttributeType.GRAPH, g: inner }];
      inner = graph({ node: [{ opType: 'If', input: ['x'], output: ['y'], attribute }] });
    }
    expect(refusal(file({ graph: inner }))).toBe('expected at most 16 levels of nested graphs');
  });

  it('refuses millions of empty messages before they are decoded', () => {
    // Each takes two bytes: the tag of the graph's node field, and the length 0.
    const nodes = new Uint8Array(2 ** 21).map((_, i) => (i % 2 === 0 ? 0x0a : 0));
    const bytes = Uint8Array.from([0x3a, 0x80, 0x80, 0x80, 0x01]);
    expect(refusal(new Uint8Array(Buffer.concat([bytes, nodes])))).toBe(
      'expected at most 262144 messages (nodes, attributes, tensors, ...) in a file',
    );
  });

  it('names a few of many refused nodes, and lists all of them in the error', () => {
    const node = Array.from({ length: 40_000 }, (_, i) => ({
      name: `n${i}`,
      opType: 'Nope',
      input: ['x'],
      output: [`y${i}`],
    }));
    const bytes = file({ graph: graph({ node, output: [value('y0')] }) });
    expect(refusal(bytes)).toMatch(/^40000 nodes of the ONNX file cannot be read: .*"n9", and 39990 more\)$/);
    const thrown = thrownBy(bytes);
    expect(thrown instanceof UnsupportedOpError && thrown.refusals.length).toBe(40_000);
  });
});

describe('tensors in external data files', () => {
  const data = new Uint8Array(new Float32Array([0, 1, 2, 3]).buffer);
  const external = (entries: Readonly<Record<string, string>>): Uint8Array => {
    const externalData = Object.entries(entries).map(([key, text]) => ({ key, value: text }));
    const tensor: TensorInit = {
      name: 'w',
      dims: [2n],
      dataType: FLOAT,
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData,
    };
    return file({ graph: graph({ initializer: [tensor] }) });
  };

  it('are read', () => {
    const bytes = external({ location: 'weights.bin', offset: '8', length: '8' });
    expect(externalFiles(bytes)).toEqual(['weights.bin']);
    const { graph: decoded } = decodeOnnx(bytes, { 'weights.bin': data });
    expect(decoded.initializers.get('w')?.decode().data).toEqual(Float32Array.of(2, 3));
    // A Buffer from readFile can be part of a larger, shared ArrayBuffer.
    const buffer = Buffer.concat([Buffer.of(0), Buffer.from(data)]).subarray(1);
    const again = decodeOnnx(bytes, { 'weights.bin': buffer });
    expect(again.graph.initializers.get('w')?.decode().data).toEqual(Float32Array.of(2, 3));
  });

  it.each([
    [{ location: 'other.bin' }, 'its data is in "other.bin"; pass that file along with the .onnx file'],
    [{ location: 'constructor' }, 'its data is in "constructor"; pass that file along with the .onnx file'],
    [{ offset: '0' }, 'its data is external, but the file does not say where'],
    [
      { location: 'weights.bin', offset: '12', length: '8' },
      'expected 8 bytes at offset 12 of "weights.bin", which has only 16 bytes',
    ],
    [{ location: 'weights.bin', offset: '-8' }, 'expected integers for the offset and length of its data'],
    [{ location: 'weights.bin', offset: '20' }, 'expected integers for the offset and length of its data'],
    [{ location: 'weights.bin', length: '12' }, 'expected 8 bytes for float32 [2], got 12'],
  ])('%o', (entries, message) => {
    expect(refusal(external(entries), { externalData: { 'weights.bin': data } })).toBe(
      `tensor "w": ${message}`,
    );
  });

  it.each(['../../etc/passwd', '/etc/passwd', 'C:\\secrets', 'a/../../b', '..\\b', '\\\\host\\share', ''])(
    'are refused if their location is "%s", outside the folder',
    (location) => {
      const message = `tensor "w": expected its data in the folder of the .onnx file, got "${location}"`;
      expect(refusal(external({ location }), { externalData: { [location]: data } })).toBe(message);
      expect(() => externalFiles(external({ location }))).toThrow(message);
    },
  );
});
