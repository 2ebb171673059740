// The control panel's side of JSChannel (scope "bc"), as @bigcommerce/app-sdk-js speaks it.
(() => {
  const frame = document.getElementById("app");
  const logout = document.getElementById("logout");
  const send = (method, params) =>
    frame.contentWindow.postMessage(JSON.stringify({ method: `bc::${method}`, params }), "*");
  const record = (method, params) =>
    fetch("/_sandbox/frame", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ method, params: params ?? null }),
    });

  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || typeof event.data !== "string") return;
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      return;
    }
    if (typeof message.method !== "string" || !message.method.startsWith("bc::")) return;
    const method = message.method.slice("bc::".length);
    if (method === "__ready") {
      if (message.params === "ping") send("__ready", "pong");
      return;
    }
    record(method, message.params);
  });
  logout.addEventListener("click", () => send("logout", {}));
})();
