// What a new desk needs before customers come, each with where it is done. Shown to its administrators as long as there is no ticket at all.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, Circle } from "lucide-react";
import type { ReactNode } from "react";

import { door } from "../door.ts";
import "./admin.css";
import { adminKeys, useRoster } from "./asked.ts";
import { useLooked } from "./firstSteps.ts";

interface FirstStep {
  part: string;
  /** Of a document. */
  name?: string;
  isDone: boolean;
  text: string;
}

/** In their place stands something else where they cannot be looked up. */
export default function FirstSteps({ otherwise }: { otherwise: ReactNode }) {
  const { t } = useLingui();
  const { data: listing, isError: hasNoListing } = useQuery({ queryKey: adminKeys.documents, queryFn: () => door.documents("public") });
  const { data: limits, isError: hasNoLimits } = useQuery({ queryKey: adminKeys.limits, queryFn: () => door.limits() });
  const { data: roster, isError: hasNoRoster } = useRoster();
  const looked = useLooked();
  if (!listing || !limits || !roster) return hasNoListing || hasNoLimits || hasNoRoster ? otherwise : null;
  const isWritten = (name: string) => listing.documents.some((info) => info.name === name);
  const steps: FirstStep[] = [
    { part: "documents", name: "desk", isDone: isWritten("desk"), text: t`Give the desk a name, a colour and a line for customers` },
    { part: "people", isDone: roster.length > 1, text: t`Add your colleagues` },
    { part: "documents", name: "office-hours", isDone: isWritten("office-hours"), text: t`Set your office hours` },
    { part: "documents", name: "sla", isDone: isWritten("sla"), text: t`Promise how soon you reply` },
    { part: "rules", isDone: limits.open_queue || looked.includes("rules"), text: t`Decide whether agents may take new tickets themselves` },
    { part: "link", isDone: looked.includes("link"), text: t`Give customers the link to this desk` },
  ];
  return (
    <div className="first-steps stack">
      <span>
        <Trans>No customer has written yet. Until then, these are the first steps:</Trans>
      </span>
      <ol className="steps">
        {steps.map(({ part, name, isDone, text }) => (
          <li key={text}>
            {isDone ? <Check size={16} aria-hidden className="good" /> : <Circle size={16} aria-hidden />}
            <span>
              {name === undefined ? (
                <Link to="/admin/$part" params={{ part }}>
                  {text}
                </Link>
              ) : (
                <Link to="/admin/$part/$name" params={{ part, name }}>
                  {text}
                </Link>
              )}
              {isDone && (
                <span className="quiet small">
                  {" "}
                  <Trans context="of a step">done</Trans>
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
