/** Takes whoever was refused to the first field that something is wrong with, once the form says so. */
export function toInvalid(form: HTMLElement | null): void {
  setTimeout(() => form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] button')?.focus());
}
