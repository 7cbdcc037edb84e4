// A picture of others, as dots on a canvas. It is fetched when somebody comes to see it, and let go when they go on.
import { Trans, useLingui } from "@lingui/react/macro";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

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

/** How far from what is seen a picture may be, in pixels, and still keep its dots. */
const NEAR = "800px";

/** Whether an element is near what is seen of the conversation. */
function useNear(place: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const root = element.closest(".messages");
    const seen = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting ?? false), { root, rootMargin: NEAR });
    seen.observe(element);
    return () => seen.disconnect();
  }, [place]);
  return isNear;
}

export function Drawn({ ticket, changed, number, name, onKind }: DrawnProps) {
  const place = useRef<HTMLDivElement>(null);
  const isNear = useNear(place);
  const [picture, setPicture] = useState<ShownPicture | null>(null);
  const [error, setError] = useState<unknown>(null);
  const now = useRef({ changed, onKind });
  now.current = { changed, onKind };
  useEffect(() => {
    if (!isNear) return;
    let isHere = true;
    door.picture(ticket, now.current.changed, number).then(
      (found) => {
        if (!isHere) return found.state === "shown" && found.bitmap.close();
        if ("kind" in found) now.current.onKind(found.kind);
        setPicture(found);
        setError(null);
      },
      (why: unknown) => isHere && setError(why),
    );
    return () => {
      isHere = false;
    };
  }, [isNear, ticket, number]);
  return (
    <div ref={place} className="picture">
      {picture?.state === "shown" && <Canvas bitmap={isNear ? picture.bitmap : null} name={name} />}
      {picture?.state === "large" && (
        <p className="quiet small">
          <Trans>This picture is too large to show here. Save it to look at it.</Trans>
        </p>
      )}
      {(picture?.state === "missing" || picture?.state === "damaged") && <Broken opened={picture} />}
      {picture?.state === "undrawn" && (
        <p className="quiet small">
          <Trans>This picture is damaged and cannot be shown.</Trans>
        </p>
      )}
      {error !== null && <Problem error={error} />}
    </div>
  );
}

/** Without a bitmap it keeps its place, and no dots: a long conversation has more pictures than there is memory for. */
function Canvas({ bitmap, name }: { bitmap: ImageBitmap | null; name: string }) {
  const { t } = useLingui();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isLarge, setLarge] = useState(false);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (bitmap && bitmap.width > 0) setSize({ width: bitmap.width, height: bitmap.height });
  }, [bitmap]);
  useEffect(() => {
    // A bitmap that was given away before has no dots any more: the next one is on its way.
    if (size.width > 0 && bitmap?.width !== 0) canvas.current?.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  }, [bitmap, size]);
  return (
    <Button kind="plain" aria-label={isLarge ? t`Picture ${name}, show it smaller` : t`Picture ${name}, show it larger`} onPress={() => setLarge(!isLarge)}>
      <canvas ref={canvas} width={size.width} height={size.height} className={isLarge ? "large" : ""} />
    </Button>
  );
}
