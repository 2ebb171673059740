"use strict";
// Everything beyond the first page: further orders, search, whole orders, other stores. The bearer lives in memory only.
(() => {
  const config = JSON.parse(document.getElementById("config").textContent);
  const content = document.getElementById("content");
  const notice = document.getElementById("notice");
  const status = document.getElementById("status");
  let token = config.token || "";
  let running = null; // of search and store changes: the newest one counts
  let timer = 0;

  async function load(parameters, signal) {
    let answer;
    try {
      answer = await fetch(config.orders + "?" + new URLSearchParams(parameters), {
        headers: { Authorization: "Bearer " + token }, credentials: "omit", cache: "no-store", signal,
      });
    } catch (error) {
      if (error.name !== "AbortError") tell("No connection. Check the network and try again.");
      return null;
    }
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    if (signal && signal.aborted) return null;
    tell(answer.ok ? "" : template.content.textContent.trim() || "This cannot be shown right now.");
    return answer.ok ? template.content : null;
  }

  function tell(text) {
    notice.textContent = text;
    notice.hidden = !text;
  }

  function query() {
    const input = document.getElementById("q");
    return input ? input.value.trim() : "";
  }

  function newest() {
    if (running) running.abort();
    running = new AbortController();
    return running.signal;
  }

  async function search() {
    const list = document.getElementById("list");
    const signal = newest();
    list.setAttribute("aria-busy", "true");
    const found = await load({ part: "list", q: query() }, signal);
    if (signal.aborted) return;
    list.removeAttribute("aria-busy");
    if (!found) return;
    list.replaceChildren(found);
    status.textContent = list.querySelectorAll(".order").length + " orders shown";
  }

  async function more(button) {
    const list = document.getElementById("list");
    const place = button.closest(".more");
    button.disabled = true;
    const found = await load({ part: "list", q: query(), after: button.dataset.after });
    button.disabled = false;
    if (!found || !place.isConnected) return;
    const rows = [...found.querySelectorAll(".order")];
    let orders = list.querySelector(".orders:not(.pinned):not(.elsewhere)");
    if (!orders && rows.length) {
      orders = document.createElement("ol");
      orders.className = "orders";
      place.before(orders);
    }
    if (rows.length) orders.append(...rows);
    const next = found.querySelector(".more");
    if (next) place.replaceWith(next);
    else place.remove();
    status.textContent = rows.length + " more orders shown";
    if (rows.length) rows[0].querySelector("summary").focus();
  }

  async function whole(button) {
    button.disabled = true;
    const found = await load({ part: "order", id: button.dataset.all });
    button.disabled = false;
    const row = found && found.querySelector(".order");
    if (!row) return;
    row.querySelector("details").open = true;
    button.closest(".order").replaceWith(row);
    row.querySelector("summary").focus();
  }

  async function change(button) {
    token = button.dataset.token;
    for (const other of document.querySelectorAll(".store")) other.setAttribute("aria-pressed", String(other === button));
    const found = await load({ part: "content" }, newest());
    if (found) content.replaceChildren(found);
  }

  // What opened the panel is good once: neither the address nor the history of the frame keeps it.
  if (config.forget) history.replaceState(null, "", location.pathname);
  document.addEventListener("storeline:opened", (event) => { token = event.detail; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.after) more(button);
    else if (button.dataset.all) whole(button);
    else if (button.dataset.token) change(button);
  });
  document.addEventListener("input", (event) => {
    if (event.target.id !== "q") return;
    clearTimeout(timer);
    timer = setTimeout(search, 250);
  });
  document.addEventListener("submit", (event) => {
    event.preventDefault(); // also what form-action forbids
    if (!event.target.matches(".search")) return;
    clearTimeout(timer);
    search();
  });
})();
