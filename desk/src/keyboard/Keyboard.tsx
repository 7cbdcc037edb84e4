// Listens for keys, for the whole page at one place, and shows the sheet and the palette.
import { Suspense, useEffect, useState } from "react";
import { useNavigate } from "@tanstack/react-router";

import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";
import { act, canAct, useAction } from "./actions.ts";
import { match } from "./match.ts";
import { home, isField, isMac, isPressable, isReadOnly, isTaken } from "./place.ts";
import { singleKeys } from "./setting.ts";

const Sheet = lazy(() => import("./Sheet.tsx").then(({ Sheet }) => ({ default: Sheet })));
const Palette = lazy(() => ofLater(() => import("./Palette.tsx")).then(({ Palette }) => ({ default: Palette })));

/** For how long the second of two keys is waited for. */
const SECOND_MS = 1_500;
/** For how long what is typed after Ctrl+K does nothing while the palette is still being fetched: it was meant for its field. */
const FETCHED_MS = 3_000;
let awaited = 0;

/** `isStaff` says whether the sheet shows all keys, or those that do something now. */
export function Keyboard({ isStaff }: { isStaff: boolean }) {
  const [shown, setShown] = useState<"sheet" | "palette" | null>(null);
  const navigate = useNavigate();
  useAction("help", () => setShown("sheet"));
  useAction("palette", () => {
    awaited = performance.now() + FETCHED_MS;
    setShown("palette");
  });
  useAction("goTickets", () => void navigate({ to: "/" }));
  useAction("goSettings", () => void navigate({ to: "/settings" }));
  useEffect(listen, []);
  const close = () => setShown(null);
  return (
    <Suspense>
      {shown === "sheet" && <Sheet showsAll={isStaff} onClose={close} />}
      {shown === "palette" && <Palette onClose={close} onShown={() => (awaited = 0)} />}
    </Suspense>
  );
}

function listen(): () => void {
  let begun: { keys: string; at: number } | null = null;
  const pressed = (event: KeyboardEvent) => {
    if (event.defaultPrevented || isTaken(event.target)) return;
    if (event.timeStamp < awaited && event.key !== "Escape" && !event.ctrlKey && !event.metaKey) return event.preventDefault();
    const inField = isField(event.target);
    if (inField && event.key === "Escape" && !event.isComposing) {
      // Out of the field, where letters are keys again. What was typed stays.
      (event.target as HTMLElement).blur();
      home();
      return;
    }
    if (event.key === "Enter" && isPressable(event.target)) return;
    const before = begun && event.timeStamp - begun.at < SECOND_MS ? begun.keys : null;
    begun = null;
    const found = match(event, before, { isMac: isMac(), inField: inField && !isReadOnly(event.target), singleKeys: singleKeys() });
    if (found === null) return;
    if ("begun" in found) {
      begun = { keys: found.begun, at: event.timeStamp };
      event.preventDefault();
    } else if (canAct(found.act)) {
      event.preventDefault();
      home();
      act(found.act);
    }
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
