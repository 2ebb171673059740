/** What the page that frames us was rendered with. */
export interface Config {
  token: string;
  apiBase: string;
  deepLink: string;
  store: { hash?: string; name?: string; currency?: string; timezone?: string; control_panel_url?: string };
  user: { email?: string; locale?: string; role?: string };
}

const ELEMENT = "storeline-config";

/** Read the configuration out of the page; throws when the page was not rendered by the app. */
export function readConfig(page: Document): Config {
  const text = page.getElementById(ELEMENT)?.textContent;
  if (!text) throw new Error(`The page has no #${ELEMENT}.`);
  const given = JSON.parse(text) as Partial<Config>;
  return {
    token: given.token ?? "",
    apiBase: (given.apiBase ?? "/api").replace(/\/$/, ""),
    deepLink: given.deepLink ?? "/",
    store: given.store ?? {},
    user: given.user ?? {},
  };
}
