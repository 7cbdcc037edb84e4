// The network between a browser and its desk, which can hang: connections are taken, stay open, and nothing comes of them, as where packets are
// dropped, or where a portal of a hotel takes everything and answers nothing.
import { connect, createServer } from "node:net";

export class Gate {
  #server;
  #sockets = new Set();
  #isHung = false;
  /** What hangs it as soon as somebody asks for it: what was asked still arrives, and no answer to it comes back. */
  #trap;
  /** Whose question it was. */
  #trapped;

  static async before(origin) {
    const gate = new Gate();
    const { hostname, port } = new URL(origin);
    gate.#server = createServer((socket) => gate.#carry(socket, connect(Number(port), hostname)));
    await new Promise((resolve, reject) => gate.#server.once("error", reject).listen(0, "127.0.0.1", resolve));
    gate.origin = `http://127.0.0.1:${gate.#server.address().port}`;
    return gate;
  }

  #carry(here, there) {
    for (const [one, other] of [[here, there], [there, here]]) {
      this.#sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => (this.#sockets.delete(one), other.destroy()));
      one.on("data", (bytes) => {
        if (this.#isHung && one !== this.#trapped) return;
        if (one === here && this.#trap !== undefined && bytes.toString("latin1").includes(this.#trap)) {
          [this.#isHung, this.#trapped, this.#trap] = [true, here, undefined];
        }
        other.write(bytes);
      });
    }
  }

  /** From here on nothing comes through; where a word is named, as soon as a browser asks for it. */
  hang(trap) {
    this.#trap = trap;
    this.#isHung ||= trap === undefined;
  }

  get isHung() {
    return this.#isHung;
  }

  /** It is there again. What was lost meanwhile is lost: those connections break. */
  open() {
    this.#trap = this.#trapped = undefined;
    this.#isHung = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  end() {
    this.open();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
