// One picture: a sentence that says what it shows, the drawing, and the same as a table and a file.
import { Trans, useLingui } from "@lingui/react/macro";
import { Download } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import type uPlot from "uplot";

import { Button } from "../../kit/controls.tsx";
import { lost } from "../../kit/lost.ts";
import { giveToSave } from "../../kit/save.ts";
import { TableHead } from "../../kit/TableHead.tsx";
import { type Cell, csv } from "./csv.ts";
import { type Drawing, draw, useTheme } from "./draw.ts";

export interface Sheet {
  header: string[];
  rows: Cell[][];
  /** As `rows`, in words. */
  shown: string[][];
}

interface ChartProps {
  title: string;
  /** What it shows, in one sentence. */
  says: string;
  /** What it is counted from. */
  from: ReactNode;
  drawing: Drawing;
  sheet: Sheet;
  /** Of the file. */
  name: string;
  isEmpty: boolean;
  children?: ReactNode;
}

export function Chart({ title, says, from, drawing, sheet, name, isEmpty, children }: ChartProps) {
  const { t } = useLingui();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <section className="chart" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {isEmpty ? (
        <p className="quiet">
          <Trans>Nothing to show yet. It fills as the desk is used.</Trans>
        </p>
      ) : (
        <>
          <p className="says">{says}</p>
          {children}
          <Legend drawing={drawing} />
          <Drawn drawing={drawing} label={says} />
        </>
      )}
      <p className="quiet small">{from}</p>
      {!isEmpty && (
        <>
          <div className="row">
            <Button kind="plain" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
              {isOpen ? <Trans>Hide the table</Trans> : <Trans>Show the table</Trans>}
            </Button>
            <Button
              kind="plain"
              aria-label={t`Save as CSV: ${title}`}
              onPress={() => giveToSave(new Blob([csv(sheet.header, sheet.rows)], { type: "text/csv;charset=utf-8" }), `${name}.csv`)}
            >
              <Download size={16} aria-hidden />
              CSV
            </Button>
          </div>
          {isOpen && <Table title={title} sheet={sheet} />}
        </>
      )}
    </section>
  );
}

function Legend({ drawing }: { drawing: Drawing }) {
  return (
    <ul className="legend">
      {drawing.lines
        .filter(({ label }) => label !== "")
        .map(({ label, colour, isDashed }) => (
          <li key={label}>
            <span className={`key key-${colour}${isDashed ? " dashed" : ""}`} aria-hidden />
            {label}
          </li>
        ))}
    </ul>
  );
}

/** The drawing itself is fetched with the first chart that is shown. */
function Drawn({ drawing, label }: { drawing: Drawing; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let plot: uPlot | undefined;
    let isGone = false;
    const fit = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: plot.height }));
    void draw(element, drawing).then((made) => {
      if (isGone) return made.destroy();
      plot = made;
      fit.observe(element);
    }, lost);
    return () => {
      isGone = true;
      fit.disconnect();
      plot?.destroy();
    };
    // A drawing keeps the colours of its theme, so that it is made anew with another one.
  }, [drawing, theme]);
  return <div className="drawn" ref={place} role="img" aria-label={label} />;
}

function Table({ title, sheet }: { title: string; sheet: Sheet }) {
  return (
    <div className="sheet">
      <table>
        <caption className="hidden-text">{title}</caption>
        <TableHead names={sheet.header} numbers={sheet.header.slice(1)} />
        <tbody>
          {sheet.shown.map(([first = "", ...others]) => (
            <tr key={first}>
              <th scope="row">{first}</th>
              {others.map((cell, n) => (
                // Cells have no name but their column.
                <td key={n} className="number">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
