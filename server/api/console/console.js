/* The console's figures: polls /metrics and /v1/debug/memory. The conversions are in console_forms.js,
 * which uses what stands here. Text from the server only ever becomes textContent. */
"use strict";

const POLL_MS = 2000;
const KEPT = 300;    // samples: ten minutes
const SHOWN = 30;    // samples that a chart shows at least
const WINDOW = 5;    // samples that rates and percentiles are taken over: ten seconds
const byId = (id) => document.getElementById(id);

function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key === "class") element.className = value;
    else if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

async function get(path, options) {
  const token = sessionStorage.getItem("astrolabe-token");
  const headers = Object.assign({}, options && options.headers, token ? { Authorization: `Bearer ${token}` } : {});
  const response = await fetch(path, Object.assign({ cache: "no-store" }, options, { headers }));
  if (response.status === 401) byId("token-form").hidden = false;
  return response;
}

/* ---- numbers for people ---- */

const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
function scaled(value, step, units) {
  let i = 0;
  while (Math.abs(value) >= step && i < units.length - 1) { value /= step; i++; }
  return `${plain.format(value)}${units[i] ? " " + units[i] : ""}`;
}
const bytes = (n) => scaled(n, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
const count = (n) => scaled(n, 1000, ["", "k", "M", "G"]);
const seconds = (s) => (s === null ? "–" : scaled(s * 1e6, 1000, ["µs", "ms", "s"]));
const percent = (x) => `${plain.format(x * 100)} %`;

/* ---- the metrics ---- */

function parseMetrics(text) {
  const series = [];
  const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!match) continue;
    const labels = {};
    for (const [, key, value] of (match[2] || "").matchAll(label)) labels[key] = value;
    series.push({ name: match[1], labels, value: match[3] === "+Inf" ? Infinity : Number(match[3]) });
  }
  return series;
}

/* What the charts need of one scrape. The console's own polling (conversion "none") stays out. */
function digest(text, memory) {
  const series = parseMetrics(text);
  const one = (name) => { const s = series.find((x) => x.name === name); return s ? s.value : 0; };
  const total = (name, keep) => series.reduce((sum, s) =>
    s.name === name && s.labels.conversion !== "none" && (!keep || keep(s.labels)) ? sum + s.value : sum, 0);
  const buckets = new Map();
  for (const s of series) {
    if (s.name !== "astrolabe_request_duration_seconds_bucket" || s.labels.conversion === "none") continue;
    const bound = s.labels.le === "+Inf" ? Infinity : Number(s.labels.le);
    buckets.set(bound, (buckets.get(bound) || 0) + s.value);
  }
  const build = series.find((s) => s.name === "astrolabe_build_info");
  return {
    at: performance.now() / 1000,
    requests: total("astrolabe_requests_total"),
    errors: total("astrolabe_requests_total", (labels) => labels.code !== "ok"),
    points: total("astrolabe_points_total"),
    buckets,
    connections: one("astrolabe_connections"),
    inFlight: one("astrolabe_requests_in_flight"),
    queue: total("astrolabe_queue_depth"),
    draining: one("astrolabe_draining"),
    lag: one("astrolabe_loop_lag_seconds"),
    cpu: one("process_cpu_seconds_total"),
    rss: one("process_resident_memory_bytes"),
    started: one("process_start_time_seconds"),
    live: memory ? Object.values(memory.live).reduce((sum, row) => sum + row.bytes, 0) : 0,
    cached: memory ? memory.pool.cached_bytes : 0,
    build: build ? build.labels : {},
  };
}

/* From cumulative buckets, between two scrapes; linear inside a bucket. null: nothing happened. */
function percentile(before, after, share) {
  const bounds = [...after.buckets.keys()].sort((a, b) => a - b);
  const grown = bounds.map((b) => after.buckets.get(b) - (before.buckets.get(b) || 0));
  const all = grown.length ? grown[grown.length - 1] : 0;
  if (all <= 0) return null;
  const rank = share * all;
  const i = grown.findIndex((n) => n >= rank);
  const low = i > 0 ? bounds[i - 1] : 0;
  if (bounds[i] === Infinity) return low;
  const below = i > 0 ? grown[i - 1] : 0;
  return low + (bounds[i] - low) * ((rank - below) / (grown[i] - below));
}

const samples = [];
function add(sample) {
  const last = samples[samples.length - 1];
  if (last && sample.started !== last.started) samples.length = 0; // another process answers
  samples.push(sample);
  if (samples.length > KEPT) samples.shift();
  const before = samples[Math.max(0, samples.length - 1 - WINDOW)];
  const time = sample.at - before.at;
  const rate = (key) => (time > 0 ? (sample[key] - before[key]) / time : 0);
  sample.rates = { requests: rate("requests"), errors: rate("errors"), points: rate("points"), cpu: rate("cpu") };
  sample.p50 = percentile(before, sample, 0.5);
  sample.p90 = percentile(before, sample, 0.9);
  sample.p99 = percentile(before, sample, 0.99);
}

/* ---- figures, charts, ledger ---- */

function duration(s) {
  const days = Math.floor(s / 86400);
  const text = new Date(Math.max(0, s) * 1000).toISOString().slice(11, 19);
  return days > 0 ? `${days} d ${text}` : text;
}

function showFigures(sample) {
  const figures = [
    ["Requests/s", count(sample.rates.requests)], ["Points/s", count(sample.rates.points)],
    ["Errors/s", count(sample.rates.errors)], ["Latency p50", seconds(sample.p50)],
    ["Latency p90", seconds(sample.p90)], ["Latency p99", seconds(sample.p99)],
    ["In flight", count(sample.inFlight)], ["Connections", count(sample.connections)],
    ["Queue", count(sample.queue)], ["Loop lag", seconds(sample.lag)],
    ["CPU", percent(sample.rates.cpu)], ["Resident", bytes(sample.rss)],
    ["Uptime", duration(Date.now() / 1000 - sample.started)],
  ];
  byId("figures").replaceChildren(...figures.map(([name, value]) =>
    make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value }))));
  byId("version").textContent = `${sample.build.version || ""} ${sample.build.simd || ""}`;
}

const charts = [
  { title: "Throughput", format: (v) => `${count(v)}/s`, lines: [
    ["requests", (s) => s.rates.requests], ["errors", (s) => s.rates.errors]] },
  { title: "Points", format: (v) => `${count(v)}/s`, lines: [["points", (s) => s.rates.points]] },
  { title: "Latency", format: seconds, log: true, lines: [
    ["p50", (s) => s.p50], ["p90", (s) => s.p90], ["p99", (s) => s.p99]] },
  { title: "Memory", format: bytes, lines: [
    ["resident", (s) => s.rss], ["owned by requests", (s) => s.live], ["pool, idle", (s) => s.cached]] },
];

function shape(svg, tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  svg.append(element);
}

/* Limits of the vertical axis: from zero, or whole decades. */
function limits(chart) {
  const values = samples.flatMap((s) => chart.lines.map(([, pick]) => pick(s))).filter((v) => v !== null);
  const most = Math.max(0, ...values) || 1;
  if (!chart.log) return { low: 0, high: most, place: (v) => v / most };
  const above = values.filter((v) => v > 0);
  const high = Math.ceil(Math.log10(most));
  const low = Math.min(high - 1, Math.floor(Math.log10(above.length ? Math.min(...above) : most)));
  return { low: 10 ** low, high: 10 ** high, place: (v) => Math.max(0, (Math.log10(v) - low) / (high - low)) };
}

function drawChart(chart) {
  const names = ["one", "two", "three"];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 300 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  for (const y of [4, 51.5, 99]) shape(svg, "line", { class: "grid", x1: 0, x2: 300, y1: y, y2: y });
  const axis = limits(chart);
  const last = samples.length - 1;
  const width = Math.max(SHOWN, last);
  const keys = chart.lines.map(([name, pick], i) => {
    const points = samples.map((s, k) => [300 - (last - k) * 300 / width, pick(s)]).filter(([, v]) => v !== null)
      .map(([x, v]) => `${x.toFixed(1)},${(99 - 95 * axis.place(v)).toFixed(2)}`);
    if (points.length) shape(svg, "polyline", { class: names[i], points: points.join(" ") });
    return make("span", { class: `key ${names[i]}`, textContent: `${name} ${chart.format(pick(samples[last]))}` });
  });
  svg.setAttribute("aria-label", `${chart.title}: ${keys.map((k) => k.textContent).join(", ")}`);
  return make("figure", {}, make("figcaption", {}, make("b", { textContent: chart.title }), ...keys), svg,
    make("div", { class: "scale" }, make("span", { textContent: `${duration(width * POLL_MS / 1000).slice(3)} ago` }),
      make("span", { textContent: `${axis.low ? chart.format(axis.low) : "0"} to ${chart.format(axis.high)}` }),
      make("span", { textContent: "now" })));
}

function table(caption, heads, rows) {
  const look = (value) => /^(leaking|failed|switched_off)$/.test(value) ? "text error"
    : typeof value === "string" && !/^[\d–]/.test(value) ? "text" : "";
  const cell = (value) => make("td", { class: look(value), textContent: value });
  return make("table", {}, make("caption", { textContent: caption }),
    make("thead", {}, make("tr", {}, ...heads.map((h) => make("th", { scope: "col", textContent: h })))),
    make("tbody", {}, ...rows.map(([first, ...rest]) =>
      make("tr", {}, make("th", { scope: "row", textContent: first }), ...rest.map(cell)))));
}

function showLedger(memory) {
  if (!memory) {
    byId("ledger").replaceChildren(make("p", { class: "quiet", textContent: "The ledger needs the scope admin, or a connection from this machine." }));
    return;
  }
  const rows = Object.entries(memory.live).map(([kind, row]) =>
    [kind, count(row.objects), bytes(row.bytes), count(row.peak_objects), bytes(row.peak_bytes)]);
  byId("ledger").replaceChildren(
    table("Owned by requests", ["", "objects", "bytes", "most objects", "most bytes"], rows),
    table("Owned by the process", ["", "objects", "bytes"], [
      ["slabs, idle", "–", bytes(memory.pool.cached_bytes)],
      ["slabs, mapped", "–", bytes(memory.pool.mapped_bytes)],
      ["contexts", count(memory.contexts.objects), bytes(memory.contexts.bytes)]]));
  showPlugins(memory);
}

function showPlugins(memory) {
  const plugins = memory.plugins.map((p) => [p.name, p.state, p.verdict, count(p.calls), bytes(p.bytes_per_call),
    `${count(p.retained_objects)} (${bytes(p.retained_bytes)})`, bytes(p.python_bytes + p.array_bytes + p.malloc_bytes),
    count(p.crashes), [p.kind, p.text].filter(Boolean).join(": ") || p.reason]);
  const hosts = memory.hosts.map((h) => [String(h.index), String(h.pid), h.state, duration(h.age_s), bytes(h.rss_bytes),
    `${bytes(h.region_live_bytes)} of ${bytes(h.region_bytes)}`, count(h.calls), count(h.restarts)]);
  byId("plugins").replaceChildren(
    ...(plugins.length ? [table("Plugins", ["", "state", "verdict", "calls", "leak per call", "arrays kept", "memory",
      "crashes", "finding"], plugins)] : []),
    ...(hosts.length ? [table("Plugin hosts", ["", "process", "state", "age", "resident", "shared memory", "calls",
      "restarts"], hosts)] : []));
  /* Other plugins, other conversions. */
  const generation = memory.fleet ? memory.fleet.generation : 0;
  if (shownGeneration !== null && shownGeneration !== generation) loadConversions();
  shownGeneration = generation;
}
let shownGeneration = null;

async function poll() {
  const state = byId("state");
  try {
    const [ready, metrics, ledger] = await Promise.all(
      [get("/v2/health/ready"), get("/metrics"), get("/v1/debug/memory")]);
    if (metrics.ok) {
      const memory = ledger.ok ? await ledger.json() : null;
      add(digest(await metrics.text(), memory));
      showFigures(samples[samples.length - 1]);
      byId("charts").replaceChildren(...charts.map(drawChart));
      showLedger(memory);
    }
    const last = samples[samples.length - 1];
    state.textContent = ready.ok ? "ready" : last && last.draining ? "draining" : "not ready";
    state.className = `chip ${ready.ok ? "good" : "bad"}`;
  } catch {
    state.textContent = "not reachable";
    state.className = "chip bad";
  }
}

byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("astrolabe-token", byId("token").value.trim());
  byId("token-form").hidden = true;
  loadConversions();
  poll();
});

async function keepPolling() {
  if (!document.hidden) await poll();
  setTimeout(keepPolling, POLL_MS);
}
keepPolling();
