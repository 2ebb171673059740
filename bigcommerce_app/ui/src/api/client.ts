/** The API answered, but not with what was asked for; `message` is for people. */
export class ApiError extends Error {
  readonly status: number;
  /** What is wrong where: "form.url" or "owners.0.at_least" -> words. */
  readonly fields: Record<string, string>;

  constructor(status: number, message: string, fields: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** The API did not answer at all. */
export class Unreachable extends ApiError {
  constructor() {
    super(0, "Storeline cannot be reached right now.");
  }
}

/** The session cannot be renewed any more: Storeline has to be opened again. */
export class SessionOver extends ApiError {
  constructor() {
    super(401, "The session is over.");
  }
}

export interface ClientOptions {
  base: string;
  token: string;
  fetch?: typeof fetch;
  now?: () => number;
  onSessionOver?: () => void;
}

interface Renewal {
  token: string;
  expires_at: string;
}

const MARGIN = 60_000; // ms before its end that a bearer is renewed
const SHORTEST = 1_000; // ms between two renewals, whatever the clocks say
const WORDS: Record<number, string> = {
  403: "You may not do that.",
  404: "That is not there (any more).",
  422: "Some of what was entered is not valid.",
};

/** Calls the API with the bearer, which it keeps in memory only and renews before it ends, and once on a 401. */
export class Client {
  private readonly base: string;
  private readonly send: typeof fetch;
  private readonly now: () => number;
  private readonly onSessionOver: () => void;
  private token: string;
  private expires: number;
  private renewing: Promise<void> | null = null;
  private over = false;

  constructor(options: ClientOptions) {
    this.base = options.base;
    this.token = options.token;
    this.expires = expiry(options.token);
    this.send = options.fetch ?? window.fetch.bind(window);
    this.now = options.now ?? Date.now;
    this.onSessionOver = options.onSessionOver ?? (() => undefined);
  }

  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.request<T>("GET", path, undefined, signal);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.request<T>("POST", path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.request<T>("PATCH", path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.request<T>("PUT", path, body);
  }

  /** What is no JSON, such as a file to keep. */
  async file(path: string): Promise<Blob> {
    return (await this.answer("GET", path)).blob();
  }

  delete(path: string): Promise<void> {
    return this.request<void>("DELETE", path);
  }

  /** Renew whenever it is time, also while nobody asks for anything. Returns how to stop. */
  keepAlive(): () => void {
    let timer = 0;
    const plan = () => {
      timer = window.setTimeout(
        () => void this.renew().catch(() => undefined).finally(() => !this.over && plan()),
        Math.max(this.expires - MARGIN - this.now(), SHORTEST),
      );
    };
    plan();
    return () => window.clearTimeout(timer);
  }

  /** Forget the bearer: the control panel logged the user out. */
  end(): void {
    if (this.over) return;
    this.over = true;
    this.token = "";
    this.onSessionOver();
  }

  private async request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const answer = await this.answer(method, path, body, signal);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  private async answer(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    if (this.over) throw new SessionOver();
    if (this.expires - MARGIN < this.now()) await this.renew().catch(ignoreUnlessOver);
    const used = this.token;
    let answer = await this.call(method, path, body, signal);
    if (answer.status === 401) {
      if (used === this.token) await this.renew();
      answer = await this.call(method, path, body, signal);
      if (answer.status === 401) {
        this.end();
        throw new SessionOver();
      }
    }
    if (!answer.ok) throw await problem(answer);
    return answer;
  }

  private async call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}`, Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      return await this.send(this.base + path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "omit",
        signal,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Unreachable();
    }
  }

  private renew(): Promise<void> {
    this.renewing ??= this.fetchBearer().finally(() => (this.renewing = null));
    return this.renewing;
  }

  private async fetchBearer(): Promise<void> {
    if (this.over) throw new SessionOver();
    const answer = await this.call("POST", "/session/renew");
    if (answer.status === 401) {
      this.end();
      throw new SessionOver();
    }
    if (!answer.ok) throw await problem(answer);
    const renewal = (await answer.json()) as Renewal;
    this.token = renewal.token;
    this.expires = expiry(renewal.token) || Date.parse(renewal.expires_at);
  }
}

/** When a bearer ends, in ms since 1970; 0 if it does not say. */
export function expiry(token: string): number {
  try {
    const payload = token.split(".")[1] ?? "";
    const claims = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/"))) as { exp?: number };
    return (claims.exp ?? 0) * 1000;
  } catch {
    return 0;
  }
}

function ignoreUnlessOver(error: unknown): void {
  if (error instanceof SessionOver) throw error; // otherwise the bearer is still good for a while
}

async function problem(answer: Response): Promise<ApiError> {
  const fallback = WORDS[answer.status] ?? "Something went wrong on Storeline's side. Please try again.";
  try {
    const body = (await answer.json()) as { message?: unknown; errors?: { json?: unknown } };
    const message = typeof body.message === "string" ? body.message : fallback;
    return new ApiError(answer.status, message, wrongFields(body.errors?.json));
  } catch {
    return new ApiError(answer.status, fallback); // a proxy's page, not ours
  }
}

/** The problem body's nested lists of words as one flat list by path; a map's "value" is no step of the path. */
export function wrongFields(errors: unknown, path: string[] = []): Record<string, string> {
  if (Array.isArray(errors)) return { [path.join(".")]: errors.map(String).join(" ") };
  if (typeof errors !== "object" || errors === null) return {};
  return Object.fromEntries(
    Object.entries(errors).flatMap(([name, inner]) =>
      Object.entries(wrongFields(inner, name === "value" ? path : [...path, name])),
    ),
  );
}
