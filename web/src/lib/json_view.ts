/**
 * A record's own characters, cut into pieces for the screen.
 *
 * Nothing is added, dropped or reordered: joined again the pieces are the record.
 * Line breaks that only the screen shows are a property of a piece, never a character of it.
 */

export interface Piece {
  text: string;
  kind: "key" | "string" | "plain";
  lit: boolean;
  /** Spaces of indentation when a line begins before this piece; null when none begins. */
  indent: number | null;
}

/** Python counts characters, a browser counts UTF-16 units: an emoji is one there and two here. */
export function unitOffset(text: string, characters: number): number {
  let units = 0;
  for (let seen = 0; seen < characters && units < text.length; seen += 1) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}

interface Token {
  start: number;
  end: number;
  kind: Piece["kind"];
  indent: number | null;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]|[^"{}[\],]+|"/gsu;

function tokensOf(text: string, indented: boolean): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let breakBefore = false;
  let opened = false;
  for (const match of text.matchAll(TOKEN)) {
    const word = match[0];
    const start = match.index;
    const end = start + word.length;
    const closes = word === "}" || word === "]";
    if (closes) depth -= 1;
    const blank = word.trim() === "";
    const breaks = indented && !blank && ((breakBefore && !(opened && closes)) || (closes && !opened));
    tokens.push({ start, end, kind: kindOf(word, text, end), indent: breaks ? depth * 2 : null });
    if (blank) continue;
    opened = word === "{" || word === "[";
    if (opened) depth += 1;
    breakBefore = opened || word === ",";
  }
  return tokens;
}

function kindOf(word: string, text: string, end: number): Piece["kind"] {
  if (!word.startsWith('"') || word.length < 2) return "plain";
  return /^\s*:/.test(text.slice(end, end + 16)) ? "key" : "string";
}

export function piecesOf(text: string, lit: { start: number; end: number } | null, indented: boolean): Piece[] {
  const pieces: Piece[] = [];
  for (const token of tokensOf(text, indented)) {
    const cuts = [token.start, token.end];
    if (lit) cuts.push(...[lit.start, lit.end].filter((at) => at > token.start && at < token.end));
    cuts.sort((a, b) => a - b);
    for (let index = 0; index + 1 < cuts.length; index += 1) {
      const start = cuts[index] as number;
      const end = cuts[index + 1] as number;
      pieces.push({
        text: text.slice(start, end),
        kind: token.kind,
        lit: lit !== null && start >= lit.start && end <= lit.end,
        indent: index === 0 ? token.indent : null,
      });
    }
  }
  return pieces;
}

/** Only a record that is JSON is laid out; everything else is shown as it is. */
export function looksLikeJson(text: string, mediaType: string | null): boolean {
  return /json/i.test(mediaType ?? "") || /^\s*[{[]/.test(text);
}
