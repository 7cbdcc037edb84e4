// What a file is by its first bytes, whatever its name and its author say. Pictures are those alone that a browser decodes into dots: no
// form that holds scripts, links or pages is one.

export type PictureKind = "png" | "jpeg" | "gif" | "webp" | "avif";
export type FileKind = PictureKind | "pdf" | "zip" | "gzip" | "program" | "page" | "text" | "other";

const MEDIA: Record<PictureKind, string> = {
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
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

/** How many dots a picture says that it has; null where it does not say so. A decoder takes memory for all of them. */
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
    case "avif":
      return avifSize(bytes);
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
const le24 = (bytes: Uint8Array, at: number) => number(bytes, [at + 2, at + 1, at]);

/** Goes from segment to segment up to the one that begins a frame. */
function jpegSize(bytes: Uint8Array): Size | null {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return sized(be16(bytes, at + 7), be16(bytes, at + 5));
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + Math.max(2, be16(bytes, at + 2) ?? 0);
  }
  return null;
}

function webpSize(bytes: Uint8Array): Size | null {
  switch (ascii(bytes, 12, 16)) {
    case "VP8 ":
      return sized((le16(bytes, 26) ?? 0) & 0x3fff, (le16(bytes, 28) ?? 0) & 0x3fff);
    case "VP8L": {
      const low = le24(bytes, 21) ?? 0;
      const bits = low + (bytes[24] ?? 0) * 0x1000000;
      return sized((bits & 0x3fff) + 1, (Math.floor(bits / 0x4000) & 0x3fff) + 1);
    }
    case "VP8X":
      return sized((le24(bytes, 24) ?? -1) + 1, (le24(bytes, 27) ?? -1) + 1);
    default:
      return null;
  }
}

/** The larger of its screen and its first picture, which decoders make their screen fit to. */
function gifSize(bytes: Uint8Array): Size | null {
  const screen = sized(le16(bytes, 6), le16(bytes, 8));
  const colours = (at: number) => ((bytes[at] ?? 0) & 0x80 ? 3 << (((bytes[at] ?? 0) & 7) + 1) : 0);
  let at = 13 + colours(10);
  // Extensions come before it, each in blocks that name their length.
  while (bytes[at] === 0x21) {
    at += 2;
    for (let length = bytes[at]; length; length = bytes[at]) at += length + 1;
    at += 1;
  }
  const [left, top, wide, high] = [1, 3, 5, 7].map((place) => le16(bytes, at + place));
  if (!screen || bytes[at] !== 0x2c || left == null || top == null || wide == null || high == null) return null;
  return sized(Math.max(screen.width, left + wide), Math.max(screen.height, top + high));
}

/**
 * The largest of the sizes that its properties name: a picture, its tiles and its small form have one each. All of them stand in one box, and
 * a film, whose size stands elsewhere, is no picture.
 */
function avifSize(bytes: Uint8Array): Size | null {
  if (ascii(bytes, 8, 12) === "avis") return null;
  const meta = boxNamed(bytes, "meta");
  if (meta === null) return null;
  let largest: Size | null = null;
  for (let at = meta.from; at + 16 <= meta.to; at++) {
    if (bytes[at] !== 0x69 || ascii(bytes, at, at + 4) !== "ispe") continue;
    const found = sized(be32(bytes, at + 8), be32(bytes, at + 12));
    if (found && (!largest || found.width * found.height > largest.width * largest.height)) largest = found;
  }
  return largest;
}

/** Where the box of a name is, among those that a file has one after the other; null where it is not there whole. */
function boxNamed(bytes: Uint8Array, name: string): { from: number; to: number } | null {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = be32(bytes, at) ?? 0;
    // What names no length, or one of 64 bits, is not what cameras and programs write.
    if (size < 8) return null;
    if (ascii(bytes, at + 4, at + 8) === name) return at + size <= bytes.length ? { from: at, to: at + size } : null;
    at += size;
  }
  return null;
}
