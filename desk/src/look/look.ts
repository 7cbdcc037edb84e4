// How the desk looks by its own document: read once, proven like everything else, and shown on every page.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { orKept } from "../offline/shown.ts";
import { keys } from "../queries.ts";
import { accentOf } from "./accent.ts";
import { type LookForm, lookForm } from "./document.ts";

const NONE: LookForm = { name: "", welcome: "", accent: "" };
const NAME_LETTERS_MAX = 40;
const WELCOME_LETTERS_MAX = 280;
const OLD_MS = 10 * 60_000;

async function look(): Promise<LookForm> {
  const read = await orKept("document", "public", "desk");
  const form = read?.body == null ? null : lookForm(read.body);
  if (!form) return NONE;
  return { ...form, name: [...form.name].slice(0, NAME_LETTERS_MAX).join(""), welcome: [...form.welcome].slice(0, WELCOME_LETTERS_MAX).join("") };
}

export function useLook(): LookForm {
  const { data = NONE } = useQuery({ queryKey: keys.look, queryFn: look, staleTime: OLD_MS });
  return data;
}

/** Puts the desk's accent in the place of ours, as long as it is shown. */
export function useAccent(): void {
  const { accent } = useLook();
  useEffect(() => {
    const found = accentOf(accent);
    if (!found) return;
    const { style } = document.documentElement;
    style.setProperty("--accent", `light-dark(${found.light}, ${found.dark})`);
    style.setProperty("--on-accent", `light-dark(${found.onLight}, ${found.onDark})`);
    return () => {
      style.removeProperty("--accent");
      style.removeProperty("--on-accent");
    };
  }, [accent]);
}
