// What the package's dashlet does: ask Sugar for the frame's address as the signed-in user, show it, notice silence.
(async () => {
  const SILENT_AFTER_MS = 8000;
  const frame = document.getElementById("storeline");
  const words = document.getElementById("storeline-words");

  const say = (text, instead) => {
    words.textContent = text;
    words.hidden = false;
    frame.hidden = Boolean(instead);
  };

  let url;
  try {
    const answer = await fetch(frame.dataset.launch, { headers: { "OAuth-Token": frame.dataset.token } });
    const body = await answer.json();
    if (!answer.ok || !body.url) {
      const why = body.error_message || body.detail || body.message || body.error || `status ${answer.status}`;
      say(`Storeline could not be opened: ${why}`, true);
      return;
    }
    url = new URL(body.url, location.href);
  } catch (error) {
    say(`Storeline could not be opened: ${error.message}`, true);
    return;
  }

  const timer = setTimeout(() => say(
    `Storeline has been silent for 8 seconds. If the frame stays empty, an administrator adds ${url.origin} in ` +
    "Admin > Content Security Policy Settings.", false), SILENT_AFTER_MS);
  addEventListener("message", (event) => {
    if (event.source === frame.contentWindow && event.data && event.data.type === "storeline:ready") {
      clearTimeout(timer);
      words.hidden = true;
    }
  });
  frame.src = url.href;
})();
