import { expect, test } from "vitest";

import { accentOf, contrast } from "./accent.ts";
import { lookBody, lookForm } from "./document.ts";

test("text in any accent stands out, by day and by night, and so does text on it", () => {
  for (const colour of ["#ffffff", "#000000", "#ffff00", "#0a7d5a", "#f00", "#3448d4", "#777777", "#00ffff"]) {
    const accent = accentOf(colour);
    if (!accent) throw new Error(colour);
    expect(contrast(accent.light, "#ffffff"), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(accent.light, "#e4e9ff"), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(accent.dark, "#15171c"), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(accent.dark, "#262f4d"), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(accent.light, accent.onLight), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(accent.dark, accent.onDark), colour).toBeGreaterThanOrEqual(4.5);
  }
});

test("what is not a colour changes nothing", () => {
  for (const text of ["", "red", "#12", "#1234567", "#12345g", "url(x)", "#fff;}"]) expect(accentOf(text), text).toBeNull();
});

test("texts that are left empty are not written, and what is unknown is not shown", () => {
  expect(JSON.parse(lookBody({ name: " Acme ", welcome: "", accent: "#0a6" }))).toEqual({ schema: 1, name: "Acme", accent: "#0a6" });
  expect(lookForm('{"schema":1,"name":"Acme"}')).toEqual({ name: "Acme", welcome: "", accent: "" });
  for (const body of ["", "[]", "null", '{"logo":"x"}', '{"name":3}']) expect(lookForm(body), body).toBeNull();
});
