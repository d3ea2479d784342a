// Renders the reference of the ops. An op is documented on its property of the interface `Signatures`, whose type is a call
// signature that TypeDoc does not write out, so each op becomes a section with its call, attributes and errors.
import type { OpName } from '@isonet/core';
import { definitionOf } from '@isonet/core';
import type { Comment, CommentDisplayPart, Context, DeclarationReflection } from 'typedoc';
import ts from 'typescript';
import { opGroups, opsOfGroup } from './opGroups.ts';

/** The documentation of an op. */
interface OpDocs {
  readonly signature: string;
  readonly comment: Comment;
  readonly attributes: readonly string[];
}

/**
 * Renders all ops as sections of Markdown, by group.
 * @param module the file that declares the interface `Signatures`
 * @throws Error for an op without a docstring
 */
export function opSections(module: DeclarationReflection, context: Context): string {
  const signatures = module.children?.find(({ name }) => name === 'Signatures');
  if (!signatures) throw new Error(`${module.name}: expected the interface Signatures`);
  const sections = opGroups.map((group) => {
    const ops = opsOfGroup(group).map((op) => opSection(op, docsOf(op, signatures, context)));
    return [`## ${group}`, ...ops].join('\n\n');
  });
  return [
    'The ops of a graph: methods of `b.op` of a `GraphBuilder` and of `scope.op` in a layer. None broadcasts, and each checks the',
    'types of its inputs when the graph is built. [Which backend has a kernel for which op](../../compatibility.md).\n',
    ...sections,
  ].join('\n');
}

function docsOf(op: OpName, signatures: DeclarationReflection, context: Context): OpDocs {
  const property = signatures.children?.find(({ name }) => name === op);
  const symbol = property && context.getSymbolFromReflection(property);
  if (!property?.comment || !symbol) throw new Error(`the op ${op} has no docstring on its signature`);
  const [program] = context.programs;
  if (!program) throw new Error('TypeDoc compiled nothing');
  const checker = program.getTypeChecker();
  const type = checker.getTypeOfSymbol(symbol);
  const [call] = type.getCallSignatures();
  if (!call) throw new Error(`the op ${op} has no call signature`);
  const signature = checker.signatureToString(call, undefined, ts.TypeFormatFlags.NoTruncation);
  const [attrs] = checker
    .getPropertiesOfType(type)
    .filter(({ name }) => name.startsWith('__@parts'))
    .map((parts) => checker.getNonNullableType(checker.getTypeOfSymbol(parts)))
    .flatMap((parts) => parts.getProperty('attrs') ?? []);
  const attributes = attrs ? attributeLines(checker, checker.getTypeOfSymbol(attrs)) : [];
  return { signature, comment: property.comment, attributes };
}

/** Renders a list item per attribute: ``- `rate` (`number`): The probability ...`` */
function attributeLines(checker: ts.TypeChecker, attrs: ts.Type): readonly string[] {
  return attrs.getProperties().map((attribute) => {
    const type = checker.typeToString(checker.getTypeOfSymbol(attribute));
    const text = ts.displayPartsToString(attribute.getDocumentationComment(checker)).replaceAll('\n', ' ');
    return `- \`${attribute.name}\` (\`${type}\`)${text === '' ? '' : `: ${text}`}`;
  });
}

function opSection(op: OpName, { signature, comment, attributes }: OpDocs): string {
  const { kind } = definitionOf(op);
  const throws = comment.blockTags
    .filter(({ tag }) => tag === '@throws')
    .map(({ content }) => textOf(content));
  return [
    `### ${op}`,
    `\`\`\`ts\nop.${op}${signature}\n\`\`\``,
    textOf(comment.summary),
    ...(attributes.length > 0 ? [`Attributes:\n\n${attributes.join('\n')}`] : []),
    ...(throws.length > 0 ? [`Throws ${throws.join('; ')}.`] : []),
    `A ${kind}. [Source](../../../packages/core/src/ops/${op}.ts)`,
  ].join('\n\n');
}

function textOf(parts: readonly CommentDisplayPart[]): string {
  return parts
    .map((part) => part.text)
    .join('')
    .trim();
}
