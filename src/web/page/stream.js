// The process's events and commands. The token goes in a header only, and stays in this tab.
const slot = "pgwraith-token";
const silence_ms = 6000;
const longest_pause_ms = 8000;

export const token = {
  get: () => sessionStorage.getItem(slot) ?? "",
  set: (value) => sessionStorage.setItem(slot, value),
  forget: () => sessionStorage.removeItem(slot),
};

function headers() {
  const value = token.get();
  return value ? { Authorization: `Bearer ${value}` } : {};
}

const pause = (ms) => new Promise((wake) => setTimeout(wake, ms));

// What one event says; the server sends one line of data.
function parsed(block) {
  const field = (name) => block.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const data = field("data");
  return data === undefined ? null : { name: field("event") ?? "message", data: JSON.parse(data) };
}

// Reads one connection's events to its end. Throws when it breaks or falls silent.
async function follow(on_event) {
  const stop = new AbortController();
  let watchdog = setTimeout(() => stop.abort(), silence_ms);
  try {
    const response = await fetch("/events", { headers: headers(), signal: stop.signal, cache: "no-store" });
    if (!response.ok) return response.status;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 0;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => stop.abort(), silence_ms);
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const event of blocks.map(parsed)) if (event) on_event(event.name, event.data);
    }
  } finally {
    clearTimeout(watchdog);
  }
}

// For ever. `needs_token()` resolves when there is one to try; `on_link(state, since)` hears of the connection.
export async function listen({ on_event, on_link, needs_token }) {
  let wait = 500;
  let lost = 0;
  for (;;) {
    let status = 0;
    try {
      status = await follow((name, data) => {
        wait = 500;
        lost = 0;
        on_link("live");
        on_event(name, data);
      });
    } catch {
      status = 0;
    }
    if (status === 401) {
      await needs_token(token.get() !== "");
      continue;
    }
    lost ||= Date.now();
    on_link("lost", lost, status);
    await pause(wait);
    wait = Math.min(wait * 2, longest_pause_ms);
  }
}

// The sentence that the process answers; throws one.
export async function command(name) {
  let response;
  try {
    response = await fetch(`/${name}`, { method: "POST", headers: headers(), cache: "no-store" });
  } catch {
    throw new Error("the process did not answer: nothing is known of the command");
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body.message ?? "done";
  throw new Error([body.error ?? `status ${response.status}`, body.hint].filter(Boolean).join(". "));
}
