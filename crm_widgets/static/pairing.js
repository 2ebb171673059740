"use strict";
// Opens the panel in a CRM that signs nothing: by this device's secret, which a one-time code was exchanged for.
(() => {
  const config = JSON.parse(document.getElementById("config").textContent);
  const content = document.getElementById("content");
  const notice = document.getElementById("notice");
  const pairing = document.getElementById("pairing");
  const form = document.getElementById("pair");
  const key = "storeline:" + config.tenant;
  let held = ""; // where the browser keeps nothing for frames

  // Storage of a frame is the frame's site's own within this CRM's site, where the browser parts it; no cookie is involved.
  function kept() {
    try { return localStorage.getItem(key) || held; } catch { return held; }
  }

  function keep(device) {
    held = device;
    try {
      if (device) localStorage.setItem(key, device);
      else localStorage.removeItem(key);
    } catch {
      document.getElementById("remembering").hidden = !device;
    }
  }

  function tell(text) {
    notice.textContent = text;
    notice.hidden = !text;
  }

  async function post(url, body) {
    try {
      const answer = await fetch(url, {
        method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit", cache: "no-store",
        body: JSON.stringify({ tenant: config.tenant, ...body }),
      });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return { status: 0, body: { message: "No connection. Check the network and reload this record." } };
    }
  }

  function ask(text) {
    document.getElementById("opening")?.remove();
    pairing.hidden = false;
    tell(text);
  }

  async function open() {
    const device = kept();
    if (!device) return ask("");
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    const answer = await post(config.open, {
      device, object: config.object, id: config.id, locale: navigator.language || "", timezone: zone,
    });
    if (answer.status === 401) {
      keep("");
      return ask(answer.body.message);
    }
    document.getElementById("opening")?.remove();
    if (answer.status !== 200) return tell(answer.body.message || "This cannot be shown right now.");
    tell("");
    pairing.hidden = true;
    document.dispatchEvent(new CustomEvent("storeline:opened", { detail: answer.body.token }));
    const template = document.createElement("template");
    template.innerHTML = answer.body.html;
    content.replaceChildren(template.content);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const answer = await post(config.pair, { code: form.elements.code.value });
    button.disabled = false;
    if (answer.status !== 200) {
      tell(answer.body.message || "This code cannot be used right now.");
      form.elements.code.focus();
      return;
    }
    form.reset();
    keep(answer.body.device);
    await open();
  });

  open();
})();
