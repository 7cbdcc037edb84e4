// Language and colours.
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { choose, LANGUAGES, type Language } from "../i18n.ts";
import { Choices } from "../kit/Choices.tsx";
import { lost } from "../kit/lost.ts";
import { DensityChoice } from "../queue/DensityChoice.tsx";
import { useRole } from "../queue/role.ts";
import { isStaff } from "../queue/views.ts";
import { chooseTheme, chosenTheme, type Theme, THEMES } from "../theme.ts";

export function Appearance() {
  const { i18n, t } = useLingui();
  const { data: role } = useRole();
  const [theme, setTheme] = useState(chosenTheme);
  const languages = Object.entries(LANGUAGES).map(([id, label]) => ({ id: id as Language, label }));
  const names: Record<Theme, string> = { system: t`Same as this device`, light: t`Light`, dark: t`Dark` };
  return (
    <div className="pair">
      <Choices label={t`Language`} choices={languages} value={i18n.locale as Language} onChange={(language) => void choose(language).catch(lost)} />
      <Choices
        label={t`Colours`}
        choices={THEMES.map((id) => ({ id, label: names[id] }))}
        value={theme}
        onChange={(theme) => {
          chooseTheme(theme);
          setTheme(theme);
        }}
      />
      {role && isStaff(role) && <DensityChoice />}
    </div>
  );
}
