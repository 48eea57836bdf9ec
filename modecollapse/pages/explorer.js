"use strict";

// The page: reads the parameters, asks mathematics.js for the ranges, and draws them.

const ACCURACY = 1e-6; // of the searched values, against the library's certified bands

const FRAME = 20; // milliseconds of arithmetic before the page is drawn

const FIELDS = {
  tau: {symbol: "τ", least: 0, greatest: 1},
  delta: {symbol: "δ", least: 0, greatest: 1},
  eps: {symbol: "ε", least: 0, greatest: 1},
  eps0: {symbol: "ε₀", least: 0, greatest: 1},
  m: {symbol: "m", least: 1, greatest: 30, whole: true},
  last: {symbol: "the greatest m", least: 2, greatest: 30, whole: true},
};

const START = {tau: 0.11, delta: 0.1, eps: 0.02, eps0: 0.06, m: 5, last: 20};

const PRESETS = [
  ["Families that separate", START],
  ["The paper’s Figure 13", {...START, eps0: 0.05}],
  ["Theorem 4, its missing hulls", {...START, tau: 0.12, eps: 0.85, eps0: 0.85, delta: 0.95}],
  ["Theorem 5, its missing sides", {...START, eps: 0.2, eps0: 0.2, delta: 0.3, m: 2}],
  ["A wide hexagon", {...START, tau: 0.5, eps: 0.04, eps0: 0.04, delta: 0.375, m: 6, last: 12}],
  ["Collapse forced", {...START, tau: 0.5, eps: 0.2, eps0: 0.3, delta: 0.5, m: 3, last: 12}],
];

const CASES = [
  {name: "all", label: "all pairs"},
  {name: "collapse", label: "with collapse"},
  {name: "none", label: "without"},
];

const REGIONS = [
  {name: "all", end: "upper", label: "all pairs, greatest"},
  {name: "none", end: "upper", label: "without, greatest"},
  {name: "collapse", end: "lower", label: "with collapse, least"},
  {name: "all", end: "lower", label: "all pairs, least"},
  {name: "none", end: "lower", label: "without, least"},
];

const byId = (id) => document.getElementById(id);
const decimal = (value) => value.toFixed(6);
const short = (value) => String(Number(value.toPrecision(4)));


// ---- parameters -------------------------------------------------------------------------------------------

/** What is wrong with a value for a field, or null. */
function complaint(name, value) {
  const {symbol, least, greatest, whole} = FIELDS[name];
  if (value >= least && value <= greatest && (!whole || Number.isInteger(value))) return null;
  const kind = whole ? "a whole number" : "a number";
  return `${symbol} must be ${kind} from ${least} to ${greatest}.`;
}

/** The state in an address such as #tau=0.11&eps=0.02; what it lacks is as at the start, ε₀ as ε. */
function stateOfHash(hash) {
  const given = {};
  for (const [name, text] of new URLSearchParams(hash.slice(1))) {
    if (name in FIELDS) given[name] = text.trim() === "" ? NaN : Number(text);
  }
  if ("eps" in given && !("eps0" in given)) given.eps0 = given.eps;
  const state = {...START, ...given};
  if (!("last" in given)) state.last = Math.max(state.last, state.m);
  return state;
}

function hashOfState(state) {
  return "#" + Object.keys(FIELDS).map((name) => `${name}=${state[name]}`).join("&");
}


// ---- what is shown ----------------------------------------------------------------------------------------

/** The three ranges of a state: cases with `words` for them, and `ends` by degree, as far as they are known. */
function rangesOf({tau, delta, eps, eps0}) {
  return {
    all: remembered(["all", tau], () => allPairs(tau)),
    collapse: remembered(["collapse", tau, eps, delta], () => describedCollapse(tau, eps, delta)),
    none: remembered(["none", tau, eps0, delta], () => describedNone(tau, eps0, delta)),
  };
}

/** The latest case of each name, made anew when its parameters change. */
function remembered(parameters, make) {
  const [name] = parameters, key = parameters.join(" ");
  if (remembered.latest[name]?.key !== key) {
    remembered.latest[name] = {key, range: {...make(), ends: new Map()}};
  }
  return remembered.latest[name].range;
}
remembered.latest = {};

/** Find the ends of all ranges, those at m first, until a time; true if none is left to find. */
function findEnds(ranges, m, last, deadline) {
  for (const degree of [m, ...degreesTo(last)]) {
    for (const range of Object.values(ranges)) {
      if (!range.feasible || range.ends.has(degree)) continue;
      if (degree !== m && performance.now() > deadline) return false;
      range.ends.set(degree, {lower: range.lower(degree), upper: range.upper(degree)});
    }
  }
  return true;
}

function degreesTo(last) {
  return Array.from({length: last}, (_, i) => i + 1);
}

function describedCollapse(tau, eps, delta) {
  if (!(eps < delta)) {
    const words = `A collapse point needs ε < δ; here ε = ${short(eps)} and δ = ${short(delta)}.`;
    return {feasible: false, words};
  }
  const range = withCollapse(tau, eps, delta), d = delta - eps;
  if (!range.feasible) {
    return {...range, words: `No such pair: collapse forces τ ≥ δ−ε = ${short(d)}, and τ = ${short(tau)}.`};
  }
  const printed = tau < d / (1 - eps) - THRESHOLD_TOLERANCE
    ? `As τ < (δ−ε)/(1−ε) = ${short(d / (1 - eps))}, there are hulls that the printed Theorem 4 lacks.`
    : "Theorem 4 holds as printed.";
  return {...range, words: `There are such pairs, since τ ≥ δ−ε = ${short(d)}. ${printed}`};
}

function describedNone(tau, eps, delta) {
  if (!(eps < delta)) {
    const words = `A forbidden point needs ε₀ < δ; here ε₀ = ${short(eps)} and δ = ${short(delta)}.`;
    return {feasible: false, words};
  }
  const range = withoutCollapse(tau, eps, delta), {d, u, sideEnd, middleEnd} = thresholds(eps, delta);
  const side = `d/(1−u) = ${short(sideEnd)}`, middle = `d/(2u+d) = ${short(middleEnd)}`;
  const words = {
    "too close to collapse": `All pairs: τ < d = ${short(d)} excludes collapse and augmentation.`,
    "collapse or augmentation forced": u > 0
      ? `No such pair: τ = ${short(tau)} would have to be below ${side} or below ${middle}.`
      : "No such pair: at τ = 1 every pair collapses.",
    "side tangents": `There are such pairs, since τ < ${side}. Some have tangent points beside the forbidden`
      + " points; the printed Theorem 5 lacks them.",
    "middle tangents": `There are such pairs, since τ < ${middle}. Their tangent points lie between the`
      + " forbidden points, as in Theorem 5.",
    "zero-width collapse": "There are such pairs: with u = 0 the full region is approached, never reached.",
  };
  return {...range, words: words[range.regime]};
}

/** The thresholds for τ: of which class, symbol, value, and what a τ below it means. */
function thresholdsOf({delta, eps, eps0}) {
  const rows = [];
  if (eps < delta) {
    rows.push(["collapse", "δ−ε", delta - eps, "no collapse at all"]);
    rows.push(["collapse", "(δ−ε)/(1−ε)", (delta - eps) / (1 - eps), "hulls beyond print"]);
  }
  if (eps0 < delta) {
    const {d, u, sideEnd, middleEnd} = thresholds(eps0, delta);
    rows.push(["none", "d = δ−ε₀", d, "only pairs without"]);
    if (u > 0) rows.push(["none", "d/(1−u)", sideEnd, "tangents beside"]);
    rows.push(["none", "d/(2u+d)", middleEnd, "tangents between"]);
  }
  return rows;
}

/** Least value with collapse minus greatest without, by degree, as far as both are known. */
function margins({collapse, none}, last) {
  const known = degreesTo(last).filter((degree) => collapse.ends.has(degree) && none.ends.has(degree));
  const margin = (degree) => collapse.ends.get(degree).lower.value - none.ends.get(degree).upper.value;
  return new Map(known.map((degree) => [degree, margin(degree)]));
}

function separationWords({collapse, none}, margin, last) {
  if (!collapse.feasible || !none.feasible) return "One of the two classes is empty.";
  if (margin.size < last) return "…";
  const degrees = degreesTo(last).filter((degree) => margin.get(degree) > ACCURACY);
  if (degrees.length === 0) return `H₁ and H₀ overlap at every m ≤ ${last}.`;
  return `The packed distance alone tells H₁ from H₀ at m = ${runs(degrees)}, of m ≤ ${last}.`;
}

/** 2, 3, 4, 7 as “2–4, 7”. */
function runs(numbers) {
  const found = [];
  for (const number of numbers) {
    const run = found[found.length - 1];
    if (run && run[1] === number - 1) run[1] = number;
    else found.push([number, number]);
  }
  return found.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(", ");
}


// ---- drawing ----------------------------------------------------------------------------------------------

function svgElement(name, attributes = {}, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

function htmlElement(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** An empty chart as wide as its place, with scales from data to pixels and a frame with ticks. */
function chart(svg, height, xRange, yRange, xTicks, yTicks, xTitle, yTitle) {
  const width = svg.clientWidth, margin = {left: 50, right: 12, top: 10, bottom: 44};
  const scale = ([low, high], from, to) => (value) => from + (to - from) * (value - low) / (high - low);
  const x = scale(xRange, margin.left, width - margin.right);
  const y = scale(yRange, height - margin.bottom, margin.top);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.height = `${height}px`;
  svg.replaceChildren();
  const add = (name, attributes, text) => svg.appendChild(svgElement(name, attributes, text));
  const [left, right, bottom, top] = [x(xRange[0]), x(xRange[1]), y(yRange[0]), y(yRange[1])];
  for (const tick of xTicks) {
    add("line", {class: "grid", x1: x(tick), x2: x(tick), y1: bottom, y2: top});
    add("text", {class: "tick", x: x(tick), y: bottom + 17, "text-anchor": "middle"}, tick);
  }
  for (const tick of yTicks) {
    add("line", {class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick)});
    add("text", {class: "tick", x: left - 8, y: y(tick) + 4, "text-anchor": "end"}, tick);
  }
  add("rect", {class: "frame", x: left, y: top, width: right - left, height: bottom - top});
  add("text", {class: "title", x: (left + right) / 2, y: height - 6, "text-anchor": "middle"}, xTitle);
  const middle = (top + bottom) / 2, upwards = `rotate(-90 13 ${middle})`;
  add("text", {class: "title", x: 13, y: middle, "text-anchor": "middle", transform: upwards}, yTitle);
  const path = (points) => points.map(([px, py]) => `${x(px).toFixed(2)},${y(py).toFixed(2)}`).join(" ");
  return {x, y, add, path, width, bottom, top};
}

const FIFTHS = [0, 0.2, 0.4, 0.6, 0.8, 1];

function drawPlane({tau, delta, eps, eps0, m}, ranges) {
  const svg = byId("plane"), height = svg.clientWidth - 8; // which makes the unit square a square
  const {x, y, add, path} = chart(svg, height, [0, 1], [0, 1], FIFTHS, FIFTHS, "Q-mass (ε)", "P-mass (δ)");
  add("line", {class: "diagonal", x1: x(0), y1: y(0), x2: x(1), y2: y(1)});
  add("line", {class: "tangent", x1: x(0), y1: y(tau), x2: x(1 - tau), y2: y(1)});
  for (const {name, end, label} of REGIONS) {
    if (!ranges[name].feasible || !byId(`show-${name}-${end}`).checked) continue;
    const points = path(boundaryOfPair(ranges[name].ends.get(m)[end].pair));
    add("polygon", {class: `area ${name} ${end}`, points});
    add("polyline", {class: `edge ${name} ${end}`, points}).append(svgElement("title", {}, label));
  }
  const cross = (px, py, title) => {
    const d = `M${x(px) - 6},${y(py) - 6}l12,12m0,-12l-12,12`;
    add("path", {class: "point none", d}).append(svgElement("title", {}, title));
  };
  const disc = (px, py, mirror, title) => {
    const place = {cx: x(px), cy: y(py), r: 4};
    add("circle", {class: `point collapse ${mirror}`, ...place}).append(svgElement("title", {}, title));
  };
  if (eps0 < delta) {
    cross(eps0, delta, "forbidden point (ε₀,δ)");
    cross(1 - delta, 1 - eps0, "its mirror (1−δ, 1−ε₀)");
  }
  if (eps < delta) {
    disc(eps, delta, "", "collapse point (ε,δ)");
    disc(1 - delta, 1 - eps, "mirror", "its mirror (1−δ, 1−ε)");
  }
}

/** Where the least value with collapse is above the greatest without: a quadrilateral from degree to degree. */
function separation({collapse, none}, margin) {
  const pieces = [];
  for (const [degree, here] of margin) {
    const there = margin.get(degree + 1);
    if (there === undefined || (here <= ACCURACY && there <= ACCURACY)) continue;
    const crossing = here / (here - there);
    const corner = (range, end, share) => {
      const [from, to] = [degree, degree + 1].map((m) => range.ends.get(m)[end].value);
      return [degree + share, from + share * (to - from)];
    };
    const [first, last] = [here < 0 ? crossing : 0, there < 0 ? crossing : 1];
    pieces.push([
      corner(none, "upper", first), corner(collapse, "lower", first),
      corner(collapse, "lower", last), corner(none, "upper", last),
    ]);
  }
  return pieces;
}

function drawBands({m, last}, ranges, margin) {
  const svg = byId("bands"), height = Math.min(520, Math.max(300, svg.clientWidth - 8));
  const every = [1, 2, 5, 10].find((step) => last / step <= svg.clientWidth / 45);
  const ticks = [1];
  for (let tick = every === 1 ? 2 : every; tick <= last; tick += every) ticks.push(tick);
  const {x, y, add, path, bottom, top} =
    chart(svg, height, [0.5, last + 0.5], [0, 1], ticks, FIFTHS, "m", "packed distance");
  const column = x(2) - x(1);
  for (const piece of separation(ranges, margin)) add("polygon", {class: "separated", points: path(piece)});
  for (const [degree, value] of margin) {
    const bar = {x: x(degree) - column / 2, width: column, y: bottom - 5, height: 5};
    if (value > ACCURACY) add("rect", {class: "separated bar", ...bar});
  }
  add("line", {class: "chosen", x1: x(m), x2: x(m), y1: bottom, y2: top});
  for (const {name} of CASES) {
    const {ends} = ranges[name], unknown = degreesTo(last).findIndex((degree) => !ends.has(degree));
    const known = degreesTo(unknown < 0 ? last : unknown);
    const lower = known.map((degree) => [degree, ends.get(degree).lower.value]);
    const upper = known.map((degree) => [degree, ends.get(degree).upper.value]);
    add("polygon", {class: `area ${name}`, points: path([...lower, ...[...upper].reverse()])});
    for (const edge of [lower, upper]) {
      add("polyline", {class: `edge ${name}`, points: path(edge)});
      for (const [degree, value] of edge) {
        const r = degree === m ? 4 : last > 20 ? 1.5 : 2;
        add("circle", {class: `dot ${name}`, cx: x(degree), cy: y(value), r});
      }
    }
  }
  svg.onclick = (event) => {
    const degree = Math.round((event.offsetX - x(0)) / column);
    if (degree >= 1 && degree <= last) change({m: degree});
  };
}

/** “0.319311 min”, with the full value for those who read the page by program. */
function valueCell(name, end, {value, attained}) {
  const kind = end === "lower" ? (attained ? "min" : "inf") : (attained ? "max" : "sup");
  const output = htmlElement("output", {id: `${name}-${end}`, "data-value": value}, decimal(value));
  return htmlElement("td", {}, output, " ", htmlElement("small", {}, kind));
}

/** A row of a table: its heading, in the colour of a class of pairs, and its cells. */
function row(kind, heading, cells) {
  return htmlElement("tr", {}, htmlElement("th", {scope: "row", class: kind}, heading), ...cells);
}

const cell = (...children) => htmlElement("td", {}, ...children);
const fillTable = (id, rows) => byId(id).tBodies[0].replaceChildren(...rows);

function writeTables(state, ranges, margin) {
  const {m} = state;
  fillTable("values", valueRows(m, ranges, margin));
  fillTable("thresholds", thresholdRows(state));
  fillTable("pairs", pairRows(m, ranges));
  if (byId("all").open) fillTable("all-values", degreesTo(state.last).map((degree) => degreeRow(degree, ranges)));
}

function valueRows(m, ranges, margin) {
  const rows = CASES.map(({name, label}) => {
    if (!ranges[name].feasible) {
      return row(name, label, [htmlElement("td", {colspan: 2, id: `${name}-empty`}, "no such pair")]);
    }
    const {lower, upper} = ranges[name].ends.get(m);
    return row(name, label, [valueCell(name, "lower", lower), valueCell(name, "upper", upper)]);
  });
  if (!margin.has(m)) return rows;
  const text = (margin.get(m) < 0 ? "−" : "+") + decimal(Math.abs(margin.get(m)));
  return [...rows, row("margin", "H₁ least − H₀ greatest", [htmlElement("td", {colspan: 2}, text)])];
}

function thresholdRows(state) {
  return thresholdsOf(state).map(([name, symbol, value, meaning]) => {
    const below = state.tau < value - THRESHOLD_TOLERANCE;
    const found = row(name, symbol, [cell(decimal(value)), cell(meaning), cell(below ? "yes" : "no")]);
    found.className = below ? "below" : "passed";
    return found;
  });
}

function pairRows(m, ranges) {
  const masses = (letters) => `[${letters.map((mass) => String(Number(mass.toFixed(4)))).join(", ")}]`;
  return REGIONS.filter(({name}) => ranges[name].feasible).map(({name, end, label}) => {
    const {p, q} = ranges[name].ends.get(m)[end].pair;
    return row(name, label, [cell(`P = ${masses(p)}`, htmlElement("br"), `Q = ${masses(q)}`)]);
  });
}

function degreeRow(degree, ranges) {
  const values = CASES.flatMap(({name}) => {
    const ends = ranges[name].ends.get(degree);
    return ends ? [decimal(ends.lower.value), decimal(ends.upper.value)] : ["–", "–"];
  });
  return row("", degree, values.map((text) => cell(text)));
}


// ---- the page ---------------------------------------------------------------------------------------------

let state = START;
let frame = null;
let address = null;

/** Draw at the next frame, once, however often this is called before it. */
function redraw() {
  frame ??= requestAnimationFrame(show);
}

/** Take over new values, or say what is wrong with them. */
function change(values) {
  const next = {...state, ...values};
  if ("last" in values && !("m" in values)) next.m = Math.min(next.m, next.last);
  next.last = Math.max(next.last, next.m);
  const problems = Object.keys(FIELDS).filter((name) => complaint(name, next[name]) !== null);
  byId("problem").textContent = problems.map((name) => complaint(name, next[name])).join(" ");
  byId("problem").hidden = problems.length === 0;
  for (const name of Object.keys(FIELDS)) byId(name).setAttribute("aria-invalid", problems.includes(name));
  if (problems.length > 0) return;
  state = next;
  redraw();
  // browsers limit how often the address may change
  clearTimeout(address);
  address = setTimeout(() => history.replaceState(null, "", hashOfState(state)), 300);
}

function show() {
  frame = null;
  const ranges = rangesOf(state);
  // a frame takes no more than this, so that dragging is smooth; what is left follows in the next frames
  if (!findEnds(ranges, state.m, state.last, performance.now() + FRAME)) redraw();
  const margin = margins(ranges, state.last);
  for (const name of Object.keys(FIELDS)) {
    byId(`${name}-slider`).value = state[name];
    if (document.activeElement !== byId(name)) byId(name).value = state[name];
  }
  byId("m-slider").max = state.last;
  byId("collapse-words").textContent = ranges.collapse.words;
  byId("none-words").textContent = ranges.none.words;
  byId("separation-words").textContent = separationWords(ranges, margin, state.last);
  for (const element of document.querySelectorAll(".chosen-m")) element.textContent = `m = ${state.m}`;
  drawPlane(state, ranges);
  drawBands(state, ranges, margin);
  writeTables(state, ranges, margin);
}

function start() {
  for (const name of Object.keys(FIELDS)) {
    const number = byId(name), slider = byId(`${name}-slider`);
    number.addEventListener("input", () => change({[name]: number.valueAsNumber}));
    number.addEventListener("blur", () => { number.value = state[name]; change({}); });
    slider.addEventListener("input", () => change({[name]: slider.valueAsNumber}));
  }
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  for (const [label, values] of PRESETS) {
    const button = htmlElement("button", {type: "button"}, label);
    button.addEventListener("click", () => change(values));
    byId("presets").append(button);
  }
  for (const {name, end, label} of REGIONS) {
    const box = htmlElement("input", {type: "checkbox", id: `show-${name}-${end}`, checked: ""});
    box.addEventListener("change", redraw);
    byId("legend").append(htmlElement("label", {class: `${name} ${end}`}, box, htmlElement("i"), label));
  }
  byId("all").addEventListener("toggle", redraw);
  byId("accuracy").textContent = ACCURACY.toExponential();
  window.addEventListener("hashchange", () => change(stateOfHash(location.hash)));
  change(stateOfHash(location.hash));
  show();
  new ResizeObserver(redraw).observe(byId("figures"));
}

start();
