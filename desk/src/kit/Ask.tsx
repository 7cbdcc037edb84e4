// Dialogs as this desk has them.
import { Trans } from "@lingui/react/macro";
import { createContext, type ReactNode, use } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import { DeskEnd } from "../offline/NeedsDesk.tsx";
import { Button } from "./controls.tsx";
import { goesByKey } from "./go.ts";

interface AskProps {
  title: ReactNode;
  isOpen: boolean;
  onClose(): void;
  children: ReactNode;
}

/** What the dialogs below it are about, said under their title: a ticket's number and subject. */
export const AskAbout = createContext<ReactNode>(null);

/** A dialog. Escape and a press beside it close it; Ctrl+Enter presses its primary button. */
export function Ask({ title, isOpen, onClose, children }: AskProps) {
  const about = use(AskAbout);
  return (
    <ModalOverlay className="veil" isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal ref={goesByKey}>
        <Dialog className="dialog">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {about !== null && <p className="quiet small">{about}</p>}
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface AskEndProps {
  onClose(): void;
  onDo(): void;
  isBusy: boolean;
  /** Whether something is missing yet. */
  isDisabled?: boolean;
  /** Whether it is done in this browser alone. */
  isHere?: boolean;
  /** Whether nobody can take it back. */
  isGrave?: boolean;
  children: ReactNode;
}

/** The two ends of a dialog that changes something. While it is busy the focus stays where it is, so that Escape goes on to close it. */
export function AskEnd({ onClose, onDo, isBusy, isDisabled = false, isHere = false, isGrave = false, children }: AskEndProps) {
  const Do = isHere ? Button : DeskEnd;
  return (
    <div className="row end">
      <Button onPress={onClose}>
        <Trans>Cancel</Trans>
      </Button>
      <Do kind={isGrave ? "grave" : "primary"} onPress={onDo} isPending={isBusy} isDisabled={isDisabled}>
        {children}
      </Do>
    </div>
  );
}
