// What somebody calls themselves: sealed into each ticket that they write from then on, and nowhere else.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { door } from "../door.ts";
import { Button, Field } from "../kit/controls.tsx";
import { wordsOf } from "../kit/Problem.tsx";
import { useToast } from "../kit/toast.tsx";
import { client, keys } from "../queries.ts";
import { useRole } from "../queue/role.ts";

export function OwnName() {
  const { data: role } = useRole();
  const { data, isPending } = useQuery({ queryKey: keys.ownName, queryFn: () => door.ownName() });
  // A form that is there before its value would forget what somebody typed meanwhile.
  return isPending || role?.role !== "customer" ? null : <Form kept={data ?? ""} />;
}

function Form({ kept }: { kept: string }) {
  const { t } = useLingui();
  const toast = useToast();
  const [name, setName] = useState(kept);
  const [problem, setProblem] = useState<string>();
  const save = async () => {
    const next = name.trim() === "" ? null : name.trim();
    try {
      const fault = next === null ? null : await door.nameFault(next);
      setProblem(fault === null ? undefined : wordsOf(new Error(fault)));
      if (fault !== null) return;
      await door.setOwnName(next);
      await client.invalidateQueries({ queryKey: keys.ownName });
      toast(next === null ? t`New tickets won't show a name.` : t`New tickets will show this name.`);
    } catch (error) {
      setProblem(wordsOf(error));
    }
  };
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), void save())}>
      <Field
        label={t`Your name, for support`}
        hint={t`You may leave it empty. It is sealed into your next tickets: only support reads it.`}
        value={name}
        onChange={setName}
        maxLength={64}
        problem={problem}
      />
      <div className="row">
        <Button type="submit" isDisabled={name.trim() === kept}>
          <Trans>Keep this name</Trans>
        </Button>
      </div>
    </form>
  );
}
