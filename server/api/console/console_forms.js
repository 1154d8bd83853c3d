/* The console's conversions: a form of each description, so that a new conversion needs nothing here. */
"use strict";

const ROWS_SHOWN = 200;

let conversions = [];

/* Values that make sense to try, from what the field means. */
function sample(field) {
  if (field.optional) return "";
  if (field.datatype === "BYTES") return field.name === "time" ? "2026-11-21T08:00:00" : "12h30m49.4s";
  if (field.datatype === "INT64") return { year: "2026", month: "11", day: "21" }[field.name] || "0, 1";
  if (field.datatype === "BOOL") return "true, false";
  if (field.role === "latitude") return "41.269, -5.391";
  if (field.role === "longitude" || field.role === "hours") return "10.684, 83.822";
  return { jd1: "2461000.5", mjd: "61000.25", x: "0.7, -1", y: "0.2, 0.5", z: "0.6, 0.1" }[field.name] || "1, 2.5";
}

/* A required parameter starts with something that works. */
function required(parameter) {
  if (parameter.optional) return "";
  if (parameter.type === "epoch") return /out/.test(parameter.name) ? "J2050.0" : "J2000.0";
  if (parameter.type === "string") return { obstime: "2026-11-21T08:00:00", unit_in: "deg", unit_out: "arcmin" }[parameter.name] || "";
  return String(Math.min(Math.max(/^lat|^dec/.test(parameter.name) ? 41 : 10, parameter.minimum ?? -1e9), parameter.maximum ?? 1e9));
}

function fieldBox(field, control, facts) {
  control.id = `field-${field.name}`;
  control.name = field.name;
  const hint = make("span", { class: "quiet", id: `hint-${field.name}`, textContent: [facts.filter(Boolean).join(", "), field.doc].filter(Boolean).join(": ") });
  control.setAttribute("aria-describedby", hint.id);
  return make("div", { class: "field" }, make("label", { htmlFor: control.id, textContent: field.name }), control, hint);
}

function inputBox(field) {
  const control = field.datatype === "BYTES" ? make("textarea", { rows: 2, value: sample(field) })
    : make("input", { value: sample(field), inputMode: "text", autocomplete: "off", spellcheck: false });
  control.dataset.kind = field.datatype;
  control.placeholder = field.optional ? `${field.default ?? "absent"}` : "";
  return fieldBox(field, control, [field.unit, field.datatype === "BYTES" ? "a line each" : "",
    field.minimum !== undefined ? (field.maximum !== undefined ? `${field.minimum} to ${field.maximum}` : `not below ${field.minimum}`) : "",
    field.optional ? "optional" : ""]);
}

function parameterBox(parameter) {
  const words = parameter.choices || (parameter.type === "boolean" ? ["true", "false"] : null);
  let control;
  if (words) {
    const standard = parameter.default === undefined ? "" : String(parameter.default);
    control = make("select", {}, ...(standard === "" && parameter.optional ? [""] : []).concat(words).map((w) =>
      make("option", { value: w, textContent: w === "" ? "(not given)" : w, defaultSelected: w === standard })));
  } else if (/^header/.test(parameter.name)) {
    control = make("textarea", { rows: 4, spellcheck: false });
  } else {
    control = make("input", { value: required(parameter), autocomplete: "off", spellcheck: false, placeholder: String(parameter.default ?? parameter.default_doc ?? "") });
  }
  control.dataset.kind = "parameter";
  control.required = !parameter.optional;
  return fieldBox(parameter, control, [words ? "" : parameter.type, parameter.unit, parameter.optional ? "" : "required"]);
}

/* The request as text: numbers stay as they were typed, so that no digit is lost. */
function bodyOf(form) {
  const number = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
  const parts = [];
  for (const control of form.querySelectorAll("[data-kind]")) {
    const text = control.value.trim();
    if (text === "") continue;
    let value;
    if (control.dataset.kind === "parameter") {
      value = JSON.stringify(text);
    } else if (text.startsWith("[")) {
      JSON.parse(text);
      value = text;
    } else if (control.dataset.kind === "BYTES") {
      const lines = text.split("\n").map((l) => l.trim());
      value = JSON.stringify(lines.length === 1 ? lines[0] : lines);
    } else if (control.dataset.kind === "BOOL") {
      const tokens = text.toLowerCase().split(/[\s,;]+/).filter(Boolean);
      for (const token of tokens) if (!/^(true|false)$/.test(token)) throw new Error(`${control.name}: "${token}" is neither true nor false`);
      value = tokens.length === 1 ? tokens[0] : `[${tokens.join(", ")}]`;
    } else {
      const tokens = text.split(/[\s,;]+/).filter(Boolean);
      for (const token of tokens) if (!number.test(token) && !/^(null|nan)$/i.test(token)) throw new Error(`${control.name}: "${token}" is no number`);
      const json = tokens.map((t) => (/^n/i.test(t) ? "null" : t.replace(/^\+/, "").replace(/^(-?)\./, "$10.").replace(/\.(?!\d)/, "").replace(/^(-?)0+(?=\d)/, "$1")));
      value = json.length === 1 ? json[0] : `[${json.join(", ")}]`;
    }
    parts.push(`${JSON.stringify(control.name)}: ${value}`);
  }
  return `{${parts.join(", ")}}`;
}

/* Integers beyond 2^53 become text, so that the table shows every digit. */
function parseAnswer(text) {
  try {
    return JSON.parse(text.replace(/([[,:]\s*)(-?\d{16,})(?=\s*[,\]}])/g, '$1"$2"'));
  } catch {
    return JSON.parse(text);
  }
}

function showResult(place, conversion, body, answer, elapsed) {
  const columns = conversion.outputs.map((field) => [field, [answer[field.name]].flat(Infinity)]);
  const rows = Math.max(...columns.map(([, values]) => values.length));
  const unit = String(JSON.parse(body).unit || "deg").toLowerCase();
  const heads = columns.map(([field]) => {
    const u = field.units ? field.units[unit] || field.unit : field.unit;
    return u ? `${field.name} (${u})` : field.name;
  });
  const cells = [];
  for (let i = 0; i < Math.min(rows, ROWS_SHOWN); i++)
    cells.push([i, ...columns.map(([, values]) => (values[i] === null ? "NaN" : values[i]))]);
  const parts = [make("div", { class: "wide" }, table(`${rows} ${rows === 1 ? "row" : "rows"} in ${seconds(elapsed / 1000)}, the browser's part included`, ["row", ...heads], cells))];
  for (const warning of answer.warnings || [])
    parts.push(make("p", { class: "error", textContent: `${warning.code}: ${warning.text} (${warning.count} rows)` }));
  place.replaceChildren(...parts);
}

async function run(event, conversion, place, curl) {
  event.preventDefault();
  const button = event.submitter || event.target.querySelector("button");
  button.disabled = true;
  try {
    const body = bodyOf(event.target);
    const path = `/v1/convert/${conversion.name}`;
    curl.textContent = `curl ${location.origin}${path} -d '${body.replaceAll("'", "'\\''")}'`;
    const began = performance.now();
    const response = await get(path, { method: "POST", body, headers: { "Content-Type": "application/json" } });
    const text = await response.text();
    const elapsed = performance.now() - began;
    const answer = parseAnswer(text);
    if (response.ok) showResult(place, conversion, body, answer, elapsed);
    else place.replaceChildren(make("p", { class: "error", textContent: `${response.status} ${answer.code || ""}: ${answer.error}` }));
  } catch (error) {
    place.replaceChildren(make("p", { class: "error", textContent: String(error.message || error) }));
  } finally {
    button.disabled = false;
  }
}

function showConversion(conversion) {
  const facts = [["Reference", conversion.reference], ["Accuracy", conversion.accuracy],
    ["Plugin", conversion.plugin], ["Gives", conversion.outputs.map((o) => `${o.name}${o.unit ? ` (${o.unit})` : ""}`).join(", ")]];
  const result = make("div", { role: "status" });
  const curl = make("pre", { tabIndex: 0, textContent: "Convert something to see the request." });
  const form = make("form", {},
    make("h4", { textContent: "Inputs" }), make("div", { class: "fields" }, ...conversion.inputs.map(inputBox)),
    ...(conversion.parameters.length ? [make("h4", { textContent: "Parameters" }),
      make("div", { class: "fields" }, ...conversion.parameters.map(parameterBox))] : []),
    make("div", { class: "run" }, make("button", { type: "submit", textContent: "Convert" }),
      make("span", { class: "quiet", textContent: "One value, or several parted by commas" })));
  form.addEventListener("submit", (event) => run(event, conversion, result, curl));
  byId("detail").replaceChildren(
    make("h3", { textContent: conversion.name }), make("p", { textContent: conversion.summary }),
    make("p", { class: "quiet", textContent: conversion.description }),
    make("dl", {}, ...facts.filter(([, v]) => v).flatMap(([k, v]) => [make("dt", { textContent: k }), make("dd", { textContent: v })])),
    form, result, make("details", {}, make("summary", { textContent: "As a command" }), curl));
}

let shown = ""; // name of the conversion whose form is there

function showNames() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = conversions.filter((c) => words.every((w) => c.text.includes(w)));
  const groups = [...new Set(found.map((c) => c.group))];
  byId("found").textContent = `${found.length} of ${conversions.length}`;
  byId("names").replaceChildren(...groups.flatMap((group) => [make("h4", { textContent: group }),
    ...found.filter((c) => c.group === group).map((c) =>
      make("a", Object.assign({ href: `#${c.name}`, textContent: c.name, title: c.summary }, c.name === shown ? { "aria-current": "true" } : {})))]));
}

function showCurrent() {
  const name = decodeURIComponent(location.hash.slice(1));
  const chosen = conversions.find((c) => c.name === name);
  if (chosen || !byId("detail").firstChild) {
    const conversion = chosen || conversions[0];
    if (conversion) showConversion(conversion);
    shown = conversion ? conversion.name : "";
  }
  showNames();
}

async function loadConversions() {
  try {
    const response = await get("/v1/conversions");
    if (!response.ok) return;
    conversions = (await response.json()).conversions;
    for (const c of conversions) c.text = JSON.stringify(c).toLowerCase();
    showCurrent();
  } catch {
    byId("found").textContent = "The conversions could not be read.";
  }
}

byId("search").addEventListener("input", showNames);
window.addEventListener("hashchange", showCurrent);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  event.preventDefault();
  byId("search").focus();
});
loadConversions();
