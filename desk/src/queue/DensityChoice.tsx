// The setting for how high rows are.
import { useLingui } from "@lingui/react/macro";

import { Choices } from "../kit/Choices.tsx";
import { type Density, setDensity, useDensity } from "./density.ts";

export function DensityChoice() {
  const { t } = useLingui();
  const choices: { id: Density; label: string }[] = [
    { id: "comfortable", label: t`Comfortable: two lines a ticket` },
    { id: "compact", label: t`Compact: more tickets at once` },
  ];
  return <Choices label={t`Lists`} choices={choices} value={useDensity()} onChange={setDensity} />;
}
