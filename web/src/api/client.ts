/** One way to speak to the server: JSON, the session cookie, one error shape. */

import type { ProblemBody } from "./types";

/** What the server said when it did not answer, in its own words. */
export class Problem extends Error {
  readonly slug: string;
  readonly title: string;
  readonly status: number;
  readonly requestId: string | null;

  constructor(body: ProblemBody) {
    super(body.detail);
    this.name = "Problem";
    this.slug = body.problem;
    this.title = body.title;
    this.status = body.status;
    this.requestId = body.request_id || null;
  }
}

/** Which moment of knowledge is asked for; null is now. */
export interface Moment {
  clock: "known_at" | "recorded_at";
  at: string | null;
}

export const NOW: Moment = { clock: "known_at", at: null };

export type Query = Record<string, string | number | null | undefined>;

export function momentQuery(moment: Moment): Query {
  return moment.at === null ? {} : { [moment.clock]: moment.at };
}

function address(path: string, query?: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `/api${path}?${text}` : `/api${path}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as ProblemBody | null;
  if (typeof body?.problem === "string") return new Problem({ ...body, status: response.status });
  return new Problem({
    problem: "unreadable-answer",
    title: "The server's answer could not be read",
    detail: "Expected an error in JSON. Try again; if it stays, tell whoever runs this server.",
    status: response.status,
    request_id: response.headers.get("x-request-id") ?? "",
  });
}

/** The answer, unless the server could not be reached or refused. */
async function answered(path: string, options: RequestInit, query?: Query): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path, query), { credentials: "same-origin", ...options });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem({
      problem: "server-not-reached",
      title: "The server was not reached",
      detail: "The connection failed before an answer came. Check that Vitruvian is running.",
      status: 0,
      request_id: "",
    });
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function send<T>(path: string, options: RequestInit, query?: Query): Promise<T> {
  const response = await answered(path, options, query);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return send<T>(path, signal ? { signal } : {}, query);
}

/** Names and search words travel in the body: an address is logged, a body is not. */
function posted(body: unknown, signal?: AbortSignal): RequestInit {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Vitruvian": "1" },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  };
}

export function post<T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> {
  return send<T>(path, posted(body, signal));
}

/** What the server answers, saved as a file of that name. */
export async function saveFile(path: string, body: unknown, name: string): Promise<void> {
  const response = await answered(path, posted(body));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
