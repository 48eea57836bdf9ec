"use strict";

// The page: reads the conditions, asks mathematics.js for the range of the class, and draws both.
//
// The state is {tau, points, contains, within, own, kept, m, last}. `tau` is [τ], or [low, high] for an interval, or
// null where any will do. A point is {kind, eps, delta}, its kind one of KINDS. All regions contain that of the pair
// `contains` and lie within that of the pair `within`; `own` is a pair to look at. A pair is {p, q}, its letters, or
// null. `kept` is another class to compare, {tau, points, contains, within}, or null. The last m shown is `last`.

const ACCURACY = 1e-4; // of the searched values, against the library's certified bands

const FRAME = 20; // milliseconds of arithmetic before the page is drawn
const PATIENCE = 120; // the same while the values at the chosen m are not known

const MOST_DEGREES = 100;
const MOST_LETTERS = 50; // of a pair that is typed or pasted
const SUM_SLACK = 1e-6; // by which typed masses may miss a sum of 1
const GRAIN = 1000; // dragged points have coordinates that are multiples of one over this
const STEP = 0.01, SMALL_STEP = 0.001; // of the arrow keys

const KINDS = {
  collapse: {label: "collapse", forbids: false},
  augmentation: {label: "augmentation", forbids: false},
  no_collapse: {label: "no collapse", forbids: true},
  no_augmentation: {label: "no augmentation", forbids: true},
};

const point = (kind, eps, delta) => ({kind, eps, delta});
const withoutBoth = (eps, delta) => [point("no_collapse", eps, delta), point("no_augmentation", eps, delta)];

const START = {
  tau: [0.11], points: [point("collapse", 0.02, 0.1)], contains: null, within: null, own: null,
  kept: {tau: [0.11], points: withoutBoth(0.06, 0.1), contains: null, within: null}, m: 5, last: 20,
};

const ALONE = {...START, kept: null};

const PRESETS = [
  ["All pairs: Theorem 3", {...ALONE, points: []}],
  ["With collapse: Theorem 4", ALONE],
  ["With neither: Theorem 5", {...ALONE, points: withoutBoth(0.05, 0.1)}],
  ["Collapse here, not there", {
    ...ALONE, tau: [0.2], points: [point("collapse", 0.02, 0.1), point("no_collapse", 0.1, 0.2)], m: 3,
  }],
  ["τ in an interval", {
    ...ALONE, tau: [0.13, 0.2], points: [point("collapse", 0.02, 0.08), ...withoutBoth(0.1, 0.22)], m: 3,
  }],
  ["Between two regions", {
    ...ALONE, tau: [0.25], points: [point("no_collapse", 0.5, 0.74)],
    contains: {p: [0.12, 0.88], q: [0.05, 0.95]},
    within: {p: [0.06, 0.31, 0.43, 0.19, 0.01], q: [0, 0.15, 0.35, 0.4, 0.1]},
    own: {p: [0.12, 0.71, 0.17], q: [0.05, 0.53, 0.42]}, m: 3,
  }],
  ["Families that separate", START],
  ["Conditions that clash", {...ALONE, tau: [0.5], points: withoutBoth(0.05, 0.1)}],
];

const ENDS = ["lower", "upper"];
const NAMES = {lower: {true: "min", false: "inf"}, upper: {true: "max", false: "sup"}};

const byId = (id) => document.getElementById(id);
const decimal = (value) => value.toFixed(6);
const short = (value) => String(Number(value.toPrecision(4)));
const pairText = ([x, y]) => `(${short(x)}, ${short(y)})`;


// ---- conditions -------------------------------------------------------------------------------------------

/** The place of a point in the plane: augmentation at (ε,δ) is the point (1−δ, 1−ε). */
function placeOf({kind, eps, delta}) {
  return kind.endsWith("augmentation") ? [1 - delta, 1 - eps] : [eps, delta];
}

/** The point of a kind at a place, its numbers rounded to the grain of dragging. */
function pointAt(kind, [x, y]) {
  const tidy = (value) => Math.round(value * 1e12) / 1e12;
  return kind.endsWith("augmentation") ? point(kind, tidy(1 - y), tidy(1 - x)) : point(kind, tidy(x), tidy(y));
}

const samePlace = ([x1, y1], [x2, y2]) => Math.abs(x1 - x2) < TOLERANCE && Math.abs(y1 - y2) < TOLERANCE;

/** The class of mathematics.js that some conditions name. */
function classOf({tau, points, contains, within}) {
  const [low, high = low] = tau ?? [0, 1];
  const places = (forbids) => points.filter(({kind}) => KINDS[kind].forbids === forbids).map(placeOf);
  const corners = contains === null ? [] : boundaryOf(contains).slice(1, -1);
  return {
    low, high, required: [...places(false), ...corners], forbidden: places(true),
    within: within === null ? null : boundaryOf(within),
  };
}

const conditionsOf = ({tau, points, contains, within}) => ({tau, points, contains, within});


// ---- pairs that are typed or pasted -----------------------------------------------------------------------

/** The numbers of a text, such as “0.2, 1/3; 20%”; NaN for what is none. */
function numbersIn(text) {
  return text.split(/[\s,;()[\]]+/).filter((word) => word !== "").map((word) => {
    const [above, below = "1"] = word.replace("%", "").split("/");
    return Number(above || NaN) / Number(below) / (word.endsWith("%") ? 100 : 1);
  });
}

/** The pair of two texts, {p, q}, or what is wrong with them, {problem}. */
function pairIn(pText, qText) {
  const p = numbersIn(pText), q = numbersIn(qText);
  if (p.length === 0 || q.length === 0) return {problem: "Type or paste the masses of P and of Q, such as 0.2, 0.8 and 0, 1."};
  for (const [name, masses] of [["P", p], ["Q", q]]) {
    if (!masses.every((mass) => mass >= 0)) return {problem: `The masses of ${name} must be numbers ≥ 0.`};
  }
  if (p.length !== q.length) return {problem: `P and Q need equally many letters; here they have ${p.length} and ${q.length}.`};
  if (p.length > MOST_LETTERS) return {problem: `At most ${MOST_LETTERS} letters can be taken; here are ${p.length}.`};
  const sums = [p, q].map((masses) => masses.reduce((sum, mass) => sum + mass, 0));
  const off = sums.findIndex((sum) => !(Math.abs(sum - 1) <= SUM_SLACK));
  if (off >= 0) return {problem: `The masses of ${"PQ"[off]} must sum to 1; they sum to ${short(sums[off])}.`};
  return {p: p.map((mass) => mass / sums[0]), q: q.map((mass) => mass / sums[1])};
}

/** The pair whose region has some corners, “(0, 0.2) (0.5, 0.9)”, or what is wrong with them. */
function pairOfCorners(text) {
  const numbers = numbersIn(text);
  if (numbers.length === 0 || numbers.length % 2 > 0 || !numbers.every((number) => number >= 0 && number <= 1)) {
    return {problem: "Corners are pairs (ε, δ) of numbers from 0 to 1, such as (0, 0.2) (0.5, 0.9)."};
  }
  const corners = numbers.flatMap((x, i) => (i % 2 === 0 ? [[x, numbers[i + 1]]] : []));
  const beneath = corners.find(([x, y]) => y < x);
  if (beneath !== undefined) return {problem: `A corner lies on or above the diagonal; ${pairText(beneath)} does not.`};
  if (corners.length > MOST_LETTERS) return {problem: `At most ${MOST_LETTERS} corners can be taken.`};
  const {p, q} = pairOf(hullOf(corners)), tidy = (masses) => masses.map((mass) => Math.round(mass * 1e12) / 1e12);
  return {p: tidy(p), q: tidy(q)};
}

/** What is typed: corners if there are any, else P and Q, which may be two lines of one field. */
function typedPair() {
  const [p, q, corners] = ["typed-p", "typed-q", "typed-corners"].map((id) => byId(id).value.trim());
  if (corners !== "") return pairOfCorners(corners);
  const [first, second, ...more] = p.split(/\n+/);
  return q === "" && second !== undefined && more.length === 0 ? pairIn(first, second) : pairIn(p, q);
}

const massesText = (masses) => masses.map((mass) => String(Number(mass.toPrecision(6)))).join(", ");

/** What is wrong with a state, in sentences. */
function complaints(state) {
  const {kept, own, m, last} = state, found = [];
  if (own?.problem) found.push(own.problem);
  for (const conditions of [conditionsOf(state), ...(kept === null ? [] : [kept])]) {
    for (const pair of [conditions.contains, conditions.within]) if (pair?.problem) found.push(pair.problem);
    const [low, high = low] = conditions.tau ?? [0, 1];
    if (!(low >= 0 && high <= 1)) found.push("τ must be a number from 0 to 1.");
    else if (!(low <= high)) found.push(`The least τ must not exceed the greatest: ${low} and ${high}.`);
    for (const {eps, delta} of conditions.points) {
      if (!(eps >= 0 && delta <= 1 && eps < delta)) {
        const [e, d] = [eps, delta].map((value) => (Number.isNaN(value) ? "nothing" : value));
        found.push(`A point needs 0 ≤ ε < δ ≤ 1; here ε = ${e} and δ = ${d}.`);
      }
    }
    for (const forbids of [false, true]) {
      if (conditions.points.filter(({kind}) => KINDS[kind].forbids === forbids).length > MOST_POINTS) {
        found.push(`At most ${MOST_POINTS} points can be ${forbids ? "forbidden" : "required"}.`);
      }
    }
  }
  const isDegree = (value, least) => Number.isInteger(value) && value >= least && value <= MOST_DEGREES;
  if (!isDegree(m, 1)) found.push(`m must be a whole number from 1 to ${MOST_DEGREES}.`);
  if (!isDegree(last, 2)) found.push(`The greatest m must be a whole number from 2 to ${MOST_DEGREES}.`);
  return found;
}


// ---- the address ------------------------------------------------------------------------------------------

/** A state as an address: #tau=0.11&collapse=0.02,0.1&m=5&last=20; what is kept has names that begin with kept_. */
function hashOfState(state) {
  const {own, kept, m, last} = state;
  const pairWords = (name, pair) => (pair === null ? [] : [`${name}=${pair.p.join(",")};${pair.q.join(",")}`]);
  const words = ({tau, points, contains, within}, prefix) => [
    ...(tau === null ? [] : [`${prefix}tau=${tau.join(":")}`]),
    ...points.map(({kind, eps, delta}) => `${prefix}${kind}=${eps},${delta}`),
    ...pairWords(`${prefix}contains`, contains),
    ...pairWords(`${prefix}within`, within),
  ];
  const about = kept === null ? [] : ["kept=1", ...words(kept, "kept_")];
  return "#" + [...words(state, ""), ...pairWords("own", own), ...about, `m=${m}`, `last=${last}`].join("&");
}

/** The state of an address; an empty one is the start. */
function stateOfHash(hash) {
  const entries = [...new URLSearchParams(hash.slice(1))];
  if (entries.length === 0) return START;
  const free = {tau: null, points: [], contains: null, within: null};
  const state = {...free, own: null, kept: null, m: START.m, last: START.last};
  const numbers = (text, mark) => text.split(mark).map((part) => (part.trim() === "" ? NaN : Number(part)));
  for (const [name, text] of entries) {
    const kept = name.startsWith("kept_"), word = kept ? name.slice(5) : name;
    if (name === "kept" || kept) state.kept ??= {...free};
    const into = kept ? state.kept : state;
    if (word === "tau") {
      into.tau = numbers(text, ":").slice(0, 2);
    } else if (word in KINDS) {
      const [eps, delta = NaN] = numbers(text, ",");
      into.points = [...into.points, point(word, eps, delta)];
    } else if (word === "contains" || word === "within" || name === "own") {
      const [p, q = ""] = text.split(";");
      into[word] = pairIn(p, q);
    } else if (name === "m" || name === "last") {
      [state[name]] = numbers(text, ",");
    }
  }
  return entries.some(([name]) => name === "last") ? state : {...state, last: Math.max(state.last, state.m || 0)};
}


// ---- ranges -----------------------------------------------------------------------------------------------

/** The range of a class: what follows from its conditions, its ends by m, as far as known, and searches for more. */
function rangeOf(name, conditions) {
  const key = JSON.stringify(conditions);
  if (rangeOf.latest[name]?.key !== key) {
    const pairs = analysed(classOf(conditions));
    rangeOf.latest[name] = {key, conditions, pairs, ends: new Map(), searches: new Map()};
  }
  return rangeOf.latest[name];
}
rangeOf.latest = {};

function* bothEnds(pairs, m) {
  return {lower: yield* leastEnd(pairs, m), upper: yield* greatestEnd(pairs, m)};
}

/** Go on with the search at m until a time; true once the ends are known. */
function search({pairs, ends, searches}, m, deadline) {
  if (pairs.conflict !== null || ends.has(m)) return true;
  if (!searches.has(m)) searches.set(m, bothEnds(pairs, m));
  while (!ends.has(m)) {
    const {value, done} = searches.get(m).next();
    if (done) ends.set(m, value);
    else if (performance.now() > deadline) return false;
  }
  searches.delete(m);
  return true;
}

/** The packed distances of a pair by m, as far as known in a frame, that at m first. */
function distancesOf(own, m, last) {
  const key = JSON.stringify(own), deadline = performance.now() + FRAME;
  if (distancesOf.latest.key !== key) distancesOf.latest = {key, known: new Map()};
  const {known} = distancesOf.latest;
  for (const degree of own === null ? [] : [m, ...degreesTo(last)]) {
    if (known.has(degree)) continue;
    known.set(degree, packedDistance(own, degree));
    if (performance.now() > deadline) break;
  }
  return new Map(degreesTo(last).filter((degree) => known.has(degree)).map((degree) => [degree, known.get(degree)]));
}
distancesOf.latest = {key: null, known: new Map()};

/** Find the ends of all ranges, those at m first, until the time is over; true if none is left to find. */
function findEnds(ranges, m, last) {
  const now = performance.now();
  if (!ranges.every((range) => search(range, m, now + PATIENCE))) return false;
  for (const degree of degreesTo(last)) {
    if (!ranges.every((range) => search(range, degree, now + FRAME))) return false;
    if (degree < last && performance.now() > now + FRAME) return false;
  }
  return true;
}

function degreesTo(last) {
  return Array.from({length: last}, (_, i) => i + 1);
}

/** Values by m by which one class lies above the other, as far as both are known: their distance, or less than 0. */
function margins(ranges, last) {
  const found = new Map();
  if (ranges.length < 2) return found;
  for (const degree of degreesTo(last)) {
    const [one, other] = ranges.map(({ends}) => ends.get(degree));
    if (one && other) {
      found.set(degree, Math.max(one.lower.value - other.upper.value, other.lower.value - one.upper.value));
    }
  }
  return found;
}


// ---- words ------------------------------------------------------------------------------------------------

/** “τ = 0.11, (0.02, 0.1)-collapse” */
function describe({tau, points, contains = null, within = null}) {
  const [low, high] = (tau ?? []).map(short);
  const distance = tau === null ? [] : [tau.length === 1 ? `τ = ${low}` : `${low} ≤ τ ≤ ${high}`];
  const said = points.map(({kind, eps, delta}) => {
    const [word, no] = kind.startsWith("no_") ? [kind.slice(3), "no "] : [kind, ""];
    return `${no}(${short(eps)}, ${short(delta)})-${word}`;
  });
  if (contains !== null) said.push("a region contained");
  if (within !== null) said.push("within a region");
  return [...distance, ...said].join(", ") || "all pairs";
}

/** Whether the class has members, and why not, with the numbers. */
function existence({pairs, conditions}) {
  const {conflict, touches, tangents, low} = pairs;
  if (conflict !== null) return `No such pair: ${conflictWords(conflict, pairs, conditions)}`;
  if (touches) {
    return pairs.least.length === 2
      ? "There are such pairs: P = Q is one."
      : `There are such pairs. The points that all reach span the least region; its τ is ${short(low)}.`;
  }
  return `There are such pairs: their boundaries touch y = x + ${short(low)} at x ${intervalWords(tangents)}.`;
}

/** “from 0 to 0.2, or below 0.3” */
function intervalWords(intervals) {
  return intervals.map(({low, high, closedEnds}) => {
    const bracket = (end, closed, open) => (closedEnds.includes(end) ? closed : open);
    if (high - low <= TOLERANCE) return `= ${short(low)}`;
    return `in ${bracket(low, "[", "(")}${short(low)}, ${short(high)}${bracket(high, "]", ")")}`;
  }).join(" or ");
}

function conflictWords(conflict, {least, within}, {points, contains}) {
  const required = points.filter(({kind}) => !KINDS[kind].forbids);
  const one = required.length + Number(contains !== null) === 1, all = ["the points that all pairs reach"];
  if (contains !== null) all.splice(0, Number(required.length === 0), "the region that all contain");
  const who = one && contains === null ? describe({tau: null, points: required}) : all.reverse().join(" and ");
  if (conflict.kind === "outside") {
    const [x, y] = conflict.point;
    return `${who} ${one ? "reaches" : "reach"} the height ${short(y)} at x = ${short(x)}, `
      + `but the region that all lie within ends at ${short(heightAt(within, x))} there.`;
  }
  if (conflict.kind === "room") {
    return `the region that all lie within has a total variation of ${short(conflict.most)}, but τ ≥ ${short(conflict.low)}.`;
  }
  if (conflict.kind === "distance") {
    const [low, high] = conflict.given, force = one ? "forces" : "force";
    return `${who} ${force} τ ≥ ${short(conflict.forced)}, but τ ${low === high ? "=" : "≤"} ${short(high)}.`;
  }
  if (conflict.kind === "reached") {
    const [x] = conflict.point, height = heightAt(least, x);
    return `a boundary that reaches ${who} has at least the height ${short(height)} at x = ${short(x)}, `
      + `and so reaches the forbidden point ${pairText(conflict.point)}.`;
  }
  const reasons = conflict.exclusions.map(({point, from, to}) => {
    const excluded = to - from <= TOLERANCE ? `x = ${short(from)}` : `x from ${short(from)} to ${short(to)}`;
    return `staying below ${pairText(point)} rules out ${excluded}`;
  });
  const tau = short(conflict.low), {low, high} = conflict.room;
  return `a boundary of total variation ${tau} touches y = x + ${tau} at some x from ${short(low)} to ${short(high)}, `
    + `but ${reasons.join(", and ")}.`;
}

/** The places of the points that take part in a conflict. */
function placesInConflict({conflict}, {points}) {
  if (conflict === null) return [];
  const required = points.filter(({kind}) => !KINDS[kind].forbids).map(placeOf);
  if (conflict.kind === "distance" || conflict.kind === "room") return required;
  if (conflict.kind === "outside") return [conflict.point];
  if (conflict.kind === "reached") return [...required, conflict.point];
  return conflict.exclusions.map(({point}) => point);
}

/** Why a pair is no member of a class, or that it is one. */
function membershipWords({least, within, low, high, forbidden}, boundary) {
  const rise = riseOf(boundary), missed = least.find((point) => !reaches(boundary, point));
  const beyond = within === null ? undefined : boundary.find((point) => !reaches(within, point));
  const reached = forbidden.find((point) => reaches(boundary, point));
  const outside = [
    rise < low - slack(low) && `its τ is less than ${short(low)}`,
    rise > high + slack(high) && `its τ is more than ${short(high)}`,
    missed && `it does not reach ${pairText(missed)}`,
    beyond && `it reaches ${pairText(beyond)}, outside the region that all lie within`,
    reached && `it reaches the forbidden point ${pairText(reached)}`,
  ].filter(Boolean);
  return outside.length === 0 ? "It belongs to this class." : `It does not belong to this class: ${outside.join(", and ")}.`;
}

function separationWords(ranges, margin, last) {
  if (ranges.some(({pairs}) => pairs.conflict !== null)) return "One of the two classes is empty.";
  if (margin.size < last) return "…";
  const degrees = degreesTo(last).filter((degree) => margin.get(degree) > ACCURACY);
  if (degrees.length === 0) return `The two ranges overlap at every m ≤ ${last}.`;
  return `The packed distance alone tells the two classes apart at m = ${runs(degrees)}, of m ≤ ${last}.`;
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

/** The call of the library that certifies the range. */
function pythonOf({tau, points, contains, within}, m) {
  const listed = Object.keys(KINDS).flatMap((name) => {
    const at = points.filter(({kind}) => kind === name).map(({eps, delta}) => `(${eps}, ${delta})`);
    return at.length === 0 ? [] : [`${name}=${at.length === 1 ? at[0] : `[${at.join(", ")}]`}`];
  });
  const distance = tau === null ? [] : [`tau=${tau.length === 1 ? tau[0] : `(${tau.join(", ")})`}`];
  const regions = Object.entries({contains, within}).filter(([, pair]) => pair !== null);
  const limits = regions.map(([name, pair]) => `${name}=${regionText(pair)}`);
  return `mc.band(mc.PairClass(${[...distance, ...listed, ...limits].join(", ")}), ${m})`;
}

const regionText = ({p, q}) => `mc.Region.from_pmfs([${p.join(", ")}], [${q.join(", ")}])`;

function shellOf({tau, points, contains, within}, m) {
  const distance = tau === null ? [] : [`--tau ${tau.join(":")}`];
  const listed = points.map(({kind, eps, delta}) => `--${kind.replace("_", "-")} ${eps},${delta}`);
  const regions = Object.entries({contains, within}).filter(([, pair]) => pair !== null);
  const limits = regions.map(([name, {p, q}]) => `--${name} ${p.join(",")} ${q.join(",")}`);
  return ["modecollapse bounds", ...distance, ...listed, ...limits, `--m ${m}`].join(" ");
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
  const drawing = svg.querySelector(".drawing");
  drawing.replaceChildren();
  const add = (name, attributes, text) => drawing.appendChild(svgElement(name, attributes, text));
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
const openness = ({attained}) => (attained ? "" : "open");

function drawPlane({pairs, ends}, {own, contains, within, m}) {
  const svg = byId("plane"), height = svg.clientWidth - 8; // which makes the unit square a square
  const scales = chart(svg, height, [0, 1], [0, 1], FIFTHS, FIFTHS, "Q-mass (ε)", "P-mass (δ)");
  const {x, y, add, path} = scales;
  const line = (kind, low, high, tau) =>
    add("line", {class: kind, x1: x(low), y1: y(low + tau), x2: x(high), y2: y(high + tau)});
  line("diagonal", 0, 1, 0);
  const found = ends.get(m);
  if (found) {
    for (const [end, kind, title] of [["upper", "greatest", "farthest pair"], ["lower", "least", "nearest pair"]]) {
      const points = path(found[end].boundary);
      add("polygon", {class: `area ${kind}`, points});
      add("polyline", {class: `edge ${kind} ${openness(found[end])}`, points})
        .append(svgElement("title", {}, `${title}, ${NAMES[end][found[end].attained]} at m = ${m}`));
    }
  }
  for (const tau of new Set([pairs.low, pairs.high])) line("tangent", 0, 1 - tau, tau);
  if (!pairs.touches) {
    for (const {low, high} of pairs.tangents) line("allowed", low, high, pairs.low);
  }
  for (const [name, pair, title] of [
    ["contained", contains, "contained by all regions"], ["limit", within, "all regions lie within"],
    ["own", own, "your pair"],
  ]) {
    if (pair !== null) {
      add("polyline", {class: `given ${name}`, points: path(boundaryOf(pair))}).append(svgElement("title", {}, title));
    }
  }
  return scales;
}

const CROSS = "M-6,-6l12,12m0,-12l-12,12", DISC = "M-5,0a5,5 0 1 0 10,0a5,5 0 1 0 -10,0";

/** The points as handles, which stay the same elements so that they keep the focus while they are dragged. */
function placeHandles({points}, conflicting, {x, y}) {
  const layer = byId("plane").querySelector(".handles");
  while (layer.children.length > points.length) layer.lastChild.remove();
  while (layer.children.length < points.length) layer.append(newHandle(layer.children.length));
  points.forEach((point, i) => {
    const handle = layer.children[i], place = placeOf(point), {label, forbids} = KINDS[point.kind];
    const clash = conflicting.some((other) => samePlace(other, place)) ? "clash" : "";
    handle.setAttribute("class", `handle ${forbids ? "forbidden" : "required"} ${clash}`);
    handle.setAttribute("transform", `translate(${x(place[0]).toFixed(2)} ${y(place[1]).toFixed(2)})`);
    handle.setAttribute("aria-label", `point ${i + 1}, ${label}`);
    handle.setAttribute("aria-valuenow", place[0]);
    handle.setAttribute("aria-valuetext", `ε = ${point.eps}, δ = ${point.delta}`);
    handle.querySelector("path").setAttribute("d", forbids ? CROSS : DISC);
    handle.querySelector("text").textContent = points.length > 1 ? i + 1 : "";
  });
}

/** A handle for the point of some number: it is dragged, moved with the arrow keys, or removed with Delete. */
function newHandle(i) {
  const handle = svgElement("g", {tabindex: 0, role: "slider", "aria-valuemin": 0, "aria-valuemax": 1});
  const [reach, mark] = [svgElement("circle", {class: "reach", r: 16}), svgElement("path", {class: "mark"})];
  handle.append(reach, mark, svgElement("text", {x: 9, y: -7}));
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    handle.focus({preventScroll: true});
    event.preventDefault();
  });
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) move(i, planePlace(event));
  });
  handle.addEventListener("keydown", (event) => {
    if (state.points[i] === undefined) return; // removed by the key before, and not yet from the page
    const directions = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
    const [x, y] = placeOf(state.points[i]), step = event.shiftKey ? SMALL_STEP : STEP;
    if (event.key in directions) {
      const [dx, dy] = directions[event.key];
      move(i, [x + step * dx, y + step * dy]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      remove(i);
    } else {
      return;
    }
    event.preventDefault();
  });
  return handle;
}

/** The place in the plane of a pointer. */
function planePlace({clientX, clientY}) {
  const {left, top} = byId("plane").getBoundingClientRect(), {x, y} = plane;
  return [(clientX - left - x(0)) / (x(1) - x(0)), (clientY - top - y(0)) / (y(1) - y(0))];
}

/** Move a point to a place, or as near to it as points above the diagonal are. */
function move(i, [x, y]) {
  const tidy = (value) => Math.round(value * GRAIN) / GRAIN;
  const right = Math.min(1 - 1 / GRAIN, Math.max(0, tidy(x)));
  const place = [right, Math.min(1, Math.max(tidy(right + 1 / GRAIN), tidy(y)))];
  change({points: state.points.map((point, j) => (j === i ? pointAt(point.kind, place) : point))});
}

function remove(i) {
  change({points: state.points.filter((_, j) => j !== i)});
}

/** Where one range is above the other: a quadrilateral from degree to degree. */
function separation([one, other], margin) {
  const pieces = [];
  for (const [degree, here] of margin) {
    const there = margin.get(degree + 1);
    if (there === undefined || (here <= ACCURACY && there <= ACCURACY)) continue;
    const best = here > there ? degree : degree + 1;
    const isAbove = one.ends.get(best).lower.value >= other.ends.get(best).upper.value;
    const [above, beneath] = isAbove ? [one, other] : [other, one];
    const crossing = here / (here - there);
    const corner = (range, end, share) => {
      const [from, to] = [degree, degree + 1].map((m) => range.ends.get(m)[end].value);
      return [degree + share, from + share * (to - from)];
    };
    const [first, last] = [here < 0 ? crossing : 0, there < 0 ? crossing : 1];
    pieces.push([
      corner(beneath, "upper", first), corner(above, "lower", first),
      corner(above, "lower", last), corner(beneath, "upper", last),
    ]);
  }
  return pieces;
}

function drawBands({m, last}, ranges, margin, distances) {
  const svg = byId("bands"), height = Math.min(520, Math.max(300, svg.clientWidth - 8));
  const every = [1, 2, 5, 10, 20, 50].find((step) => last / step <= svg.clientWidth / 45);
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
  [...ranges].reverse().forEach(({ends}, i) => {
    const kind = i === ranges.length - 1 ? "current" : "reference";
    const unknown = degreesTo(last).findIndex((degree) => !ends.has(degree));
    const known = degreesTo(unknown < 0 ? last : unknown);
    const [lower, upper] = ENDS.map((end) => known.map((degree) => [degree, ends.get(degree)[end].value]));
    add("polygon", {class: `area ${kind}`, points: path([...lower, ...[...upper].reverse()])});
    for (const [edge, end] of [[lower, "lower"], [upper, "upper"]]) {
      add("polyline", {class: `edge ${kind}`, points: path(edge)});
      for (const [degree, value] of edge) {
        const r = degree === m ? 4.5 : last > 50 ? 1.5 : last > 20 ? 2 : 2.8;
        add("circle", {class: `dot ${kind} ${openness(ends.get(degree)[end])}`, cx: x(degree), cy: y(value), r});
      }
    }
  });
  if (distances.size > 0) add("polyline", {class: "given own", points: path([...distances])});
  for (const [degree, value] of distances) {
    if (last <= 50 || degree === m) add("circle", {class: "dot own", cx: x(degree), cy: y(value), r: degree === m ? 4 : 2});
  }
  svg.onclick = (event) => {
    const degree = Math.round((event.clientX - svg.getBoundingClientRect().left - x(0)) / column);
    if (degree >= 1 && degree <= last) change({m: degree});
  };
}


// ---- tables -----------------------------------------------------------------------------------------------

const RANGE_NAMES = [["current", "this class"], ["reference", "the kept class"]];

/** “0.319311 min”, with the full value for those who read the page by program. */
function valueCell(name, end, {value, attained}) {
  const output = htmlElement("output", {id: `${name}-${end}`, "data-value": value}, decimal(value));
  return htmlElement("td", {}, output, " ", htmlElement("small", {}, NAMES[end][attained]));
}

/** A row of a table: its heading, in the colour of a class of pairs, and its cells. */
function row(kind, heading, cells) {
  return htmlElement("tr", {}, htmlElement("th", {scope: "row", class: kind}, heading), ...cells);
}

const cell = (...children) => htmlElement("td", {}, ...children);
const fillTable = (id, rows) => byId(id).tBodies[0].replaceChildren(...rows);

function valueRows(m, ranges, margin, distances) {
  const rows = ranges.map(({pairs, ends}, i) => {
    const [name, label] = RANGE_NAMES[i];
    if (pairs.conflict !== null) {
      return row(name, label, [htmlElement("td", {colspan: 2, id: `${name}-empty`}, "no such pair")]);
    }
    const found = ends.get(m);
    return row(name, label, ENDS.map((end) => (found ? valueCell(name, end, found[end]) : cell("…"))));
  });
  if (distances.has(m)) {
    const value = distances.get(m);
    rows.push(row("own", "your pair", [
      htmlElement("td", {colspan: 2}, htmlElement("output", {id: "own-value", "data-value": value}, decimal(value))),
    ]));
  }
  if (!margin.has(m)) return rows;
  const value = margin.get(m), words = value > 0 ? "apart by" : "overlap by";
  return [...rows, row("margin", words, [htmlElement("td", {colspan: 2}, decimal(Math.abs(value)))])];
}

/** All that is known of the ranges and the own pair, a row for each m. */
function csvOf(ranges, distances, last) {
  const names = ["class", "kept"].slice(0, ranges.length);
  const heads = names.flatMap((name) => ENDS.flatMap((end) => [`${name}_${end}`, `${name}_${end}_attained`]));
  const lines = degreesTo(last).map((degree) => [
    degree,
    ...ranges.flatMap(({ends}) => ENDS.flatMap((end) => {
      const found = ends.get(degree)?.[end];
      return found ? [found.value, found.attained] : ["", ""];
    })),
    ...(distances.size > 0 ? [distances.get(degree) ?? ""] : []),
  ]);
  return [["m", ...heads, ...(distances.size > 0 ? ["own"] : [])], ...lines].map((line) => line.join(",")).join("\n") + "\n";
}

function pairRows(m, {ends}) {
  const masses = (letters) => `[${letters.map((mass) => String(Number(mass.toFixed(4)))).join(", ")}]`;
  const found = ends.get(m);
  return !found ? [] : ENDS.map((end) => {
    const name = NAMES[end][found[end].attained], letters = pairOf(found[end].boundary);
    const hasMass = (_, i) => letters.p[i] + letters.q[i] > TOLERANCE;
    const [p, q] = [letters.p.filter(hasMass), letters.q.filter(hasMass)];
    const limit = found[end].attained ? "" : ", a limit of pairs of the class";
    return row("current", name + limit, [cell(`P = ${masses(p)}`, htmlElement("br"), `Q = ${masses(q)}`)]);
  });
}

function degreeRow(degree, ranges) {
  const values = RANGE_NAMES.flatMap((_, i) => {
    const found = ranges[i]?.ends.get(degree);
    const text = (end) => `${decimal(found[end].value)} ${NAMES[end][found[end].attained]}`;
    return found ? ENDS.map(text) : ["–", "–"];
  });
  return row("", degree, values.map((text) => cell(text)));
}


// ---- the form ---------------------------------------------------------------------------------------------

/** Show a value in a field, unless someone is typing there. */
function fill(id, value) {
  if (document.activeElement !== byId(id)) byId(id).value = value;
}

/** The same for a number and its slider. */
function fillBoth(name, value) {
  fill(name, value);
  byId(`${name}-slider`).value = value;
}

function tauKind({tau}) {
  return tau === null ? "any" : tau.length === 1 ? "number" : "interval";
}

function showForm(state) {
  const kind = tauKind(state), {tau, points, kept, m, last} = state;
  for (const name of ["number", "interval", "any"]) byId(`tau-${name}`).checked = name === kind;
  byId("tau-control").hidden = kind === "any";
  byId("tau-high-control").hidden = kind !== "interval";
  byId("tau").setAttribute("aria-label", kind === "interval" ? "least τ" : "τ");
  byId("tau-slider").setAttribute("aria-label", kind === "interval" ? "least τ" : "τ");
  if (tau !== null) {
    ["tau", "tau-high"].slice(0, tau.length).forEach((name, i) => fillBoth(name, tau[i]));
  }
  byId("m-slider").max = last;
  fillBoth("m", m);
  fillBoth("last", last);
  const list = byId("point-rows");
  while (list.children.length > points.length) list.lastChild.remove();
  while (list.children.length < points.length) list.append(newRow(list.children.length));
  points.forEach(({kind, eps, delta}, i) => {
    list.children[i].className = KINDS[kind].forbids ? "forbidden" : "required";
    fill(`kind-${i}`, kind);
    fill(`eps-${i}`, eps);
    fill(`delta-${i}`, delta);
  });
  const count = (forbids) => points.filter(({kind}) => KINDS[kind].forbids === forbids).length;
  byId("add-required").disabled = count(false) >= MOST_POINTS;
  byId("add-forbidden").disabled = count(true) >= MOST_POINTS;
  byId("forget").hidden = kept === null;
  showRegions(state);
}

/** List the pairs given by numbers, anew only if they have changed: a button that is replaced loses its click. */
function showRegions(state) {
  const key = JSON.stringify(Object.keys(REGION_WORDS).map((name) => state[name])), list = byId("region-rows");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...Object.entries(REGION_WORDS).flatMap(([name, words]) => regionRow(name, words)));
}

const REGION_WORDS = {
  own: "Your pair", contains: "All contain the region of", within: "All lie within the region of",
};

/** A row that names a pair given by numbers, if there is one, and removes it. */
function regionRow(name, words) {
  const pair = state[name];
  if (pair === null) return [];
  const close = htmlElement("button", {type: "button", class: "remove", "aria-label": `remove: ${words}`}, "×");
  close.addEventListener("click", () => change({[name]: null}));
  const text = `${words} P = [${massesText(pair.p)}], Q = [${massesText(pair.q)}]`;
  return [htmlElement("li", {class: name}, htmlElement("i"), htmlElement("span", {}, text), close)];
}

/** The fields of the point of some number. */
function newRow(i) {
  const options = Object.entries(KINDS).map(([value, {label}]) => htmlElement("option", {value}, label));
  const kind = htmlElement("select", {id: `kind-${i}`, "aria-label": `kind of point ${i + 1}`}, ...options);
  const [eps, delta] = [["eps", "ε"], ["delta", "δ"]].map(([name, symbol]) => {
    const number = {type: "number", min: 0, max: 1, step: "any"};
    return htmlElement("input", {...number, id: `${name}-${i}`, "aria-label": `${symbol} of point ${i + 1}`});
  });
  const close = htmlElement("button", {type: "button", class: "remove", "aria-label": `remove point ${i + 1}`}, "×");
  const edit = (values) => change({points: state.points.map((point, j) => (j === i ? {...point, ...values} : point))});
  kind.addEventListener("change", () => edit({kind: kind.value}));
  eps.addEventListener("input", () => edit({eps: eps.valueAsNumber}));
  delta.addEventListener("input", () => edit({delta: delta.valueAsNumber}));
  for (const field of [eps, delta]) field.addEventListener("blur", () => showForm(state));
  close.addEventListener("click", () => remove(i));
  return htmlElement("li", {}, htmlElement("b", {}, i + 1), kind,
    htmlElement("label", {for: `eps-${i}`}, "ε"), eps, htmlElement("label", {for: `delta-${i}`}, "δ"), delta, close);
}


// ---- the page ---------------------------------------------------------------------------------------------

let state = START;
let plane = null;
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
  const problems = complaints(next);
  byId("problem").textContent = problems.join(" ");
  if (problems.length > 0) return;
  state = next;
  redraw();
  // browsers limit how often the address may change
  clearTimeout(address);
  address = setTimeout(() => history.replaceState(null, "", hashOfState(state)), 300);
}

function show() {
  frame = null;
  const {kept, own, m, last} = state;
  const ranges = [rangeOf("current", conditionsOf(state)), ...(kept === null ? [] : [rangeOf("reference", kept)])];
  const distances = distancesOf(own, m, last);
  // a frame takes no more than a little time, so that dragging is smooth; what is left follows in the next frames
  if (!findEnds(ranges, m, last) || (own !== null && distances.size < last)) redraw();
  const margin = margins(ranges, last), [current, reference] = ranges;
  showForm(state);
  byId("current-name").textContent = describe(current.conditions);
  byId("current-words").textContent = existence(current);
  byId("current-line").className = current.pairs.conflict === null ? "current" : "current clash";
  for (const id of ["reference-line", "separation-line"]) byId(id).hidden = kept === null;
  byId("own-line").hidden = own === null;
  byId("own-key").hidden = own === null;
  if (own !== null) {
    const boundary = boundaryOf(own);
    byId("own-words").textContent = `τ = ${short(riseOf(boundary))}. ${membershipWords(current.pairs, boundary)}`;
    byId("python-own").textContent = `mc.packed_tv(${regionText(own)}, ${m})`;
  }
  byId("python-own").parentElement.hidden = own === null;
  for (const element of document.querySelectorAll("#key .reference, #key .separated")) element.hidden = kept === null;
  if (kept !== null) {
    byId("reference-name").textContent = `Kept: ${describe(kept)}`;
    byId("reference-words").textContent = existence(reference);
    byId("separation-words").textContent = separationWords(ranges, margin, last);
  }
  for (const element of document.querySelectorAll(".chosen-m")) element.textContent = `m = ${m}`;
  plane = drawPlane(current, state);
  placeHandles(state, placesInConflict(current.pairs, state), plane);
  drawBands(state, ranges, margin, distances);
  fillTable("values", valueRows(m, ranges, margin, distances));
  fillTable("pairs", pairRows(m, current));
  byId("python").textContent = pythonOf(state, m);
  byId("shell").textContent = shellOf(state, m);
  if (byId("all").open) fillTable("all-values", degreesTo(last).map((degree) => degreeRow(degree, ranges)));
}

function currentCsv() {
  const {kept, own, m, last} = state, names = ["current", ...(kept === null ? [] : ["reference"])];
  return csvOf(names.map((name) => rangeOf.latest[name]), distancesOf(own, m, last), last);
}

/** Let the browser save what an address holds. */
function download(name, href) {
  htmlElement("a", {download: name, href}).click();
}

const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity",
  "font-family", "font-size", "font-weight"];
const SHARPNESS = 2; // pixels of the picture for one of the page

/** A drawing as an image of its own, with the colours of the page written into it. */
function imageOf(svg) {
  const copy = svg.cloneNode(true), {width, height} = svg.getBoundingClientRect();
  const [elements, copies] = [svg, copy].map((root) => [...root.querySelectorAll("*")]);
  elements.forEach((element, i) => {
    const computed = getComputedStyle(element);
    copies[i].setAttribute("style", DRAWN.map((name) => `${name}:${computed.getPropertyValue(name)}`).join(";"));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve({image, width, height});
    image.onerror = () => reject(new Error("the drawing could not be read"));
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  });
}

/** Both drawings side by side, with the conditions above them, as the address of a PNG. */
async function picture() {
  const parts = await Promise.all(["plane", "bands"].map((id) => imageOf(byId(id))));
  const style = getComputedStyle(document.body), margin = 16, title = 28;
  const canvas = htmlElement("canvas", {
    width: SHARPNESS * (parts.reduce((sum, {width}) => sum + width + margin, margin)),
    height: SHARPNESS * (Math.max(...parts.map(({height}) => height)) + 2 * margin + title),
  });
  const context = canvas.getContext("2d");
  context.scale(SHARPNESS, SHARPNESS);
  context.fillStyle = style.backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = style.color;
  context.font = `14px ${style.fontFamily}`;
  context.fillText(`${byId("current-name").textContent}, m = ${state.m}`, margin, margin + 12);
  parts.reduce((left, {image, width, height}) => {
    context.drawImage(image, left, margin + title, width, height);
    return left + width + margin;
  }, margin);
  return canvas.toDataURL("image/png");
}

/** Connect a number and its slider to a part of the state. */
function connect(name, toValues) {
  const number = byId(name), slider = byId(`${name}-slider`);
  for (const field of [number, slider]) field.addEventListener("input", () => change(toValues(field.valueAsNumber)));
  // what was wrong stays said until the next change: were it gone now, the page would move under a click
  number.addEventListener("blur", () => showForm(state));
}

const TAU_OF_KIND = {
  number: ([low]) => [low],
  interval: ([low]) => [low, Math.min(1, Math.round((low + 0.1) * GRAIN) / GRAIN)],
  any: () => null,
};

function start() {
  connect("tau", (value) => ({tau: [value, ...(state.tau ?? []).slice(1).map((high) => Math.max(value, high))]}));
  connect("tau-high", (value) => ({tau: [Math.min(value, (state.tau ?? [value])[0]), value]}));
  connect("m", (value) => ({m: value}));
  connect("last", (value) => ({last: value}));
  for (const [kind, tauOf] of Object.entries(TAU_OF_KIND)) {
    byId(`tau-${kind}`).addEventListener("change", () => change({tau: tauOf(state.tau ?? START.tau)}));
  }
  const add = (id, added) =>
    byId(id).addEventListener("click", () => change({points: [...state.points, added]}));
  add("add-required", point("collapse", 0.05, 0.15));
  add("add-forbidden", point("no_collapse", 0.3, 0.6));
  for (const name of Object.keys(REGION_WORDS)) {
    byId(`use-${name}`).addEventListener("click", () => change({[name]: typedPair()}));
  }
  byId("csv").addEventListener("click", () => download("modecollapse.csv", `data:text/csv;charset=utf-8,${encodeURIComponent(currentCsv())}`));
  byId("png").addEventListener("click", () => picture().then((uri) => download("modecollapse.png", uri)));
  byId("keep").addEventListener("click", () => change({kept: conditionsOf(state)}));
  byId("forget").addEventListener("click", () => change({kept: null}));
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  for (const [label, values] of PRESETS) {
    const button = htmlElement("button", {type: "button"}, label);
    button.addEventListener("click", () => change(values));
    byId("presets").append(button);
  }
  byId("all").addEventListener("toggle", redraw);
  byId("accuracy").textContent = ACCURACY.toExponential();
  window.addEventListener("hashchange", () => change(stateOfHash(location.hash)));
  change(stateOfHash(location.hash));
  show();
  new ResizeObserver(redraw).observe(byId("figures"));
}

start();
