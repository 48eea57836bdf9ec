"use strict";

// The ranges of d_TV(P^m, Q^m) at a given τ = d_TV(P, Q), case by case as in the library's tv_band.
//
// A pair is {p, q}: the letters of two probability mass functions. An end of a range is
// {value, pair, attained}. A case is {feasible, regime, lower, upper}; its ends are functions of m.
// The symbols are those of docs/theory.md: x is a tangent point, where the boundary g has g(x) = x + τ.

const THRESHOLD_TOLERANCE = 1e-12; // a τ this close below a threshold counts as having reached it
const SMALLEST = 1e-300; // tangent points closer to the corner than this are the corner

const LINE_POINTS = 129; // points of a line at which a value is tried, before refinement
const FINER_POINTS = 17; // the same around a local minimum on the line
const SQUARE_POINTS = 17; // the same for each side of a square
const REFINED = 5; // local extrema that are refined
const SHORTEST_STEP = 2e-5; // of the refinement in a square, as a share of its side


// ---- packed total variation ------------------------------------------------------------------------------

/** p^n / n! for n = 0…m. */
function exponentialTerms(p, m) {
  const terms = [1];
  for (let n = 1; n <= m; n++) terms.push(terms[n - 1] * p / n);
  return terms;
}

/**
 * d_TV(P^m, Q^m) = 1 − Σ min(P^m, Q^m), summed over the types (counts of the letters) of an m-sample.
 *
 * Only letters with mass in both P and Q count. Each type has the weight Π p^n / n!, times m!.
 */
function packedDistance({p, q}, m) {
  const pTerms = [], qTerms = [];
  for (let letter = 0; letter < p.length; letter++) {
    if (p[letter] > 0 && q[letter] > 0) {
      pTerms.push(exponentialTerms(p[letter], m));
      qTerms.push(exponentialTerms(q[letter], m));
    }
  }
  let factorial = 1;
  for (let n = 2; n <= m; n++) factorial *= n;
  return Math.max(0, 1 - factorial * overlapOfTypes(pTerms, qTerms, 0, m, 1, 1));
}

/** Σ min of the two weights over all ways to share `left` draws among the letters from `letter` on. */
function overlapOfTypes(pTerms, qTerms, letter, left, pWeight, qWeight) {
  const remaining = pTerms.length - letter;
  if (remaining === 0) return left === 0 ? Math.min(pWeight, qWeight) : 0;
  const pThis = pTerms[letter], qThis = qTerms[letter];
  if (remaining === 1) return Math.min(pWeight * pThis[left], qWeight * qThis[left]);
  let sum = 0;
  if (remaining === 2) {
    // the loop in which nearly all the time is spent
    const pLast = pTerms[letter + 1], qLast = qTerms[letter + 1];
    for (let n = 0; n <= left; n++) {
      const pType = pWeight * pThis[n] * pLast[left - n], qType = qWeight * qThis[n] * qLast[left - n];
      sum += pType < qType ? pType : qType;
    }
  } else {
    for (let n = 0; n <= left; n++) {
      sum += overlapOfTypes(pTerms, qTerms, letter + 1, left - n, pWeight * pThis[n], qWeight * qThis[n]);
    }
  }
  return sum;
}


// ---- the canonical pairs of Theorems 3, 4 and 5 ----------------------------------------------------------

/** Differences of parameters that come out as −1e−17 are zeros. */
function makePair(p, q) {
  const clip = (mass) => Math.max(0, mass);
  return {p: p.map(clip), q: q.map(clip)};
}

/** The largest region of total variation τ. */
function outerPair(tau) {
  return makePair([tau, 1 - tau, 0], [0, 1 - tau, tau]);
}

/** A generator that lacks τ of the target and inflates the rest. */
function oneSidedPair(tau) {
  return makePair([tau, 1 - tau], [0, 1]);
}

/** The triangle with apex (x, x+τ). */
function trianglePair(x, tau) {
  return makePair([x + tau, 1 - x - tau], [x, 1 - x]);
}

/** The hull of the triangle with apex (x, x+τ) and the point (ε, δ): two letters if one is inside the other. */
function hullPair(x, tau, eps, delta) {
  const apex = [x, x + tau], point = [eps, delta];
  const pointFirst = eps < x || (eps === x && delta < x + tau);
  const [first, second] = pointFirst ? [point, apex] : [apex, point];
  const corners = [];
  if (first[1] * second[0] > second[1] * first[0]) corners.push(first);
  if ((1 - second[1]) * (1 - first[0]) < (1 - first[1]) * (1 - second[0])) corners.push(second);
  if (corners.length === 0) corners.push(apex);
  return pairOfBoundary([[0, 0], ...corners, [1, 1]]);
}

/**
 * The hexagon through both forbidden points (u, u+d) and (v, v+d), for α = u + alphaExcess and
 * β = u + betaExcess. Both are at least uτ/d, so the excesses at least u(τ−d)/d, and α+β ≤ 1−τ.
 */
function hexagonPair(u, d, tau, alphaExcess, betaExcess) {
  const [a, b] = [alphaExcess, betaExcess].map((excess) => d * (1 - leastExcess(u, d, tau) / excess));
  const [alpha, beta] = [u + alphaExcess, u + betaExcess];
  const middle = 1 - tau - alpha - beta;
  return makePair([a, alpha + tau - a, middle, beta, 0], [0, alpha, middle, beta + tau - b, b]);
}

/** u(τ−d)/d: what the least α of a hexagon, uτ/d, exceeds u by. */
function leastExcess(u, d, tau) {
  return u * (tau - d) / d;
}

/** Edges of a boundary are letters: Q-mass across, P-mass up. */
function pairOfBoundary(points) {
  const rises = (axis) => points.slice(1).map((point, i) => point[axis] - points[i][axis]);
  return makePair(rises(1), rises(0));
}

/** The boundary of a pair's region, from (0, 0) to (1, 1); letters come by falling likelihood ratio. */
function boundaryOfPair({p, q}) {
  const points = [[0, 0]];
  p.forEach((mass, letter) => {
    const [x, y] = points[points.length - 1];
    if (mass > 0 || q[letter] > 0) points.push([x + q[letter], y + mass]);
  });
  return points;
}


// ---- searches --------------------------------------------------------------------------------------------

/** T(x): the packed distance of the triangle with apex (x, x+τ). */
function triangleDistance(x, tau, m) {
  return packedDistance(trianglePair(x <= SMALLEST ? 0 : x, tau), m);
}

/**
 * The m−1 tangent points at which the best test of a triangle changes, for 0 < τ < 1:
 * k log((x+τ)/x) = (m−k) log((1−x)/(1−x−τ)).
 */
function breakpoints(tau, m) {
  const points = [];
  for (let k = 1; k <= m / 2; k++) {
    let low = Math.log(SMALLEST), high = Math.log((1 - tau) / 2);
    for (let step = 0; step < 64; step++) {
      const middle = (low + high) / 2, x = Math.exp(middle);
      if (k * Math.log1p(tau / x) > -(m - k) * Math.log1p(-tau / (1 - x))) low = middle;
      else high = middle;
    }
    const x = Math.exp((low + high) / 2);
    points.push(x, 1 - tau - x);
  }
  return points;
}

/** The least T(x) over intervals of tangent points, exact: at an end, or at a breakpoint inside. */
function leastTriangle(tau, m, intervals) {
  const inner = 0 < tau && tau < 1 ? breakpoints(tau, m) : [];
  let best = {value: Infinity};
  for (const {low, high, closedEnds} of intervals) {
    for (const x of [low, high, ...inner.filter((point) => low < point && point < high)]) {
      const value = triangleDistance(x, tau, m);
      const attained = (low < x && x < high) || closedEnds.includes(x);
      if (value < best.value || (value === best.value && attained && !best.attained)) {
        best = {value, attained, pair: trianglePair(x, tau)};
      }
    }
  }
  return best;
}

/** The least value of f over [low, high]: a grid, finer grids around its lowest local minima, golden section. */
function minimiseOnLine(f, low, high) {
  const found = lowestIntervals(f, low, high, LINE_POINTS, REFINED)
    .flatMap((interval) => lowestIntervals(f, interval.low, interval.high, FINER_POINTS, 1))
    .map((interval) => goldenSection(f, interval));
  return found.reduce((one, other) => (other.value < one.value ? other : one));
}

/** The intervals of a grid around its lowest local minima x, at most `count`. */
function lowestIntervals(f, low, high, points, count) {
  const at = (i) => low + (high - low) * Math.min(1, Math.max(0, i / (points - 1)));
  const values = Array.from({length: points}, (_, i) => f(at(i)));
  const isLow = (i) => !(values[i - 1] < values[i]) && !(values[i + 1] < values[i]);
  return values.map((_, i) => i).filter(isLow).sort((i, j) => values[i] - values[j]).slice(0, count)
    .map((i) => ({low: at(i - 1), high: at(i + 1), x: at(i), value: values[i]}));
}

/** A local minimum of f in [low, high], no worse than the known one at x. */
function goldenSection(f, {low, high, x, value}) {
  const ratio = (Math.sqrt(5) - 1) / 2, width = 1e-6 * (high - low);
  let left = high - ratio * (high - low), right = low + ratio * (high - low);
  let fLeft = f(left), fRight = f(right);
  while (high - low > width) {
    if (fLeft <= fRight) {
      [high, right, fRight] = [right, left, fLeft];
      left = high - ratio * (high - low);
      fLeft = f(left);
    } else {
      [low, left, fLeft] = [left, right, fRight];
      right = low + ratio * (high - low);
      fRight = f(right);
    }
  }
  return [{value: fLeft, x: left}, {value: fRight, x: right}]
    .reduce((one, other) => (other.value < one.value ? other : one), {value, x});
}

/** The greatest value of f over the unit square: a grid, then ascent from its highest local maxima. */
function maximiseOnSquare(f) {
  const size = SQUARE_POINTS, step = 1 / (size - 1);
  const indices = Array.from({length: size}, (_, i) => i), around = [-1, 0, 1];
  const values = indices.map((i) => indices.map((j) => f(i * step, j * step)));
  const isHigh = (i, j) => around.every((di) => around.every((dj) => !(values[i + di]?.[j + dj] > values[i][j])));
  const maxima = indices
    .flatMap((i) => indices.filter((j) => isHigh(i, j)).map((j) => ({value: values[i][j], s: i * step, t: j * step})))
    .sort((one, other) => other.value - one.value);
  const refined = maxima.slice(0, REFINED).map((start) => climb(f, start, step / 2));
  return refined.reduce((best, found) => (found.value > best.value ? found : best));
}

/** The greatest value of f(s, 1), 0 ≤ s ≤ 1. */
function maximiseOnEdge(f) {
  const {value, x} = minimiseOnLine((s) => -f(s, 1), 0, 1);
  return {value: -value, s: x, t: 1};
}

/** A local maximum of f in the unit square: the best of four steps while one is up, then shorter steps. */
function climb(f, start, firstStep) {
  const inside = (share) => Math.min(1, Math.max(0, share));
  let best = start;
  for (let step = firstStep; step > SHORTEST_STEP;) {
    const {s, t} = best;
    const next = [[step, 0], [-step, 0], [0, step], [0, -step]]
      .map(([ds, dt]) => ({s: inside(s + ds), t: inside(t + dt)}))
      .map((point) => ({...point, value: f(point.s, point.t)}))
      .reduce((one, other) => (other.value > one.value ? other : one));
    if (next.value > best.value) best = next;
    else step /= 2;
  }
  return best;
}

/**
 * The greatest packed distance over the hexagons, u > 0, d < τ ≤ d/(2u+d).
 *
 * The coordinates s, t are uniform in log(α−u) and log(β−u), which resolves the corner α = β = uτ/d at any scale.
 * By symmetry α ≤ β is enough.
 */
function greatestHexagon(u, d, tau, m) {
  const least = leastExcess(u, d, tau), sum = 1 - tau - 2 * u;
  const between = (low, high, share) => low * (Math.max(low, high) / low) ** share;
  const hexagon = (s, t) => {
    const alphaExcess = between(least, sum / 2, s);
    return hexagonPair(u, d, tau, alphaExcess, between(alphaExcess, sum - alphaExcess, t));
  };
  const distance = (s, t) => packedDistance(hexagon(s, t), m);
  const {value, s, t} = [maximiseOnSquare(distance), maximiseOnEdge(distance)]
    .reduce((one, other) => (other.value > one.value ? other : one));
  return {value, pair: hexagon(s, t), attained: false};
}


// ---- the three cases -------------------------------------------------------------------------------------

/** Theorem 3: all pairs with d_TV = τ. */
function allPairs(tau) {
  const whole = {low: 0, high: 1 - tau, closedEnds: [0, 1 - tau]};
  return {
    feasible: true,
    regime: "all pairs",
    lower: (m) => leastTriangle(tau, m, [whole]),
    upper: (m) => endAt(outerPair(tau), m, true),
  };
}

/** Theorem 4, true in every regime: pairs with (ε,δ)-mode collapse. */
function withCollapse(tau, eps, delta) {
  const d = delta - eps;
  if (tau < d - THRESHOLD_TOLERANCE) return {feasible: false, regime: "no collapse possible"};
  tau = Math.max(tau, d);
  const left = Math.max(0, 1 - tau * (1 - eps) / d);
  const right = Math.max(left, Math.min(eps * tau / d, 1 - tau));
  const triangles = {low: left, high: right, closedEnds: [left, right]};
  const hulls = [[0, left], [right, 1 - tau]].filter(([low, high]) => low < high);

  function lower(m) {
    const ends = hulls.map(([low, high]) => {
      const {value, x} = minimiseOnLine((x) => packedDistance(hullPair(x, tau, eps, delta), m), low, high);
      return {value, pair: hullPair(x, tau, eps, delta), attained: true};
    });
    ends.unshift(leastTriangle(tau, m, [triangles]));
    return ends.reduce((best, end) => (end.value < best.value ? end : best));
  }

  return {feasible: true, regime: "collapse", lower, upper: (m) => endAt(outerPair(tau), m, true)};
}

/** Theorem 5, true in every regime: pairs with neither (ε,δ)-mode collapse nor augmentation. */
function withoutCollapse(tau, eps, delta) {
  const {d, u, sideEnd, middleEnd} = thresholds(eps, delta);
  if (tau < d - THRESHOLD_TOLERANCE) return {...allPairs(tau), regime: "too close to collapse"};
  const side = u > 0 && tau < sideEnd - THRESHOLD_TOLERANCE;
  const middle = tau < middleEnd - THRESHOLD_TOLERANCE;
  if (!side && !middle) return {feasible: false, regime: "collapse or augmentation forced"};
  tau = Math.max(tau, d);
  const intervals = [];
  if (side) {
    const x = 1 - tau * (1 - u) / d;
    intervals.push({low: 0, high: x, closedEnds: [0]});
    intervals.push({low: 1 - tau - x, high: 1 - tau, closedEnds: [1 - tau]});
  }
  if (middle) intervals.push({low: u * tau / d, high: 1 - tau - u * tau / d, closedEnds: []});
  const inside = trianglePair((intervals[0].low + intervals[0].high) / 2, tau);

  function upper(m) {
    if (m === 1) return endAt(inside, m, true);
    if (side) return endAt(oneSidedPair(tau), m, true);
    if (u === 0 || tau <= d) return endAt(outerPair(tau), m, false);
    return greatestHexagon(u, d, tau, m);
  }

  return {
    feasible: true,
    regime: side ? "side tangents" : u > 0 ? "middle tangents" : "zero-width collapse",
    lower: (m) => (m === 1 ? endAt(inside, m, true) : leastTriangle(tau, m, intervals)),
    upper,
  };
}

/** What Theorem 5 depends on: d = δ−ε, u = min(ε, 1−δ), and the τ at which its families of pairs end. */
function thresholds(eps, delta) {
  const d = delta - eps, u = Math.min(eps, 1 - delta);
  return {d, u, sideEnd: d / (1 - u), middleEnd: d / (2 * u + d)};
}

/** The end of a range at a known pair. */
function endAt(pair, m, attained) {
  return {value: packedDistance(pair, m), pair, attained};
}
