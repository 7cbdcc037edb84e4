// Passkeys: what an authenticator computes for this page (WebAuthn's PRF) opens the vault. The page never learns more of it than that.

/** What every passkey computes from: each has a secret of its own, and each vault a salt. */
const INPUT = new TextEncoder().encode("sealdesk/vault/1/passkey");
const RANDOM_BYTES = 32;
const TIMEOUT_MS = 120_000;
/** COSE's numbers of Ed25519, P-256 and RSA. The signatures are never looked at. */
const ALGORITHMS = [-8, -7, -257];

/** A passkey as browsers name it, and the 32 bytes that it computed. */
export interface Computed {
  credential: string;
  computed: Uint8Array;
}

/** Why a passkey does not open this browser's vault: the browser or the authenticator cannot, or the person did not go on. */
export class PasskeyError extends Error {
  readonly why: "address" | "browser" | "authenticator" | "cancelled";

  constructor(why: PasskeyError["why"]) {
    super(why);
    this.why = why;
  }
}

/** Why there can be no passkeys here; null where there can. */
export async function obstacle(): Promise<PasskeyError["why"] | null> {
  // An address of numbers, or one without TLS, is nobody's for passkeys.
  if (!window.isSecureContext || /^[\d.]+$|^\[/.test(location.hostname)) return "address";
  if (typeof PublicKeyCredential === "undefined") return "browser";
  // Older browsers do not say what they can: they are asked.
  const able = await PublicKeyCredential.getClientCapabilities?.().catch(() => undefined);
  return able?.["extension:prf"] === false ? "browser" : null;
}

/** Makes a passkey, and has it compute. */
export async function makePasskey(account: string, known: string[]): Promise<Computed> {
  const found = (await create(account, known, { eval: { first: INPUT } })) ?? (await create(account, known, {}));
  if (!found) throw new PasskeyError("cancelled");
  const { prf } = found.getClientExtensionResults();
  if (prf?.enabled === false) throw new PasskeyError("authenticator");
  const first = prf?.results?.first;
  // Many compute only when they are asked again.
  return first ? { credential: named(found), computed: bytes(first) } : usePasskey([named(found)]);
}

/** Has one of these passkeys compute. */
export async function usePasskey(credentials: string[]): Promise<Computed> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: random(),
    allowCredentials: credentials.map(described),
    userVerification: "required",
    timeout: TIMEOUT_MS,
    extensions: { prf: { eval: { first: INPUT } } },
  };
  const found = await navigator.credentials.get({ publicKey }).catch(refused);
  if (!(found instanceof PublicKeyCredential)) throw new PasskeyError("cancelled");
  const first = found.getClientExtensionResults().prf?.results?.first;
  if (!first) throw new PasskeyError("authenticator");
  return { credential: named(found), computed: bytes(first) };
}

/** Null where the authenticator takes no such request, as some do that want to hear of PRF only later. */
async function create(account: string, known: string[], prf: AuthenticationExtensionsPRFInputs): Promise<PublicKeyCredential | null> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    rp: { name: document.title },
    user: { id: random(), name: account, displayName: account },
    challenge: random(),
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: known.map(described),
    // As it is asked for later: some compute something else without it.
    authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
    timeout: TIMEOUT_MS,
    extensions: { prf },
  };
  const found = await navigator.credentials.create({ publicKey }).catch((error: unknown) => {
    if (prf.eval && error instanceof DOMException && error.name === "NotSupportedError") return null;
    return refused(error);
  });
  return found instanceof PublicKeyCredential ? found : null;
}

function refused(error: unknown): never {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotSupportedError") throw new PasskeyError("authenticator");
  if (name === "SecurityError") throw new PasskeyError("address");
  if (name === "NotAllowedError" || name === "AbortError" || name === "InvalidStateError") throw new PasskeyError("cancelled");
  throw error;
}

const random = () => crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
const bytes = (source: BufferSource) => (ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source));
const named = ({ rawId }: PublicKeyCredential) => btoa(String.fromCharCode(...new Uint8Array(rawId)));
const described = (credential: string): PublicKeyCredentialDescriptor => ({ type: "public-key", id: Uint8Array.from(atob(credential), (letter) => letter.charCodeAt(0)) });
