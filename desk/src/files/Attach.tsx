// Choosing files for a message: by a button, by dropping them, by pasting a picture; and what is chosen, until it is sent.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { File as FileIcon, Image, Paperclip, X } from "lucide-react";
import { type ClipboardEvent, type DragEvent, type ReactNode, Suspense, useState } from "react";

import { Button } from "../kit/controls.tsx";
import { FilesButton } from "../kit/FilesButton.tsx";
import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";
import { useOpened } from "../session/session.tsx";
import type { Chosen, Files, Refused } from "./chosen.ts";
import { useLate } from "./late.ts";
import { sized } from "./limits.ts";
import "./files.css";

// Few have a wallet.
const WalletFiles = lazy(() => ofLater(() => import("../wallet/WalletFiles.tsx")));

/** What a form does about files that are dragged over it, dropped on it or pasted into it, and whether some are over it now. */
export function useTarget(files: Files, isBusy: boolean) {
  const [isOver, setOver] = useState(false);
  const has = (event: DragEvent) => !isBusy && event.dataTransfer.types.includes("Files");
  return {
    isOver,
    target: {
      onDragOver(event: DragEvent) {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = isBusy ? "none" : "copy";
        setOver(has(event));
      },
      onDragLeave(event: DragEvent) {
        // Going on to a part of the form is not leaving it.
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop(event: DragEvent) {
        if (!event.dataTransfer.types.includes("Files")) return;
        // A browser would open the file in place of the page.
        event.preventDefault();
        setOver(false);
        if (!isBusy) void files.add([...event.dataTransfer.files]);
      },
      onPaste(event: ClipboardEvent) {
        const { files: pasted, types } = event.clipboardData;
        // What is copied from a text brings a picture of itself along.
        if (isBusy || pasted.length === 0 || types.includes("text/plain")) return;
        event.preventDefault();
        void files.add([...pasted]);
      },
    },
  };
}

/** The button, and what a desk takes in words. Nothing where it takes no files. */
export function AttachButton({ files, isBusy, isQuiet = false }: { files: Files; isBusy: boolean; isQuiet?: boolean }) {
  const { i18n, t } = useLingui();
  const { limits } = files;
  if (limits?.file_bytes_max === 0) return null;
  const size = limits && sized(limits.file_bytes_max, i18n.locale);
  const together = limits && sized(limits.message_bytes_max, i18n.locale);
  const name = t`Attach files`;
  return (
    <>
      <FilesButton
        several
        onFiles={(list) => void files.add(list)}
        kind={isQuiet ? "plain" : "normal"}
        isDisabled={isBusy}
        {...(isQuiet ? { "aria-label": name } : {})}
      >
        <Paperclip size={18} aria-hidden />
        {!isQuiet && name}
      </FilesButton>
      {limits && (!isQuiet || files.chosen.length > 0) && (
        <span className="quiet small limits">
          <Plural
            value={limits.files_max}
            one={`A file of up to ${size}`}
            other={`Up to # files, each up to ${size}, ${together} together`}
          />
        </span>
      )}
    </>
  );
}

/** What is chosen and can be taken away again; what was not taken, and why; and what a reload has lost. */
export function ChosenFiles({ files, isBusy, isOver }: { files: Files; isBusy: boolean; isOver: boolean }) {
  const { t } = useLingui();
  const { hasWallet } = useOpened();
  const isLate = useLate(files.progress.size > 0);
  const { chosen, refused, lost } = files;
  return (
    <>
      {isOver && (
        <div className="drop-here" aria-hidden>
          <Trans>Drop files to attach them</Trans>
        </div>
      )}
      {chosen.length > 0 && (
        <ul className="files" aria-label={t`Attached files`}>
          {chosen.map((file) => (
            <One key={file.id} file={file} progress={isLate ? files.progress.get(file.id) : undefined} isBusy={isBusy} onRemove={() => files.remove(file.id)} />
          ))}
        </ul>
      )}
      {hasWallet && chosen.length > 0 && (
        <Suspense>
          <WalletFiles sizes={chosen.map(({ padded, size }) => padded ?? size)} />
        </Suspense>
      )}
      {isLate && (
        <div className="row small" role="status">
          <Trans>Sealing and uploading the files…</Trans>
          <Button onPress={files.stop}>
            <Trans>Stop</Trans>
          </Button>
        </div>
      )}
      {(refused.length > 0 || lost.length > 0) && (
        <div className="notice warn small" role="alert">
          {refused.map((file, n) => (
            <Why key={n} refused={file} files={files} />
          ))}
          {lost.length > 0 && (
            <span>
              <Trans>
                The text of this draft is still here, but its files are not: <bdi>{lost.join(", ")}</bdi>. Choose them again.
              </Trans>
            </span>
          )}
          <div className="row">
            <Button onPress={files.understood}>
              <Trans>OK</Trans>
            </Button>
          </div>
        </div>
      )}
    </>
  );
}

function One({ file, progress, isBusy, onRemove }: { file: Chosen; progress: number | undefined; isBusy: boolean; onRemove(): void }) {
  const { i18n, t } = useLingui();
  const { name } = file;
  const Icon = file.file.type.startsWith("image/") ? Image : FileIcon;
  return (
    <li className="file">
      <Icon size={16} aria-hidden />
      <bdi className="name">{name}</bdi>
      <span className="quiet small numbers">{sized(file.size, i18n.locale)}</span>
      {progress !== undefined && <progress value={progress} aria-label={name} />}
      <Button kind="plain" aria-label={t`Remove ${name}`} isDisabled={isBusy} onPress={onRemove}>
        <X size={16} aria-hidden />
      </Button>
    </li>
  );
}

function Why({ refused: { name, why }, files: { limits } }: { refused: Refused; files: Files }) {
  const { i18n } = useLingui();
  const file = <bdi>{name}</bdi>;
  const size = sized(limits?.file_bytes_max ?? 0, i18n.locale);
  const together = sized(limits?.message_bytes_max ?? 0, i18n.locale);
  const most = limits?.files_max ?? 0;
  const words: Record<Refused["why"], ReactNode> = {
    off: <Trans>{file} is not attached: this desk takes no files.</Trans>,
    large: <Trans>{file} is not attached: it is larger than {size}. Make it smaller, or put it where support can fetch it.</Trans>,
    many: <Trans>{file} is not attached: a message can have at most {most} files. Put several into an archive, or send another message.</Trans>,
    together: <Trans>{file} is not attached: the files in one message may total {together}. Send it in another message.</Trans>,
    unreadable: <Trans>{file} is not attached: it cannot be read. Put a folder into an archive first.</Trans>,
  };
  return <span>{words[why]}</span>;
}
