/** Who goes on helping with a ticket once somebody has it: whoever is still on the team, and does not have it themselves. */
export const helping = (beside: readonly string[], agent: string | null, team: readonly string[]): string[] =>
  beside.filter((one) => one !== agent && team.includes(one));
