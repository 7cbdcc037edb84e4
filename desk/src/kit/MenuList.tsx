// The menu of a button, open.
import type { RefObject } from "react";
import { Menu, MenuItem, Popover } from "react-aria-components";

export interface MenuLine {
  id: string;
  name: string;
  isGrave?: boolean;
}

interface MenuListProps {
  /** What was pressed: it opens beside that. */
  of: RefObject<HTMLElement | null>;
  label: string;
  lines: readonly MenuLine[];
  placement: "bottom end" | "top end";
  onChoose(id: string): void;
  onClose(): void;
}

export default function MenuList({ of, label, lines, placement, onChoose, onClose }: MenuListProps) {
  return (
    <Popover className="popover" triggerRef={of} trigger="MenuTrigger" aria-label={label} placement={placement} isOpen onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Menu aria-label={label} autoFocus="first" onAction={(key) => onChoose(String(key))} onClose={onClose}>
        {lines.map((line) => (
          <MenuItem key={line.id} id={line.id} className={`option${line.isGrave ? " bad" : ""}`}>
            {line.name}
          </MenuItem>
        ))}
      </Menu>
    </Popover>
  );
}
