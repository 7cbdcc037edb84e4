// A button that copies a text. Where the browser does not let a page copy, the text is selected for whoever copies it by hand.
import { useLingui } from "@lingui/react/macro";
import { type ReactNode, type RefObject, useState } from "react";

import { Button } from "./controls.tsx";
import { useToast } from "./toast.tsx";

interface CopyButtonProps {
  text: string;
  /** What shows the text already. Without it the text is shown below the button once it is needed. */
  shown?: RefObject<HTMLElement | null>;
  kind?: "primary";
  "aria-label"?: string;
  onPress?(): void;
  onCopied?(): void;
  children: ReactNode;
}

const select = (place: HTMLElement | null) => place && getSelection()?.selectAllChildren(place);

export function CopyButton({ text, shown, onPress, onCopied, children, ...button }: CopyButtonProps) {
  const { t } = useLingui();
  const toast = useToast();
  const [isRefused, setRefused] = useState(false);
  const copy = async () => {
    onPress?.();
    try {
      await navigator.clipboard.writeText(text);
      toast(t`Copied.`);
      onCopied?.();
    } catch {
      if (shown) select(shown.current);
      else setRefused(true);
      toast(t`This browser does not let the page copy. The text is selected: copy it yourself.`);
    }
  };
  return (
    <>
      <Button {...button} onPress={() => void copy()}>
        {children}
      </Button>
      {isRefused && (
        <code ref={(place) => void select(place)} className="notice">
          {text}
        </code>
      )}
    </>
  );
}
