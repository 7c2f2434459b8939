// The page: what the events say, shown; what the buttons ask, sent.
import { Plots } from "./plots.js";
import { command, listen, token } from "./stream.js";
import * as words from "./words.js";

const $ = (id) => document.getElementById(id);
const plots = new Plots($("plots"));
let status = null;
let end = null;
let link = "";

function element(name, text, set = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(set)) if (value !== undefined) made.setAttribute(key, value);
  return made;
}

// Only what differs is written, so that nobody who listens to the page hears it twice.
function say(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

function show_head() {
  const table = status.table ?? "pgwraith";
  say("table", table);
  say("kind", words.kind(status));
  const { mood, title, detail } = end && end.outcome !== "done" ? words.ending(end) : words.headline(status);
  document.title = `${title} · ${table}`;
  document.body.dataset.mood = mood;
  say("headline", title);
  say("detail", detail);
  const share = status.phase === "done" ? 100 : words.known(status.percent) ? status.percent : 0;
  $("progress").setAttribute("aria-valuenow", share);
  $("progress").setAttribute("aria-valuetext", `${words.phase(status.phase)}, ${share} %`);
  $("progress").firstElementChild.style.width = `${share}%`;
}

function show_phases() {
  const all = words.way(status);
  const at = all.indexOf(status.phase);
  const key = `${all.join()} ${at}`;
  if ($("phases").dataset.key === key) return;
  $("phases").dataset.key = key;
  $("phases").replaceChildren(...all.map((name, i) => {
    const item = element("li", name.replaceAll("_", " "), { "aria-current": i === at ? "step" : undefined });
    if (i < at) item.className = "past";
    return item;
  }));
}

function show_signals() {
  const list = status.signals ?? [];
  $("no-signals").hidden = list.length > 0;
  $("signals").querySelector("table").hidden = list.length === 0;
  $("signals").querySelector("tbody").replaceChildren(...list.map((one) => {
    const row = document.createElement("tr");
    const since = words.known(one.since_ms) ? ` for ${words.time(one.since_ms)}` : "";
    row.append(
      element("th", String(one.name).replaceAll("_", " "), { scope: "row" }),
      element("td", words.amount(one.value, one.unit)),
      element("td", words.amount(one.limit, one.unit)),
      element("td", one.holds ? `holds${since}${one.why ? `: ${one.why}` : ""}` : "fine", { class: one.holds ? "holds" : "fine" }));
    return row;
  }));
}

function show_facts() {
  $("facts").replaceChildren(...words.facts(status).map(([name, value]) => {
    const pair = document.createElement("div");
    pair.append(element("dt", name), element("dd", value));
    return pair;
  }));
}

function show_buttons() {
  const over = end !== null || status === null || link !== "live" || status.phase === "done";
  const paused = status !== null && words.paused(status);
  const allowed = status === null ? [] : words.allowed(status);
  for (const button of document.querySelectorAll("[data-command]")) {
    const name = button.dataset.command;
    button.disabled = over || !allowed.includes(name);
    const text = status === null ? null : words.label(name, status);
    if (text !== null && button.textContent !== text) button.textContent = text;
    if (name === "pause" || name === "resume") {
      const hide = (name === "resume") !== paused;
      // The one that comes in its place takes the focus along.
      const focused = hide && document.activeElement === button;
      button.hidden = hide;
      if (focused) document.querySelector(`[data-command=${paused ? "resume" : "pause"}]`).focus();
    }
  }
}

function show() {
  show_buttons();
  if (!status) return;
  show_head();
  show_phases();
  show_signals();
  show_facts();
}

function on_event(name, data) {
  if (name === "history") {
    end = null;
    plots.replace(data.columns);
    say("version", `pgwraith ${data.version ?? ""}`);
  } else if (name === "status") {
    status = data.status;
    plots.add(data.sample ?? {}, status);
  } else if (name === "end") {
    end = data;
  }
  show();
}

function on_link(state, since, code) {
  const changed = link !== state;
  link = state;
  document.body.dataset.link = state;
  if (state === "live") {
    say("link", "live");
  } else if (end) {
    say("link", "the process has ended");
    document.body.dataset.link = "over";
  } else {
    const ago = Math.round((Date.now() - since) / 1000);
    say("link", code ? `the process refuses (${code}), trying again` : `no connection for ${ago} s: the process has gone, or the way to it`);
  }
  if (changed) show();
}

// True when it was confirmed. Escape goes back.
function confirmed(name) {
  const question = words.question(name, status);
  if (!question) return Promise.resolve(true);
  const [title, text, yes] = question;
  $("ask-title").textContent = title;
  $("ask-text").textContent = text;
  $("ask-yes").textContent = yes;
  $("ask-yes").className = name === "abort" ? "danger main" : "main";
  $("ask").returnValue = "no";
  $("ask").showModal();
  return new Promise((answer) => {
    $("ask").addEventListener("close", () => answer($("ask").returnValue === "yes"), { once: true });
  });
}

async function press(button) {
  const name = button.dataset.command;
  if (!await confirmed(name)) return;
  let text, failed = false;
  try {
    text = await command(name);
  } catch (error) {
    text = error.message;
    failed = true;
  }
  $("answer").classList.toggle("failed", failed);
  say("answer", text);
}

function needs_token(was_wrong) {
  if (was_wrong) token.forget();
  $("login-text").classList.toggle("failed", was_wrong);
  if (was_wrong) say("login-text", "That was not the right one.");
  $("token").value = "";
  if (!$("login").open) $("login").showModal();
  return new Promise((done) => {
    $("login").querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      token.set($("token").value.trim());
      $("login").close();
      done();
    }, { once: true });
  });
}

$("login").addEventListener("cancel", (event) => event.preventDefault());
for (const button of document.querySelectorAll("[data-command]")) button.addEventListener("click", () => press(button));
show_buttons();
listen({ on_event, on_link, needs_token });
