/**
 * The script of the status page, as text: it keeps the page current, and makes its buttons work.
 * @module
 */

/** The token, where there is one, stays in this tab: in the fragment of the address, which no server sees, then in its storage. */
export const PAGE_SCRIPT: string = `
"use strict";
const byId = (id) => document.getElementById(id);
const KEY = "sitebus token";
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  sessionStorage.setItem(KEY, given);
  history.replaceState(null, "", location.pathname);
}
const token = sessionStorage.getItem(KEY);
const headers = token ? { authorization: "Bearer " + token } : {};
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (text, kind) => {
  byId("said").textContent = text;
  byId("said").className = kind || "";
};
let isIn = document.body.dataset.in === "yes";
let state = "";

const part = async (name) => {
  const answer = await fetch("/?part=" + name, { headers: { ...headers, accept: "text/html" } });
  if (answer.status === 401) throw Object.assign(new Error("The token is missing or wrong"), { denied: true });
  if (!answer.ok) throw new Error("It answers with " + answer.status);
  return await answer.text();
};

const show = (html) => {
  const main = byId("main");
  const focused = document.activeElement && main.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = [...main.querySelectorAll(".wide")].map((one) => one.scrollLeft);
  main.innerHTML = html;
  [...main.querySelectorAll(".wide")].forEach((one, at) => { one.scrollLeft = scrolled[at] || 0; });
  if (focused) byId(focused)?.focus();
  const now = byId("state")?.dataset.state || "";
  if (state && now !== state) byId("told").textContent = "The state is " + now;
  state = now;
};

let asked = false, again = false;
const refresh = async () => {
  if (asked) { again = true; return; }
  asked = true;
  try {
    show(await part("main"));
    byId("live").textContent = "live";
  } catch (error) {
    byId("live").textContent = error.denied ? "no access" : "not reachable";
  }
  asked = false;
  if (again) { again = false; soon(); }
};
let timer;
const soon = () => { timer ??= setTimeout(() => { timer = undefined; refresh(); }, 100); };

const follow = async () => {
  for (;;) {
    try {
      const answer = await fetch("/events", { headers });
      if (!answer.ok) throw new Error();
      soon();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = "";;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
        for (let end; (end = text.indexOf("\\n\\n")) >= 0; text = text.slice(end + 2)) record(text.slice(0, end));
      }
    } catch { /* It ends, or has ended. */ }
    byId("live").textContent = "not reachable";
    await wait(1000);
    refresh();
  }
};

const record = (event) => {
  const line = event.split("\\n").find((line) => line.startsWith("data: "));
  if (!line) return;
  soon();
  const { time, level, message } = JSON.parse(line.slice(6));
  if (level === "debug") return;
  const row = document.createElement("div");
  row.className = level;
  row.textContent = time.slice(11, 23) + "  " + message;
  const log = byId("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
  log.append(row);
  while (log.childElementCount > 200) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
};

const confirmed = (title, text) => new Promise((resolve) => {
  const dialog = byId("confirm");
  byId("confirm-title").textContent = title + "?";
  byId("confirm-text").textContent = text;
  byId("confirm-yes").textContent = title;
  const end = (answer) => { dialog.close(); resolve(answer); };
  byId("confirm-yes").onclick = () => end(true);
  byId("confirm-no").onclick = () => end(false);
  dialog.oncancel = () => resolve(false);
  dialog.showModal();
  byId("confirm-no").focus();
});

const act = async (button) => {
  const name = button.textContent;
  if (button.dataset.ask && !await confirmed(name, button.dataset.ask)) return;
  const body = JSON.parse(button.dataset.body);
  if (button.dataset.count) {
    const count = byId(button.dataset.count).value;
    if (count === "") return say("How many units?", "bad");
    body.count = Number(count);
  }
  button.disabled = true;
  say(name + " …", "busy");
  try {
    const answer = await fetch(button.dataset.path, {
      method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body),
    });
    const { ok, error, ms } = await answer.json();
    if (ok) say(name + ": done after " + Math.round(ms) + " ms", "good");
    else say(name + ": " + (error || "refused with " + answer.status), "bad");
  } catch {
    say(name + ": the process does not answer any more", "bad");
  }
  button.disabled = false;
  soon();
};

const begin = async () => {
  if (!isIn) {
    if (!token) return;
    try {
      const [main, actions] = await Promise.all([part("main"), part("actions")]);
      byId("actions").innerHTML = actions;
      show(main);
    } catch (error) {
      sessionStorage.removeItem(KEY);
      return say(error.message, "bad");
    }
  }
  isIn = true;
  for (const id of ["live", "actions", "events"]) byId(id).hidden = false;
  byId("actions").addEventListener("click", ({ target }) => { if (target.dataset.path) act(target); });
  state = byId("state")?.dataset.state || "";
  follow();
  for (;;) {
    await wait(byId("state")?.dataset.busy === "true" ? 500 : 5000);
    if (document.visibilityState === "visible") await refresh();
  }
};
begin();
`;
