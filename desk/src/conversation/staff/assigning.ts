// One of many tickets gets somebody else. Nobody was asked who helps with it: whoever did goes on.
import type { Told } from "../../../worker/api.ts";
import { door } from "../../door.ts";
import { client, keys } from "../../queries.ts";
import { helping } from "./helping.ts";

/** Gives it to an agent, with those who help as the ledger has them now: it takes off whoever is not named. */
export async function assignBeside(id: string, agent: string): Promise<Told> {
  const { collaborators } = (await door.read(id)).ticket;
  if (collaborators.length === 0) return door.assign(id, agent);
  // Whoever left the team would have the ledger refuse the others, too.
  const team = await client.fetchQuery({ queryKey: keys.members("support_agent"), queryFn: () => door.members("support_agent") });
  const beside = helping(collaborators, agent, team);
  return beside.length === 0 ? door.assign(id, agent) : door.assignWith(id, agent, beside);
}
