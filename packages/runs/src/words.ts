/** Formats a count with its noun, `1 epoch` or `1,200 epochs`. @param plural if it is not formed with an s: `2 classes` */
export function counted(n: number, singular: string, plural: string = `${singular}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? singular : plural}`;
}
