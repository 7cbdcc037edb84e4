// A picture of others, as dots on a canvas. It is fetched when somebody comes to see it.
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import type { ShownPicture } from "../../worker/files.ts";
import type { FileKind } from "../../worker/kind.ts";
import { door } from "../door.ts";
import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { Broken } from "./MessageFiles.tsx";

interface DrawnProps {
  ticket: string;
  changed: string;
  number: number;
  name: string;
  onKind(kind: FileKind): void;
}

export function Drawn({ ticket, changed, number, name, onKind }: DrawnProps) {
  const place = useRef<HTMLDivElement>(null);
  const [picture, setPicture] = useState<ShownPicture | null>(null);
  const [error, setError] = useState<unknown>(null);
  const tell = useRef(onKind);
  tell.current = onKind;
  useEffect(() => {
    let isHere = true;
    const look = () =>
      door.picture(ticket, changed, number).then((found) => {
        if (!isHere) return;
        if ("kind" in found) tell.current(found.kind);
        setPicture(found);
      }, (why: unknown) => isHere && setError(why));
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      void look();
    });
    if (place.current) seen.observe(place.current);
    return () => {
      isHere = false;
      seen.disconnect();
    };
    // A later answer in the ticket changes no file of it.
  }, [ticket, number]);
  return (
    <div ref={place} className="picture">
      {picture?.state === "shown" && <Canvas bitmap={picture.bitmap} name={name} />}
      {picture?.state === "large" && (
        <p className="quiet small">
          <Trans>This picture has too many dots to be drawn here. Save it to look at it.</Trans>
        </p>
      )}
      {(picture?.state === "missing" || picture?.state === "damaged") && <Broken opened={picture} />}
      {picture?.state === "undrawn" && (
        <p className="quiet small">
          <Trans>This picture is damaged and cannot be drawn.</Trans>
        </p>
      )}
      {error !== null && <Problem error={error} />}
    </div>
  );
}

function Canvas({ bitmap, name }: { bitmap: ImageBitmap; name: string }) {
  const { t } = useLingui();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isLarge, setLarge] = useState(false);
  // What is drawn is given away: its measures are asked for before.
  const [{ width, height }] = useState(() => ({ width: bitmap.width, height: bitmap.height }));
  useEffect(() => {
    if (bitmap.width > 0) canvas.current?.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  }, [bitmap]);
  return (
    <Button kind="plain" aria-label={isLarge ? t`Picture ${name}, show it smaller` : t`Picture ${name}, show it larger`} onPress={() => setLarge(!isLarge)}>
      <canvas ref={canvas} width={width} height={height} className={isLarge ? "large" : ""} />
    </Button>
  );
}
