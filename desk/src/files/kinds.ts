// What a file is by its first bytes, in words.
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { FileKind } from "../../worker/kind.ts";

export const KIND: Record<FileKind, MessageDescriptor> = {
  png: msg`PNG picture`,
  jpeg: msg`JPEG picture`,
  gif: msg`GIF picture`,
  webp: msg`WebP picture`,
  avif: msg`AVIF picture`,
  pdf: msg`PDF document`,
  zip: msg`ZIP archive, or a document made of one`,
  gzip: msg`gzip archive`,
  program: msg`program`,
  page: msg`web page or drawing, which can run scripts`,
  text: msg`text`,
  other: msg`of an unknown kind`,
};

/** What can do harm when it is opened. */
export const isRisky = (kind: FileKind): boolean => kind === "program" || kind === "page";

/** Largest file that is looked at as soon as somebody sees its name, in bytes: one piece. */
const LOOKED_AT_MAX = 1_000_000;
const PICTURE_NAME = /\.(png|jpe?g|gif|webp|avif)$/iu;
const PICTURE_BYTES_MAX = 16 * 1024 * 1024;

/** Whether a file is opened without being asked for: what may be a picture, and what is small. */
export const isLookedAt = (name: string, size: number): boolean => size <= (PICTURE_NAME.test(name) ? PICTURE_BYTES_MAX : LOOKED_AT_MAX);
