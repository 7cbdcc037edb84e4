// The head of a table: a name for each column, of which some may be of numbers, and one for the column of what can be done, which shows none.
interface Props {
  names: string[];
  /** Which columns have numbers. */
  numbers?: readonly string[];
  /** What the last column is for, where its buttons say it to those who see. */
  acts?: string;
}

export function TableHead({ names, numbers = [], acts }: Props) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col" className={numbers.includes(name) ? "number" : undefined}>
            {name}
          </th>
        ))}
        {acts !== undefined && (
          <th scope="col">
            <span className="hidden-text">{acts}</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
