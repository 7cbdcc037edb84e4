import { describe, expect, test } from "vitest";

import { isPicture, kindOf, type PictureKind, sizeOf } from "../../worker/kind.ts";
import { isRisky, shownKind } from "./kinds.ts";
import { judged, sized } from "./limits.ts";
import { shownName } from "./name.ts";

const MIB = 1024 * 1024;
const limits = { file_bytes_max: 25 * MIB, files_max: 16, message_bytes_max: 64 * MIB };
const file = (padded: number | null) => ({ size: padded ?? 0, padded });

describe("limits", () => {
  test("each file is judged by itself, and those that are refused take no room", () => {
    expect(judged([], [file(30 * MIB), file(25 * MIB), file(25 * MIB), file(25 * MIB), file(14 * MIB), file(null)], limits)).toEqual([
      "large",
      null,
      null,
      "together",
      null,
      "large",
    ]);
  });
  test("a message has so many, with those that were chosen before", () => {
    const many = Array.from({ length: 15 }, () => file(4_096));
    expect(judged(many, [file(4_096), file(4_096)], limits)).toEqual([null, "many"]);
  });
  test("a desk may take none", () => {
    expect(judged([], [file(4_096)], { ...limits, file_bytes_max: 0 })).toEqual(["off"]);
  });
  test("sizes are said as people say them", () => {
    expect([0, 812, 1_024, 1_500_000, 25 * MIB, 120 * MIB].map((bytes) => sized(bytes, "en"))).toEqual([
      "0 bytes",
      "812 bytes",
      "1\u00a0KiB",
      "1.4\u00a0MiB",
      "25\u00a0MiB",
      "120\u00a0MiB",
    ]);
    expect(sized(1_500_000, "de")).toBe("1,4\u00a0MiB");
  });
  test("nothing in a name hides or turns it", () => {
    expect(shownName("invoice\u202Egpj.exe\n\u200B")).toBe("invoice_gpj.exe__");
    expect(shownName("Überblick 表.pdf")).toBe("Überblick 表.pdf");
  });
});

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...part].map((letter) => letter.charCodeAt(0)) : part)));

const PICTURES: [PictureKind, Uint8Array][] = [
  ["png", bytes([0x89], "PNG\r\n", [0x1a, 0x0a, 0, 0, 0, 13], "IHDR", [0, 0, 2, 0x80, 0, 0, 1, 0xe0])],
  ["gif", bytes("GIF89a", [0x80, 0x02, 0xe0, 0x01, 0, 0, 0], [0x2c, 0, 0, 0, 0, 0x80, 0x02, 0xe0, 0x01, 0])],
  // A picture that is larger than the screen, behind a table of two colours and a note.
  ["gif", bytes("GIF89a", [1, 0, 1, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6], [0x21, 0xfe, 2, 9, 9, 0], [0x2c, 0x40, 0, 0x20, 0, 0x40, 0x02, 0xc0, 0x01, 0])],
  ["jpeg", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc4, 0, 3, 9, 0xff, 0xc2, 0, 17, 8, 0x01, 0xe0, 0x02, 0x80, 3, 0, 0])],
  ["webp", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 ", [0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01])],
  ["webp", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8L", [0, 0, 0, 0, 0x2f, 0x7f, 0xc2, 0x77, 0x00])],
  ["webp", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", [10, 0, 0, 0, 0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0])],
];

/** Each says that it is small where a decoder does not look, and is 640 by 480 where it does. */
const LIARS: [string, PictureKind, Uint8Array][] = [
  ["a GIF whose second picture is larger", "gif", bytes("GIF89a", [1, 0, 1, 0, 0, 0, 0], [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 1, 9, 0], [0x2c, 0, 0, 0, 0, 0x80, 0x02, 0xe0, 0x01, 0])],
  ["a WebP film whose canvas is small", "webp", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", [10, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], "ANMF", [42, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0, 0, 0, 0, 0])],
  ["a WebP film whose frame is small", "webp", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", [10, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], "ANMF", [42, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "VP8 ", [10, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01])],
  ["a WebP whose canvas is small", "webp", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", [10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "ICCP", [1, 0, 0, 0, 7, 0], "VP8L", [5, 0, 0, 0, 0x2f, 0x7f, 0xc2, 0x77, 0x00])],
  ["a JPEG with a second frame", "jpeg", bytes([0xff, 0xd8], [0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0], [0xff, 0xc2, 0, 11, 8, 0x01, 0xe0, 0x02, 0x80, 1, 1, 0x11, 0], [0xff, 0xda, 0, 2])],
];
/** A decoder skips two bytes here, and finds the frame of 640 by 480 that the length would jump over. */
const JUMP = bytes([0xff, 0xd8], [0xff, 0x00, 0, 15], [0xff, 0xc0, 0, 11, 8, 0x01, 0xe0, 0x02, 0x80, 1, 1, 0x11, 0], [0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
const AVIF = bytes([0, 0, 0, 16], "ftypavif", [0, 0, 0, 0], [0, 0, 0, 8], "free", [0, 0, 0, 32], "meta", [0, 0, 0, 0], "ispe", [0, 0, 0, 0, 0, 0, 2, 0x80, 0, 0, 1, 0xe0]);

describe("kinds", () => {
  test.each(PICTURES)("a picture is known by its bytes, and says how large it is: %s", (kind, picture) => {
    expect(kindOf(picture)).toBe(kind);
    expect(sizeOf(kind, picture)).toEqual({ width: 640, height: 480 });
  });
  test.each(LIARS)("one that lies is as large as its decoder makes it: %s", (_, kind, picture) => {
    expect(kindOf(picture)).toBe(kind);
    expect(sizeOf(kind, picture)).toEqual({ width: 640, height: 480 });
  });
  test("one that its decoder reads otherwise has no size", () => {
    expect(kindOf(JUMP)).toBe("jpeg");
    expect(sizeOf("jpeg", JUMP)).toBeNull();
  });
  test("AVIF is known and not drawn: its boxes are not what its decoder goes by", () => {
    expect(kindOf(AVIF)).toBe("avif");
    expect(isPicture(kindOf(AVIF))).toBe(false);
  });
  test.each(PICTURES)("one that ends early says nothing: %s", (kind, picture) => {
    for (let length = 0; length < picture.length; length++) {
      const size = sizeOf(kind, picture.subarray(0, length));
      expect(size === null || size.width <= 0xffffffff).toBe(true);
    }
  });
  test("what a browser would run or show as a page is no picture", () => {
    for (const text of ['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "<!DOCTYPE html><p>", '<?xml version="1.0"?><svg/>', "\n <script>"]) {
      expect(kindOf(bytes(text))).toBe("page");
    }
    expect(isPicture(kindOf(bytes("<svg/>")))).toBe(false);
  });
  test("a program stays one, whatever it is called", () => {
    expect(kindOf(bytes("MZ\x90"))).toBe("program");
    expect(kindOf(bytes("#!/bin/sh\n"))).toBe("program");
    expect(kindOf(bytes([0x7f], "ELF"))).toBe("program");
  });
  test("texts, archives, and what is not known", () => {
    expect(kindOf(new TextEncoder().encode("Grüße\n"))).toBe("text");
    expect(kindOf(new Uint8Array())).toBe("text");
    expect(kindOf(bytes("PK", [3, 4]))).toBe("zip");
    expect(kindOf(bytes("%PDF-1.7"))).toBe("pdf");
    expect(kindOf(bytes([0, 1, 2, 3]))).toBe("other");
    expect(kindOf(bytes([0xc3, 0x28]))).toBe("other");
  });
  test("what a system runs by its name is a script, whatever its bytes are", () => {
    const scripts = ["invoice.bat", "a.CMD", "a.js", "a.hta", "a.wsf", "a.vbs", "a.ps1", "a.sh", "a.command", "a.lnk", "a.url", "a.desktop", "a.reg", "photo.jpg.py", "a.bat.", "a.bat ", "a.settingcontent-ms", "a.jar"];
    for (const name of scripts) {
      for (const kind of ["text", "other", "zip", "gif", null] as const) expect(shownKind(name, kind), name).toBe("script");
      expect(isRisky("script")).toBe(true);
    }
    for (const name of ["notes.txt", "bat", "a.json", "a.csv", "js.txt", "a.batx", "a.", "", ".sh.txt"]) expect(shownKind(name, "text"), name).toBe("text");
    expect(shownKind("notes.txt", null)).toBeNull();
    expect([shownKind("a.bat", "program"), shownKind("a.hta", "page")]).toEqual(["program", "page"]);
  });
});
