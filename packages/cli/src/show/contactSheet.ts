// Renders an image folder as a self-contained HTML page, without scripts, fonts or other files.
import type { FolderReport, Thumbnail } from '@isonet/data';
import sharp from 'sharp';
import type { FolderLines } from './folderReport.ts';
import { groupText } from './folderReport.ts';
import { count } from './text.ts';
import { visible } from './visible.ts';

/** The side of a tile, in pixels. */
const SIDE = 96;

/** Renders the page. */
export async function contactSheet(report: FolderReport, lines: FolderLines): Promise<string> {
  const { folder, classes, thumbnails, unreadable, duplicates, inkLost, notes } = report;
  const sections: string[] = [];
  for (const [label, { name, pictures }] of classes.entries()) {
    const own = thumbnails.filter((thumbnail) => thumbnail.label === label);
    const tiles: string[] = [];
    for (const thumbnail of own) tiles.push(await tile(thumbnail));
    const shown = own.length < pictures ? `${count(own.length)} of ${count(pictures)}` : count(pictures);
    sections.push(
      `<section><h2>${text(name)} <small>${shown}</small></h2><div class="tiles">${tiles.join('')}</div></section>`,
    );
  }
  const groups = [...duplicates.files, ...duplicates.pixels];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(folder)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${text(folder)}</h1>
<p>${text(lines.headline.replace(/^data: /, ''))}</p>
<pre>${lines.facts.map(text).join('\n')}</pre>
${listed(
  'Unreadable',
  unreadable.map(({ error }) => error),
)}
${listed('Duplicates', groups.map(groupText))}
${listed('Blank on black', inkLost)}
${listed('Notes', notes)}
${sections.join('\n')}
</body>
</html>
`;
}

async function tile({ path, image, shape, width, height }: Thumbnail): Promise<string> {
  const [channels, down, across] = shape;
  const area = down * across;
  const interleaved = Uint8Array.from(image, (_, i) => image[(i % 3) * area + Math.floor(i / 3)]!);
  const raw = sharp(interleaved, { raw: { width: across, height: down, channels: channels as 3 } });
  // Small images are enlarged pixel by pixel, and JPEG would blur them.
  const scale = Math.max(1, Math.floor(SIDE / Math.max(down, across)));
  const kind = scale > 1 ? 'png' : 'jpeg';
  const encoded = await (kind === 'png' ? raw.png() : raw.jpeg({ quality: 85 })).toBuffer();
  const source = `data:image/${kind};base64,${encoded.toString('base64')}`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    `<figure title="${text(`${path}, ${width} x ${height}`)}"><img src="${source}" width="${across * scale}" height="${down * scale}" alt="">` +
    `<figcaption>${text(name)}</figcaption></figure>`
  );
}

function listed(head: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  return `<section class="found"><h2>${head} <small>${count(items.length)}</small></h2><ul>${items.map((item) => `<li>${text(item)}</li>`).join('')}</ul></section>`;
}

/** Escapes a text for HTML. */
function text(raw: string): string {
  const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const;
  return visible(raw).replaceAll(/[&<>"']/g, (character) => escapes[character as keyof typeof escapes]);
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.6rem 0 .5rem; overflow-wrap: anywhere; }
small { font-weight: normal; opacity: .65; }
pre { overflow-x: auto; font: .85rem/1.5 ui-monospace, monospace; }
.tiles { display: flex; flex-wrap: wrap; gap: .5rem; }
figure { margin: 0; width: 6.2rem; }
img { display: block; margin: 0 auto; max-width: 100%; outline: 1px solid #8884; }
img[src^='data:image/png'] { image-rendering: pixelated; }
figure { display: flex; flex-direction: column; justify-content: flex-end; }
figcaption { font-size: .7rem; opacity: .65; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: center; }
.found { border-left: 3px solid #c60; padding-left: .8rem; }
.found ul { margin: 0; padding-left: 1rem; overflow-wrap: anywhere; }
`;
