// Numbers and states in words. Knows nothing of the page.
const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const known = (value) => typeof value === "number" && Number.isFinite(value);
export const count = (value) => (known(value) ? plain.format(value) : "–");

export function bytes(value) {
  if (!known(value)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; Math.abs(value) >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${tenth.format(value)} ${units[unit]}`;
}

// Coarser the longer it is.
export function time(ms) {
  if (!known(ms)) return "–";
  if (ms < 1) return `${tenth.format(ms)} ms`;
  if (ms < 1000) return `${plain.format(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${tenth.format(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function amount(value, unit) {
  if (!known(value)) return "–";
  if (unit === "ms") return time(value);
  if (unit === "bytes") return bytes(value);
  if (unit === "bytes/s") return `${bytes(value)}/s`;
  return unit ? `${tenth.format(value)} ${unit}` : tenth.format(value);
}

const phases = {
  prepare: "preparing",
  steps: "making the change",
  compare: "comparing",
  expanded: "expanded",
  contract: "contracting",
  copy: "copying",
  build: "building indexes",
  catch_up: "catching up",
  verify: "verifying",
  ready: "ready",
  cutover: "cutting over",
  going_back: "going back",
  done: "done",
};
export const phase = (name) => phases[name] ?? String(name ?? "…").replaceAll("_", " ");

// Which phases a migration of this kind passes; one that is not foreseen is added.
export function way(status) {
  const rehearsal = status.rehearsal === true;
  let list;
  if (status.contraction) {
    list = ["prepare", "compare", "contract"];
  } else if (status.way === "steps") {
    list = status.versions ? ["prepare", "steps", "compare", rehearsal ? "contract" : "expanded"] : ["prepare", "steps"];
    if (!status.versions && status.mode === "manual" && !rehearsal) list.push("ready");
  } else {
    list = ["prepare", "copy", "build", "catch_up", "verify", "ready", "cutover"];
  }
  if (rehearsal) list.push("going_back");
  if (!status.versions || rehearsal || status.contraction) list.push("done");
  if (status.phase && !list.includes(status.phase)) list.splice(-1, 0, status.phase);
  return list;
}

export function kind(status) {
  const what = status.contraction ? "contraction" : status.versions ? "expansion" : status.way === "steps" ? "steps on the table" : "shadow table";
  return status.rehearsal === true ? `rehearsal, ${what}` : what;
}

export const paused = (status) => status.paused === true;

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// {mood, title, detail} of the newest status.
export function headline(status) {
  const name = phase(status.phase);
  const activity = status.activity || "";
  if (status.phase === "done") {
    const took = known(status.blocked_ms) ? ` Others waited ${time(status.blocked_ms)} at most.` : "";
    return { mood: "well", title: status.rehearsal ? "The rehearsal is over" : "Done: the table has its new shape", detail: took.trim() };
  }
  if (status.aborting) return { mood: "held", title: "Aborting", detail: activity ? capital(activity) : "What was made is dropped, then the process ends." };
  if (status.health === "trouble") return { mood: "bad", title: capital(status.headline), detail: capital(status.next ?? "") };
  if (status.throttled) {
    const title = paused(status) ? `Paused while ${name}` : `Held back while ${name}`;
    const meanwhile = status.way === "steps" ? "What has begun comes to its end; nothing else begins." : "Changes are still received.";
    return { mood: "held", title, detail: paused(status) ? meanwhile : capital(status.throttled) };
  }
  if (status.phase === "ready" && status.waits !== "server") {
    const title = status.way === "steps" ? "Ready for the step that stops readers" : "Ready for the cutover";
    return { mood: "well", title, detail: capital(activity) };
  }
  if (status.phase === "expanded") return { mood: "well", title: "Expanded: both versions may run", detail: capital(activity) };
  // A lock that others hold.
  if (status.health === "waits") return { mood: "held", title: `Waiting while ${name}`, detail: capital(activity || status.headline) };
  const share = known(status.percent) && status.percent > 0 ? `, ${tenth.format(status.percent)} %` : "";
  const left = known(status.eta_ms) && status.phase !== "steps" ? `, about ${time(status.eta_ms)} left` : "";
  return { mood: "busy", title: capital(`${name}${share}${left}`), detail: activity === name ? "" : capital(activity) };
}

export function ending(end) {
  if (end.outcome === "done") return { mood: "well", title: "Done", detail: "The process has ended." };
  const title = end.outcome === "aborted" ? "Aborted" : "The process has stopped";
  return { mood: end.outcome === "aborted" ? "quiet" : "bad", title, detail: [end.message, end.hint].filter(Boolean).join(". ") };
}

// [name, value] of what is known, in the order in which one asks.
export function facts(s) {
  const list = [];
  const add = (name, value, wanted = true) => wanted && list.push([name, value]);
  const shadow = s.way !== "steps";
  add("rows copied", `${count(s.rows_copied)} of about ${count(s.row_estimate)}`, shadow && known(s.rows_copied));
  add("rows a second", count(s.rows_per_second), known(s.rows_per_second) && (shadow || s.rows_per_second > 0));
  add("left, about", time(s.eta_total_ms ?? s.eta_ms), known(s.eta_total_ms ?? s.eta_ms));
  add("elapsed", time(s.elapsed_ms), known(s.elapsed_ms));
  add("held back, in all", time(s.throttled_ms), known(s.throttled_ms));
  add("workers allowed", count(s.workers_allowed), known(s.workers_allowed));
  add("changes received", count(s.changes_received), shadow && known(s.changes_received));
  add("changes pending", count(s.pending_changes), shadow && known(s.pending_changes));
  add("stream behind", bytes(s.stream_lag_bytes), shadow && known(s.stream_lag_bytes));
  add("WAL kept on the server", bytes(s.retained_wal_bytes), s.slot === true);
  add("standby behind", time(s.replica_lag_ms), known(s.replica_lag_ms));
  add("rows compared", count(s.rows_verified), s.rows_verified > 0);
  add("differences repaired", count(s.differences_repaired), s.differences_repaired > 0);
  add(shadow ? "attempts to swap" : "attempts at locks", count(s.cutover_attempts), s.cutover_attempts > 0);
  add("others waited at most", time(s.blocked_ms), known(s.blocked_ms));
  add("connections made again", count(s.reconnects), s.reconnects > 0);
  add("last error", `${s.last_error?.what} (${time(s.last_error?.ago_ms)} ago)`, Boolean(s.last_error));
  add("old table", String(s.old_table), Boolean(s.old_table));
  add("mode of the cutover", String(s.mode), Boolean(s.mode) && !s.rehearsal);
  return list;
}

// Which buttons make sense now; the process refuses the others.
export function allowed(status) {
  if (status.aborting || status.phase === "done") return [];
  if (status.phase === "going_back") return [];
  const all = ["pause", "resume", "abort"];
  const no_swap = status.rehearsal || (!status.contraction && ["compare", "expanded", "contract"].includes(status.phase));
  return no_swap ? all : [...all, "cutover", "postpone"];
}

// What a button asks before it does something: title, text, the word for yes.
export function question(name, status) {
  const { table, rehearsal, contraction } = status;
  const steps = status.way === "steps";
  const brief = "under a lock that others wait for as short a time as cutover.max_blocked says";
  if (name === "cutover") {
    if (contraction) return ["Contract?", `The old columns of ${table} are dropped, ${brief}. That cannot be taken back.`, "Contract"];
    if (steps) return ["Go on?", `The steps that stop readers of ${table} are made as soon as it is ready, each ${brief}.`, "Go on"];
    return ["Cut over?", `The new table takes the place of ${table} as soon as it is ready, ${brief}.`, "Cut over"];
  }
  if (name === "postpone") {
    if (contraction) return ["Postpone the contraction?", "The old columns stay until you ask for it.", "Postpone"];
    if (steps) return ["Postpone?", "No step that stops readers is made until you ask for it.", "Postpone"];
    return ["Postpone the cutover?", "No swap until you ask for it. The migration goes on up to it and stays caught up.", "Postpone"];
  }
  if (name === "pause") return ["Pause?", steps ? "What has begun comes to its end; nothing else begins." : "The work on rows waits; changes are still received.", "Pause"];
  if (name !== "abort") return null;
  if (rehearsal) return ["End the rehearsal?", `It goes back at once: ${table} stays as it is, and nothing is left.`, "Go back"];
  if (contraction) return ["Abort the expansion?", `The new columns of ${table} are dropped, and a new version of the application finds them no more.`, "Abort"];
  if (status.versions) return ["Abort the expansion?", `The new columns of ${table} are dropped, and the process ends. What is done must be done again.`, "Abort"];
  if (steps) return ["Abort the migration?", `What was done to ${table} is taken back, the last step first, and the process ends. What cannot be taken back (a dropped column) is named.`, "Abort"];
  return ["Abort the migration?", `All that the migration has made is dropped, and the process ends. ${table} stays as it is. What is done must be done again.`, "Abort"];
}

// null: it is always the same.
export function label(name, status) {
  if (name === "cutover") return status.contraction ? "Contract" : status.way === "steps" ? "Go on" : "Cut over";
  if (name === "postpone") return status.contraction || status.way === "steps" ? "Postpone" : "Postpone the cutover";
  return null;
}
