/**
 * The two messages of BigCommerce's control panel that matter to us, as `@bigcommerce/app-sdk-js` sends and reads them
 * (JSChannel over postMessage): we say that the user is active, it says that the user has logged out.
 */
const IDLE_PING = JSON.stringify({ method: "bc::iAmNotIdle", params: null }); // says nothing about anybody
const PING_EVERY = 5 * 60_000; // ms

export function joinControlPanel(onLogout: () => void): () => void {
  const panel = window.parent;
  if (panel === window) return () => undefined;
  let pinged = 0;
  const ping = () => {
    if (Date.now() - pinged < PING_EVERY) return;
    pinged = Date.now();
    panel.postMessage(IDLE_PING, "*");
  };
  const read = (event: MessageEvent) => {
    if (event.source === panel && typeof event.data === "string" && isLogout(event.data)) onLogout();
  };
  const activity = ["mousemove", "keydown", "touchstart"] as const;
  activity.forEach((name) => window.addEventListener(name, ping, { passive: true }));
  window.addEventListener("message", read);
  return () => {
    activity.forEach((name) => window.removeEventListener(name, ping));
    window.removeEventListener("message", read);
  };
}

function isLogout(text: string): boolean {
  try {
    return (JSON.parse(text) as { method?: unknown }).method === "bc::logout";
  } catch {
    return false;
  }
}
