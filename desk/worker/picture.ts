// A picture of others as dots, and nothing else of it: decoded here, bounded before it is decoded, and made small before the page has it.
import { type FileKind, isPicture, kindOf, mediaType, sizeOf } from "./kind.ts";

/** Largest file that is decoded, in bytes. */
export const PICTURE_BYTES_MAX = 16 * 1024 * 1024;
/** Most dots that a decoder makes room for: 160 MB for as long as it takes. */
const DOTS_MAX = 40_000_000;
/** Longest side that the page is given. */
const SHOWN_SIDE_MAX = 1_600;

export type Picture =
  | { state: "shown"; kind: FileKind; bitmap: ImageBitmap }
  /** It is a picture with too many dots, or one that no decoder reads; or it is none. */
  | { state: "large" | "undrawn" | "none"; kind: FileKind };

/** The first picture of a file, small enough for the page; or why there is none. */
export async function pictureOf(bytes: Uint8Array): Promise<Picture> {
  const kind = kindOf(bytes);
  if (!isPicture(kind)) return { state: "none", kind };
  const size = sizeOf(kind, bytes);
  if (!size) return { state: "undrawn", kind };
  if (size.width * size.height > DOTS_MAX) return { state: "large", kind };
  let whole: ImageBitmap;
  try {
    whole = await createImageBitmap(new Blob([bytes as BufferSource], { type: mediaType(kind) }));
  } catch {
    return { state: "undrawn", kind };
  }
  const scale = Math.min(1, SHOWN_SIDE_MAX / Math.max(whole.width, whole.height));
  if (scale === 1) return { state: "shown", kind, bitmap: whole };
  const [width, height] = [whole.width, whole.height].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context) context.imageSmoothingQuality = "high";
  context?.drawImage(whole, 0, 0, width, height);
  whole.close();
  return { state: "shown", kind, bitmap: canvas.transferToImageBitmap() };
}
