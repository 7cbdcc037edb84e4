// The files of a message that was opened: pictures as dots on a canvas, everything else by its name, to be saved.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Download, File as FileIcon, FileWarning, Image } from "lucide-react";
import { useId, useState } from "react";
import type { FileShown, Ticket } from "sealdesk/views";

import type { OpenedFile } from "../../worker/files.ts";
import { type FileKind, isPicture } from "../../worker/kind.ts";
import { door, follow } from "../door.ts";
import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { giveToSave } from "../kit/save.ts";
import { useToast } from "../kit/toast.tsx";
import { keys } from "../queries.ts";
import { isLookedAt, isRisky, KIND, shownKind } from "./kinds.ts";
import { useLate } from "./late.ts";
import { sized } from "./limits.ts";
import { Drawn } from "./Picture.tsx";

export default function MessageFiles({ ticket, response }: { ticket: Ticket; response: number | null }) {
  const { t } = useLingui();
  const id = ticket.ticket_id;
  const changed = `${ticket.updated_at} ${ticket.response_count}`;
  const { data, error, refetch } = useQuery({
    queryKey: keys.files(id, changed),
    queryFn: () => door.ticketFiles(id, changed),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  const files = (data ?? []).filter((file) => file.response_index === response);
  return (
    <ul className="files" aria-label={t`Files`}>
      {files.map((file) => (
        <One key={file.number} file={file} ticket={id} changed={changed} />
      ))}
    </ul>
  );
}

function One({ file, ticket, changed }: { file: FileShown; ticket: string; changed: string }) {
  const [kind, setKind] = useState<FileKind | null>(null);
  const { name, size, number } = file;
  if (name === null || size === null) {
    return (
      <li className="file bad">
        <FileWarning size={16} aria-hidden />
        <span className="small">
          <Trans>A file that cannot be opened:</Trans> <span dir="auto">{file.problem}</span>
        </span>
      </li>
    );
  }
  return (
    <li className="file-shown">
      {isLookedAt(name, size) && <Drawn ticket={ticket} changed={changed} number={number} name={name} onKind={setKind} />}
      <Line file={{ name, size, number }} ticket={ticket} changed={changed} kind={kind} onKind={setKind} />
    </li>
  );
}

interface LineProps {
  file: { name: string; size: number; number: number };
  ticket: string;
  changed: string;
  kind: FileKind | null;
  onKind(kind: FileKind): void;
}

function Line({ file: { name, size, number }, ticket, changed, kind: found, onKind }: LineProps) {
  const { i18n, t } = useLingui();
  const toast = useToast();
  const id = useId();
  const [progress, setProgress] = useState(0);
  const save = useMutation({
    async mutationFn(): Promise<OpenedFile> {
      const end = follow(id, (done, of) => setProgress(done / of));
      try {
        return await door.openFile(ticket, changed, number, id);
      } finally {
        end();
        setProgress(0);
      }
    },
    onSuccess(opened) {
      if (opened.state !== "whole") return;
      onKind(opened.kind);
      giveToSave(opened.blob, name);
      toast(t`Opened in full, and passed to your browser to save: ${name}`);
    },
  });
  const isLate = useLate(save.isPending);
  const kind = shownKind(name, found);
  const Icon = kind && isRisky(kind) ? FileWarning : found && isPicture(found) ? Image : FileIcon;
  return (
    <>
      <div className="file">
        <Icon size={16} aria-hidden />
        <bdi className="name">{name}</bdi>
        <span className="quiet small numbers">{sized(size, i18n.locale)}</span>
        {kind && <span className={`small ${isRisky(kind) ? "risky" : "quiet"}`}>{i18n._(KIND[kind])}</span>}
        {isLate && <progress value={progress} aria-label={name} />}
        {isLate ? (
          <Button onPress={() => void door.stopFile(id)}>
            <Trans>Stop</Trans>
          </Button>
        ) : (
          <Button kind="plain" aria-label={t`Save ${name}`} isPending={save.isPending} onPress={() => save.mutate()}>
            <Download size={16} aria-hidden />
            <Trans>Save</Trans>
          </Button>
        )}
      </div>
      {save.error && <Problem error={save.error} onRetry={() => save.mutate()} />}
      {save.data && save.data.state !== "whole" && <Broken opened={save.data} />}
    </>
  );
}

/** Says plainly what is not there. */
export function Broken({ opened }: { opened: Exclude<OpenedFile, { state: "whole" }> }) {
  if (opened.state === "stopped") return null;
  if (opened.state === "missing") {
    const { piece, pieces } = opened;
    return (
      <div className="notice warn small" role="alert">
        <Trans>
          The desk does not have piece {piece} of {pieces} of this file. Try again later, or ask for it to be attached again.
        </Trans>
      </div>
    );
  }
  return (
    <div className="notice bad small" role="alert">
      <Trans>The desk sent something other than this file: it was damaged or changed. Nothing was saved.</Trans>
    </div>
  );
}
