import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRows, toDrawable } from "./font.js";
import type { Frame } from "./frame.js";
import type { Size } from "./shapes.js";

const MAX_LINES = 6;
const WHITE = 235;

interface Layout {
  lines: string[];
  /** Frame pixels per font pixel. */
  scale: number;
}

/** Greedy wrapping; a word longer than a line is split. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((long) => long.match(new RegExp(`.{1,${columns}}`, "gu")) ?? [])) {
    const longer = line ? `${line} ${word}` : word;
    if (longer.length <= columns) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return line ? [...lines, line] : lines;
}

function layOut(text: string, { width }: Size): Layout {
  const largest = Math.max(2, Math.round(width / 213));
  for (let scale = largest; scale >= 1; scale--) {
    const lines = wrap(text, Math.max(1, Math.floor(width / (scale * (GLYPH_WIDTH + 1))) - 2));
    const smallest = scale === Math.max(1, largest - 1);
    if (lines.length <= 3 || smallest) return { scale, lines: cut(lines) };
  }
  return { lines: [], scale: 1 };
}

function cut(lines: string[]): string[] {
  if (lines.length <= MAX_LINES) return lines;
  const last = lines[MAX_LINES - 1] as string;
  return [...lines.slice(0, MAX_LINES - 1), `${last.slice(0, -3)}...`];
}

/** Calls back with the top left corner of every font pixel that is set. */
function eachPixel(line: string, draw: (column: number, row: number) => void): void {
  [...line].forEach((character, index) => {
    glyphRows(character).forEach((bits, row) => {
      for (let bit = 0; bit < GLYPH_WIDTH; bit++)
        if (bits & (1 << (GLYPH_WIDTH - 1 - bit))) draw(index * (GLYPH_WIDTH + 1) + bit, row);
    });
  });
}

function litPixels({ lines, scale }: Layout, size: Size, top: number): Uint32Array {
  const lit: number[] = [];
  lines.forEach((line, number) => {
    const left = Math.max(0, Math.floor((size.width - line.length * scale * (GLYPH_WIDTH + 1)) / 2));
    const lineTop = top + number * scale * (GLYPH_HEIGHT + 2);
    eachPixel(line, (column, row) => {
      for (let dy = 0; dy < scale; dy++)
        for (let dx = 0; dx < scale; dx++)
          lit.push((lineTop + row * scale + dy) * size.width + left + column * scale + dx);
    });
  });
  return Uint32Array.from(lit);
}

/** Draws the prompt in white on a darkened band along the bottom of a frame. */
export function createCaption(text: string, size: Size): (frame: Frame) => void {
  const layout = layOut(toDrawable(text), size);
  const lineHeight = layout.scale * (GLYPH_HEIGHT + 2);
  const margin = 6 * layout.scale;
  const bandTop = Math.max(0, size.height - layout.lines.length * lineHeight - 2 * margin) & ~1;
  const lit = litPixels(layout, size, bandTop + margin + layout.scale);
  return ({ width, y, u, v }) => {
    for (let i = bandTop * width; i < y.length; i++) y[i] = 16 + (((y[i] as number) - 16) >> 2);
    for (let i = (bandTop * width) >> 2; i < u.length; i++) {
      u[i] = 128 + (((u[i] as number) - 128) >> 2);
      v[i] = 128 + (((v[i] as number) - 128) >> 2);
    }
    for (const pixel of lit) y[pixel] = WHITE;
  };
}
