"use strict";
// Opens the panel in a CRM that signs nothing: by this device's secret, which a one-time code was exchanged for.
(() => {
  const config = JSON.parse(document.getElementById("config").textContent);
  const content = document.getElementById("content");
  const notice = document.getElementById("notice");
  const pairing = document.getElementById("pairing");
  const form = document.getElementById("pair");
  const forgetful = document.getElementById("forgetful");
  const key = "storeline:" + config.tenant;
  let held = ""; // for as long as this page lives

  // What a frame stores is parted by the CRM's site. Where the browser lets frames store nothing, a parted cookie has it.
  function storage() {
    try { return window.localStorage; } catch { return null; }
  }

  function keep(device) {
    held = device;
    const place = storage();
    if (!place) return;
    if (device) place.setItem(key, device);
    else place.removeItem(key);
  }

  function tell(text) {
    notice.textContent = text;
    notice.hidden = !text;
  }

  async function post(url, body) {
    try {
      const answer = await fetch(url, {
        method: "POST", headers: { "Content-Type": "application/json" }, credentials: "same-origin", cache: "no-store",
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

  function exchange(device) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    return post(config.open, { device, object: config.object, id: config.id, locale: navigator.language || "", timezone: zone });
  }

  function show(answer) {
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

  async function open() {
    const place = storage();
    const device = place ? place.getItem(key) : "";
    if (place && !device) return ask("");
    show(await exchange(device));
  }

  async function paired(device) {
    keep(device);
    if (storage()) return open();
    const answer = await exchange(""); // by the cookie, if the browser took it
    if (answer.status !== 401) return show(answer);
    show(await exchange(held));
    forgetful.hidden = false;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const answer = await post(config.pair, { code: form.elements.code.value, keep: storage() ? "storage" : "cookie" });
    button.disabled = false;
    if (answer.status !== 200) {
      tell(answer.body.message || "This code cannot be used right now.");
      form.elements.code.focus();
      return;
    }
    form.reset();
    await paired(answer.body.device);
  });

  open();
})();
