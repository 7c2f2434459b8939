// The plots: one uPlot each, of columns that grow by a sample a second.
import { amount, known } from "./words.js";

const capacity = 900;
const height = 130;
const grouped = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

const kinds = [
  { title: "Rows a second", column: "rows_per_second", show: (v) => amount(v, ""), axis: (v) => grouped.format(v), decimal: true },
  { title: "Replica lag", column: "replica_lag_ms", signal: "replica_lag", show: (v) => amount(v, "ms"), axis: (v) => amount(v, "ms") },
  { title: "Commit latency", column: "commit_latency_ms", signal: "commit_latency", show: (v) => amount(v, "ms"), axis: (v) => amount(v, "ms") },
  { title: "Stream lag", column: "stream_lag_bytes", show: (v) => amount(v, "bytes"), axis: (v) => amount(v, "bytes") },
  { title: "Changes a second", column: "changes_per_second", show: (v) => amount(v, ""), axis: (v) => grouped.format(v), decimal: true },
  { title: "Workers allowed", column: "workers_allowed", show: (v) => amount(v, ""), axis: (v) => amount(v, ""), decimal: true, stepped: true, whole: true },
];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Behind the lines: when the work was held.
function shade(plot, held) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour("--shade");
  const times = plot.data[0];
  for (let i = 0; i < times.length; i++) {
    if (!held[i]) continue;
    let last = i;
    while (last + 1 < times.length && held[last + 1]) last++;
    const left = Math.max(bbox.left, plot.valToPos(i ? times[i - 1] : times[i], "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(times[last], "x", true));
    ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
    i = last;
  }
  ctx.restore();
}

function dash(plot, limit) {
  const { ctx, bbox } = plot;
  if (!known(limit) || limit > plot.scales.y.max) return;
  const y = plot.valToPos(limit, "y", true);
  ctx.save();
  ctx.strokeStyle = colour("--held");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

class Plot {
  constructor(kind, columns, place) {
    Object.assign(this, { kind, columns, limit: null });
    this.figure = document.createElement("figure");
    this.caption = document.createElement("figcaption");
    this.name = this.caption.appendChild(document.createElement("b"));
    this.value = this.caption.appendChild(document.createElement("span"));
    this.name.textContent = kind.title;
    this.canvas = document.createElement("div");
    this.canvas.className = "canvas";
    this.canvas.setAttribute("aria-hidden", "true");
    this.figure.append(this.caption, this.canvas);
    place.append(this.figure);
    this.make();
    new ResizeObserver(() => this.plot.setSize({ width: this.canvas.clientWidth, height })).observe(this.canvas);
  }

  // Nothing above the largest value but a little room; a limit that is near comes into sight.
  range(_plot, _low, high) {
    let top = known(high) && high > 0 ? high : 1;
    if (known(this.limit) && top > this.limit / 3) top = Math.max(top, this.limit);
    return [0, this.kind.whole ? Math.ceil(top + 0.5) : top * 1.15];
  }

  make() {
    this.plot?.destroy();
    const line = { stroke: colour("--line"), width: 1 };
    const axis = { stroke: colour("--soft"), font: "11px system-ui, sans-serif", grid: line, ticks: { show: false } };
    const { kind } = this;
    this.plot = new uPlot({
      width: Math.max(this.canvas.clientWidth, 50),
      height,
      padding: [8, 6, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: "pgwraith" }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
      scales: { x: { time: true }, y: { range: (...all) => this.range(...all) } },
      axes: [
        { ...axis, size: 24, space: 70, values: (_, ticks) => ticks.map((t) => new Date(t * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false })) },
        { ...axis, size: 58, space: 34, incrs: kind.whole ? [1, 2, 5, 10] : undefined, values: (_, ticks) => ticks.map(kind.axis) },
      ],
      series: [
        {},
        { stroke: colour("--accent"), fill: colour("--fill"), width: 1.5, spanGaps: false, points: { show: false },
          paths: kind.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined },
      ],
      hooks: {
        drawClear: [(plot) => shade(plot, this.columns.throttled)],
        draw: [(plot) => dash(plot, this.limit)],
        setCursor: [() => this.say()],
      },
    }, this.data(), this.canvas);
  }

  data() {
    return [this.columns.at, this.columns[this.kind.column]];
  }

  update(limit) {
    this.limit = limit;
    this.plot.setData(this.data());
    this.say();
  }

  // What is under the pointer, or the newest.
  say() {
    const at = this.plot?.cursor.idx;
    const values = this.columns[this.kind.column];
    const last = values.length - 1;
    const pointed = known(at) && at < last;
    const text = this.kind.show(values[pointed ? at : last]);
    const when = pointed ? `${new Date(this.columns.at[at] * 1000).toLocaleTimeString([], { hour12: false })}: ` : "";
    const limit = known(this.limit) ? ` (limit ${this.kind.show(this.limit)})` : "";
    this.value.textContent = when + text + limit;
  }
}

export class Plots {
  constructor(place) {
    this.place = place;
    this.plots = [];
    this.clear();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plots.forEach((plot) => plot.make()));
  }

  clear() {
    this.columns = { at: [], throttled: [] };
    for (const { column } of kinds) this.columns[column] = [];
  }

  // All that the process still knows.
  replace(columns) {
    this.clear();
    const times = columns?.at_ms ?? [];
    for (const name of Object.keys(this.columns)) {
      this.columns[name] = name === "at" ? times.map((ms) => ms / 1000) : times.map((_, i) => columns[name]?.[i] ?? null);
    }
    this.plots.forEach((plot) => { plot.columns = this.columns; });
  }

  add(sample, status) {
    const at = sample.at_ms / 1000;
    const { columns } = this;
    if (columns.at.length && at <= columns.at.at(-1)) return this.show(status);
    for (const [name, values] of Object.entries(columns)) {
      values.push(name === "at" ? at : sample[name] ?? null);
      if (values.length > capacity) values.shift();
    }
    this.show(status);
  }

  // A plot appears when there is something to plot.
  show(status) {
    const limits = Object.fromEntries((status.signals ?? []).map((one) => [one.name, one.limit]));
    for (const kind of kinds) {
      let plot = this.plots.find((one) => one.kind === kind);
      if (!plot && this.columns[kind.column].some((value) => value)) {
        plot = new Plot(kind, this.columns, this.place);
        this.plots.push(plot);
        const order = (one) => kinds.indexOf(one.kind);
        this.plots.sort((a, b) => order(a) - order(b));
        this.place.append(...this.plots.map((one) => one.figure));
      }
      plot?.update(limits[kind.signal]);
    }
  }
}
