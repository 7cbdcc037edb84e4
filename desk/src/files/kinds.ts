// What a file is by its first bytes, in words; and what a computer does with it by its name, which bytes do not say.
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { FileKind } from "../../worker/kind.ts";

/** What readers are told that a file is. */
export type ShownKind = FileKind | "script";

export const KIND: Record<ShownKind, MessageDescriptor> = {
  png: msg`PNG picture`,
  jpeg: msg`JPEG picture`,
  gif: msg`GIF picture`,
  webp: msg`WebP picture`,
  avif: msg`AVIF picture`,
  pdf: msg`PDF document`,
  zip: msg`ZIP archive, or a document made of one`,
  gzip: msg`gzip archive`,
  program: msg`program`,
  script: msg`script, which a computer runs when it is opened`,
  page: msg`web page or drawing, which can run scripts`,
  text: msg`text`,
  other: msg`of an unknown kind`,
};

/** Endings that a system runs, or follows to what it runs. A text has no bytes of its own by which that could be seen. */
const RUN = new Set(
  (
    "bat cmd com pif scr cpl exe msi msp mst msc js jse vb vbs vbe wsf wsh ws wsc sct hta ps1 psm1 psd1 ps1xml cdxml pssc reg inf scf lnk url website " +
    "library-ms search-ms searchconnector-ms settingcontent-ms appref-ms application gadget chm hlp diagcab msix appx xll iqy slk ahk au3 rdp " +
    "sh bash zsh csh tcsh ksh fish command tool terminal workflow action scpt scptd applescript app pkg mpkg webloc inetloc fileloc mobileconfig " +
    "desktop run appimage deb rpm flatpakref snap service jar jnlp apk py pyw pyz pyc rb pl php lua tcl"
  ).split(" "),
);

/** Whether a system runs a file of this name. Some take away dots and blanks at its end. */
function isRun(name: string): boolean {
  const ending = /\.([^.]*)$/u.exec(name.replace(/[.\s]+$/u, ""))?.[1];
  return ending !== undefined && RUN.has(ending.toLowerCase());
}

/** What a file is to its readers; null where that is not known. A script stays one that begins like a picture. */
export const shownKind = (name: string, kind: FileKind | null): ShownKind | null => (isRun(name) && kind !== "program" && kind !== "page" ? "script" : kind);

/** What can do harm when it is opened. */
export const isRisky = (kind: ShownKind): boolean => kind === "program" || kind === "page" || kind === "script";

/** Largest file that is looked at as soon as somebody sees its name, in bytes: one piece. */
const LOOKED_AT_MAX = 1_000_000;
const PICTURE_NAME = /\.(png|jpe?g|gif|webp)$/iu;
const PICTURE_BYTES_MAX = 16 * 1024 * 1024;

/** Whether a file is opened without being asked for: what may be a picture, and what is small. */
export const isLookedAt = (name: string, size: number): boolean => size <= (PICTURE_NAME.test(name) ? PICTURE_BYTES_MAX : LOOKED_AT_MAX);
