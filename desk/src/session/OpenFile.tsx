// A recovery kit that somebody saved, opened again.
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { FilesButton } from "../kit/FilesButton.tsx";
import { KIT_BYTES_MAX } from "./kit.ts";

export default function OpenFile({ onText }: { onText(text: string): void }): ReactNode {
  const read = async ([file]: File[]) => {
    const text = await file?.slice(0, KIT_BYTES_MAX).text();
    if (text !== undefined) onText(text);
  };
  return (
    <FilesButton accept="text/plain" onFiles={(files) => void read(files)}>
      <Trans>Open the file</Trans>
    </FilesButton>
  );
}
