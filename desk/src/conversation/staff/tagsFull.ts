// A ticket has as many tags as it can have. Nobody's makes room for another one unasked.
import { t } from "@lingui/core/macro";

export class TagsFull extends Error {
  constructor() {
    super(t`This ticket already has as many tags as it can have. Remove one first.`);
    this.name = "TagsFull";
  }
}
