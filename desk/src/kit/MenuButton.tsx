// A button that opens a menu. The menu is fetched while the page rests, or with the first press.
import { Suspense, useRef, useState } from "react";

import { DeskButton, useReaching } from "../offline/NeedsDesk.tsx";
import { Button, type ButtonProps } from "./controls.tsx";
import type { MenuLine } from "./MenuList.tsx";
import { lazy } from "./lost.ts";

const MenuList = lazy(() => import("./MenuList.tsx"));

interface MenuButtonProps extends Omit<ButtonProps, "onPress" | "onKeyDown"> {
  /** What it is called, and the menu as well. */
  "aria-label": string;
  lines: readonly MenuLine[];
  onChoose(id: string): void;
  placement: "bottom end" | "top end";
  /** Whether all of it needs the desk. */
  needsDesk?: boolean;
}

export function MenuButton({ lines, onChoose, placement, needsDesk = false, ...button }: MenuButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const Shown = needsDesk ? DeskButton : Button;
  const reaching = useReaching();
  const of = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Shown
        {...button}
        ref={of}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onPress={() => setOpen(true)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return event.continuePropagation();
          event.preventDefault();
          if (needsDesk) reaching(() => setOpen(true));
          else setOpen(true);
        }}
      />
      {isOpen && (
        <Suspense>
          <MenuList of={of} label={button["aria-label"]} lines={lines} placement={placement} onChoose={onChoose} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
