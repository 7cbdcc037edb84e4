// What a file is by its first bytes, whatever its name and its author say. Pictures are those alone that a browser decodes into dots, and
// that say where its decoder looks how many: no form that holds scripts, links or pages is one. AVIF is none either: what its boxes say and
// what the film inside them says need not be the same, and decoders make room for the film.

export type PictureKind = "png" | "jpeg" | "gif" | "webp";
export type FileKind = PictureKind | "avif" | "pdf" | "zip" | "gzip" | "program" | "page" | "text" | "other";

const MEDIA: Record<PictureKind, string> = {
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};

/** How much of a text is looked at. */
const LOOKED_AT = 4_096;
const START = 512;

const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

function begins(bytes: Uint8Array, ...with_: number[]): boolean {
  return with_.every((byte, n) => bytes[n] === byte);
}

export const mediaType = (kind: PictureKind): string => MEDIA[kind];

export const isPicture = (kind: FileKind): kind is PictureKind => kind in MEDIA;

export function kindOf(bytes: Uint8Array): FileKind {
  if (begins(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "png";
  if (begins(bytes, 0xff, 0xd8, 0xff)) return "jpeg";
  const head = ascii(bytes, 0, 16);
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "webp";
  if (head.slice(4, 12) === "ftypavif" || head.slice(4, 12) === "ftypavis") return "avif";
  if (head.startsWith("%PDF-")) return "pdf";
  if (begins(bytes, 0x50, 0x4b, 0x03, 0x04) || begins(bytes, 0x50, 0x4b, 0x05, 0x06)) return "zip";
  if (begins(bytes, 0x1f, 0x8b)) return "gzip";
  if (head.startsWith("MZ") || head.startsWith("\x7fELF") || head.startsWith("#!")) return "program";
  if ([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe].includes(be32(bytes, 0) ?? 0)) return "program";
  return textKind(bytes);
}

function textKind(bytes: Uint8Array): FileKind {
  const start = bytes.subarray(0, LOOKED_AT);
  // A text has no such controls: tab, line feed, form feed and carriage return alone.
  if (start.some((byte) => byte < 9 || byte === 11 || (byte > 13 && byte < 32 && byte !== 27))) return "other";
  try {
    // The end may cut a letter in two.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: true });
    return /<(!doctype|html|svg|script|\?xml|body|iframe)/i.test(text.slice(0, START)) ? "page" : "text";
  } catch {
    return "other";
  }
}

export interface Size {
  width: number;
  height: number;
}

/** How many dots a decoder makes room for; null where a picture does not say so in a form that every decoder reads alike. */
export function sizeOf(kind: PictureKind, bytes: Uint8Array): Size | null {
  switch (kind) {
    case "png":
      return ascii(bytes, 12, 16) === "IHDR" ? sized(be32(bytes, 16), be32(bytes, 20)) : null;
    case "gif":
      return gifSize(bytes);
    case "jpeg":
      return jpegSize(bytes);
    case "webp":
      return webpSize(bytes);
  }
}

function sized(width: number | null, height: number | null): Size | null {
  return width !== null && height !== null && width > 0 && height > 0 ? { width, height } : null;
}

const number = (bytes: Uint8Array, places: number[]): number | null => {
  let value = 0;
  for (const place of places) {
    const byte = bytes[place];
    if (byte === undefined) return null;
    value = value * 256 + byte;
  }
  return value;
};
const be16 = (bytes: Uint8Array, at: number) => number(bytes, [at, at + 1]);
const be32 = (bytes: Uint8Array, at: number) => number(bytes, [at, at + 1, at + 2, at + 3]);
const le16 = (bytes: Uint8Array, at: number) => number(bytes, [at + 1, at]);
const le32 = (bytes: Uint8Array, at: number) => number(bytes, [at + 3, at + 2, at + 1, at]);
const le24 = (bytes: Uint8Array, at: number) => number(bytes, [at + 2, at + 1, at]);

/** The size that takes in both. */
function larger(one: Size | null, other: Size | null): Size | null {
  if (!one || !other) return one ?? other;
  return { width: Math.max(one.width, other.width), height: Math.max(one.height, other.height) };
}

/** Markers that may stand before a frame, with their length behind them: tables, restarts, arithmetic, notes of programs and of people. */
const isSegment = (marker: number): boolean => [0xc4, 0xcc, 0xdb, 0xdc, 0xdd, 0xfe].includes(marker) || (marker >= 0xe0 && marker <= 0xef);

/**
 * Goes from segment to segment up to the scan, over each frame that is named. A marker that decoders skip or refuse ends it: behind one that
 * they skip without its length, this would read other bytes than they do.
 */
function jpegSize(bytes: Uint8Array): Size | null {
  let found: Size | null = null;
  for (let at = 2; bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xda) break;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const size = sized(be16(bytes, at + 7), be16(bytes, at + 5));
      if (!size) return null;
      found = larger(found, size);
    }
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else if (isFrame || isSegment(marker)) at += 2 + Math.max(2, be16(bytes, at + 2) ?? 0);
    else return found;
  }
  return found;
}

/** The larger of its canvas and of each picture on it, which stand in chunks one after the other. */
function webpSize(bytes: Uint8Array): Size | null {
  let found: Size | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = le32(bytes, at + 4) ?? 0;
    found = larger(found, chunkSize(bytes, at));
    if (found === null) return null;
    // The pictures of a film stand in chunks of their own, behind where each is on the canvas.
    at += ascii(bytes, at, at + 4) === "ANMF" ? 24 : 8 + length + (length % 2);
  }
  return found;
}

/** How large the picture or canvas of one chunk is; null where it has none. */
function chunkSize(bytes: Uint8Array, at: number): Size | null {
  switch (ascii(bytes, at, at + 4)) {
    case "VP8 ":
      return sized((le16(bytes, at + 14) ?? 0) & 0x3fff, (le16(bytes, at + 16) ?? 0) & 0x3fff);
    case "VP8L": {
      const bits = le32(bytes, at + 9);
      return bits === null ? null : sized((bits & 0x3fff) + 1, (Math.floor(bits / 0x4000) & 0x3fff) + 1);
    }
    case "VP8X":
      return sized((le24(bytes, at + 12) ?? -1) + 1, (le24(bytes, at + 15) ?? -1) + 1);
    case "ANMF":
      return sized((le24(bytes, at + 14) ?? -1) + 1, (le24(bytes, at + 17) ?? -1) + 1);
    default:
      return null;
  }
}

/** The larger of its screen and of each of its pictures, which decoders make their screen fit to. */
function gifSize(bytes: Uint8Array): Size | null {
  const screen = sized(le16(bytes, 6), le16(bytes, 8));
  const colours = (at: number) => ((bytes[at] ?? 0) & 0x80 ? 3 << (((bytes[at] ?? 0) & 7) + 1) : 0);
  let found: Size | null = null;
  for (let at = 13 + colours(10); bytes[at] === 0x21 || bytes[at] === 0x2c; ) {
    if (bytes[at] === 0x2c) {
      const [left, top, wide, high] = [1, 3, 5, 7].map((place) => le16(bytes, at + place));
      if (left == null || top == null || wide == null || high == null) return found;
      found = larger(found, sized(left + wide, top + high));
      at += 11 + colours(at + 9);
    } else at += 2;
    // An extension and the dots of a picture come in blocks that name their length.
    for (let length = bytes[at]; length; length = bytes[at]) at += length + 1;
    at += 1;
  }
  return screen && found && larger(screen, found);
}
