// A button that has somebody choose files.
import { useRef } from "react";

import { Button, type ButtonProps } from "./controls.tsx";

interface FilesButtonProps extends Omit<ButtonProps, "onPress"> {
  /** Kinds that are offered; without it a phone offers its camera, its pictures and its files. */
  accept?: string;
  several?: boolean;
  onFiles(files: File[]): void;
}

export function FilesButton({ accept, several = false, onFiles, ...button }: FilesButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const choose = () => {
    if (!input.current) return;
    // The same file can be chosen again.
    input.current.value = "";
    input.current.click();
  };
  return (
    <>
      <Button {...button} onPress={choose} />
      <input ref={input} type="file" hidden accept={accept} multiple={several} onChange={({ target }) => target.files && onFiles([...target.files])} />
    </>
  );
}
