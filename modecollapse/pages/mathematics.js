"use strict";

// The range of d_TV(P^m, Q^m) over a class of pairs, as in the library's band(PairClass(…), m), found by searches.
//
// A point is [x, y]: Q-mass and P-mass. A boundary is the upper edge of a region: points from [0, 0] to [1, 1].
// A class of pairs is {low, high, required, forbidden, within}: τ = d_TV(P, Q) lies between low and high, every
// region reaches the points `required` and lies below the boundary `within` (null: any), and none reaches a point
// of `forbidden`. To contain a region is to reach its corners. Members touch the line ℓ: y = x + τ;
// those that touch it at x contain the least region of x, and a greatest region has one line through each
// forbidden point (docs/theory.md §9).

const TOLERANCE = 1e-12; // distances this close, relative to themselves, are equal; tangent points absolutely
const ROUNDING = 2e-15; // heights this close are equal whatever the distance
const TIE = 1e-12; // packed distances this close are one value

const MOST_TYPES = 300000; // types of m samples that are summed over one by one: a millisecond
const LATTICE = 2 ** 15; // points of the lattice of log ratios that stands in for more types
const DEVIATIONS = 12; // the lattice reaches this many standard deviations either way

const MOST_POINTS = 3; // of each kind: more forbidden points would need a search in more than three dimensions

const GRID = [1, 129, 33, 13]; // points a side of a grid on a cube, by its dimension
const FINER_POINTS = 17; // points around a local minimum on a line
const REFINED = 8; // local extrema that are refined
const GOLDEN_STEPS = 30; // each shortens an interval by the golden ratio, all of them to a millionth
const SHORTEST_STEP = 1e-5; // of the refinement in a cube, as a share of its side
const TRIED = [0, 0.02, 0.2, 0.5]; // shares of the way to the middle of tangent points where members are sought


// ---- packed total variation ------------------------------------------------------------------------------

/** p^n / n! for n = 0…m. */
function exponentialTerms(p, m) {
  const terms = [1];
  for (let n = 1; n <= m; n++) terms.push(terms[n - 1] * p / n);
  return terms;
}

/** d_TV(P^m, Q^m) = 1 − Σ min(P^m, Q^m), to which only letters with mass in both P and Q matter. */
function packedDistance({p, q}, m) {
  const common = p.map((_, letter) => letter).filter((letter) => p[letter] > 0 && q[letter] > 0);
  const few = {p: common.map((letter) => p[letter]), q: common.map((letter) => q[letter])};
  return typesOf(common.length, m) <= MOST_TYPES ? distanceByTypes(few, m) : distanceOnLattice(few, m);
}

/** The number of types of m samples: C(m+k−1, k−1) ways to count k letters. */
function typesOf(letters, m) {
  let count = 1;
  for (let k = 1; k < letters; k++) count *= (m + k) / k;
  return count;
}

/** The distance as a sum over the types, each of the weight Π p^n / n!, times m!. */
function distanceByTypes({p, q}, m) {
  const [pTerms, qTerms] = [p, q].map((masses) => masses.map((mass) => exponentialTerms(mass, m)));
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

/**
 * The distance from the law under P of the sum S of m log ratios: 1 − E min(1, e^−S).
 *
 * Each letter is split into two whose log ratios are neighbours on a lattice. That shows a little more, of second
 * order in the spacing, and makes the law of S a power of a Fourier transform.
 */
function distanceOnLattice({p, q}, m) {
  const ratios = p.map((mass, i) => Math.log(mass / q[i])), whole = p.reduce((sum, mass) => sum + mass, 0);
  const mean = p.reduce((sum, mass, i) => sum + mass * ratios[i], 0) / whole;
  const variance = p.reduce((sum, mass, i) => sum + mass * (ratios[i] - mean) ** 2, 0) / whole;
  const furthest = Math.max(...ratios.map((ratio) => Math.abs(ratio - mean)));
  const reach = Math.min(m * furthest, DEVIATIONS * Math.sqrt(m * variance) + 4 * furthest);
  const step = Math.max(2 * reach / LATTICE, 1e-9);
  const re = new Float64Array(LATTICE), im = new Float64Array(LATTICE);
  const at = (j) => ((j % LATTICE) + LATTICE) % LATTICE;
  ratios.forEach((ratio, i) => {
    const j = Math.floor(ratio / step), [low, high] = [j, j + 1].map((place) => Math.exp(place * step));
    const share = Math.min(1, Math.max(0, (p[i] - q[i] * low) / (q[i] * (high - low)))); // of Q, in the upper half
    re[at(j)] += q[i] * (1 - share) * low;
    re[at(j + 1)] += q[i] * share * high;
  });
  transform(re, im, 1);
  for (let k = 0; k < LATTICE; k++) {
    const size = Math.hypot(re[k], im[k]) ** m, angle = m * Math.atan2(im[k], re[k]);
    [re[k], im[k]] = [size * Math.cos(angle), size * Math.sin(angle)];
  }
  transform(re, im, -1);
  const first = Math.round(m * mean / step) - LATTICE / 2;
  let overlap = 0;
  for (let j = first; j < first + LATTICE; j++) overlap += re[at(j)] / LATTICE * Math.exp(-Math.max(0, j * step));
  return Math.min(1, Math.max(0, 1 - overlap));
}

/** The Fourier transform of re + i·im in place (sign 1), or its inverse times the length (sign −1). */
function transform(re, im, sign) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [re[i], re[j], im[i], im[j]] = [re[j], re[i], im[j], im[i]];
  }
  for (let length = 2; length <= n; length *= 2) {
    const half = length / 2;
    for (let k = 0; k < half; k++) {
      const angle = -sign * Math.PI * k / half, cos = Math.cos(angle), sin = Math.sin(angle);
      for (let i = k; i < n; i += length) {
        const x = re[i + half] * cos - im[i + half] * sin, y = re[i + half] * sin + im[i + half] * cos;
        re[i + half] = re[i] - x;
        im[i + half] = im[i] - y;
        re[i] += x;
        im[i] += y;
      }
    }
  }
}

/** The packed distance of the pair whose region has a boundary: its edges are the letters. */
function distanceOf(boundary, m) {
  return packedDistance(pairOf(boundary), m);
}


// ---- boundaries ------------------------------------------------------------------------------------------

/** The letters of a boundary: Q-mass across, P-mass up. Differences that come out as −1e−17 are zeros. */
function pairOf(boundary) {
  const masses = (axis) => boundary.slice(1).map((point, i) => Math.max(0, point[axis] - boundary[i][axis]));
  return {p: masses(1), q: masses(0)};
}

/** The least boundary above some points. */
function hullOf(points) {
  const sorted = [[0, 0], ...points, [1, 1]].sort(([x1, y1], [x2, y2]) => x1 - x2 || y1 - y2);
  const hull = [];
  for (const [x, y] of sorted) {
    while (hull.length > 1) {
      const [[x1, y1], [x2, y2]] = hull.slice(-2);
      if ((x2 - x1) * (y - y1) < (y2 - y1) * (x - x1)) break;
      hull.pop();
    }
    hull.push([x, y]);
  }
  return hull;
}

/** g(x). */
function heightAt(boundary, x) {
  const i = boundary.findIndex((point, i) => i > 0 && point[0] >= x && point[0] > boundary[i - 1][0]);
  if (i < 0) return 1;
  const [[x1, y1], [x2, y2]] = [boundary[i - 1], boundary[i]];
  return y1 + (y2 - y1) * (x - x1) / (x2 - x1);
}

/** The total variation: the greatest g(x) − x. */
function riseOf(boundary) {
  return Math.max(...boundary.map(([x, y]) => y - x));
}

/** Whether a boundary passes a point, or touches it within tolerance. */
function reaches(boundary, [x, y]) {
  return heightAt(boundary, x) >= y - slack(y - x);
}

/** The shortfall with which a distance still counts as reached. */
function slack(distance) {
  return Math.max(TOLERANCE * distance, ROUNDING);
}

/** Least and greatest slope of the lines through a point that lie above a boundary. */
function supportingSlopes(boundary, [u, w]) {
  let least = -Infinity, most = Infinity;
  for (const [x, y] of boundary) {
    if (x < u) most = Math.min(most, (w - y) / (u - x));
    if (x > u) least = Math.max(least, (y - w) / (x - u));
  }
  return [least, most];
}

/** A boundary cut by a line through a point, which passes above (0, 0) and (1, 1). */
function cutBelow(boundary, [u, w], slope) {
  const over = boundary.map(([x, y]) => y - w - slope * (x - u)), last = boundary.length - 1;
  const cut = [];
  boundary.forEach(([x, y], i) => {
    if (i > 0 && over[i - 1] * over[i] < 0) {
      const share = over[i - 1] / (over[i - 1] - over[i]), [x1, y1] = boundary[i - 1];
      cut.push([x1 + share * (x - x1), y1 + share * (y - y1)]);
    }
    if (over[i] <= 0 || i === 0 || i === last) cut.push([x, y]);
  });
  return cut;
}

/** The boundary of all pairs of distance τ or less that lie within another boundary, if there is one. */
function below(tau, within) {
  const all = [[0, 0], [0, tau], [1 - tau, 1], [1, 1]];
  return within === null ? all : within.slice(1).reduce((boundary, [x, y], i) => {
    const [x1, y1] = within[i];
    return x > x1 ? cutBelow(boundary, [x1, y1], (y - y1) / (x - x1)) : boundary;
  }, all);
}

/** The boundary of a pair: its letters as edges, by falling ratio. */
function boundaryOf({p, q}) {
  const order = p.map((_, i) => i).filter((i) => p[i] + q[i] > 0).sort((i, j) => p[j] * q[i] - p[i] * q[j]);
  let [x, y] = [0, 0];
  return hullOf(order.map((i) => [x = Math.min(1, x + q[i]), y = Math.min(1, y + p[i])]));
}


// ---- a class of pairs ------------------------------------------------------------------------------------

/** What follows from the conditions of a class, and why it is empty if it is. */
function analysed({low, high, required, forbidden, within = null}) {
  const least = hullOf(required), forced = riseOf(least);
  const pairs = {least, within, low: Math.max(low, forced), touches: forced >= low - slack(low)};
  pairs.high = Math.max(pairs.low, within === null ? high : Math.min(high, riseOf(within)));
  pairs.ceiling = below(pairs.high, within);
  pairs.forbidden = withoutRedundant(least, forbidden.filter((point) => reaches(pairs.ceiling, point)));
  pairs.mattering = pairs.forbidden.filter(([u, w]) => u > 0 && w < 1 && heightAt(pairs.ceiling, u) > w + slack(w - u));
  pairs.tangents = tangentPoints(pairs, pairs.low);
  pairs.highest = tangentPoints(pairs, pairs.high);
  pairs.conflict = conflictOf(pairs, [low, high], forced);
  return pairs;
}

/** The points less those that follow from others: to reach such a point is to reach one of the others too. */
function withoutRedundant(least, points) {
  return points.reduce((kept, point) => {
    const region = hullOf([...least.slice(1, -1), point]);
    const others = kept.filter((other) => other !== point);
    return others.some(([x, y]) => heightAt(region, x) >= y) ? others : kept;
  }, points);
}

/** Which conditions exclude each other: {kind, …numbers}, or null if the class has members. */
function conflictOf({least, within, low, touches, forbidden, tangents}, given, forced) {
  if (given[1] < forced - slack(forced)) return {kind: "distance", forced, given};
  const outside = within === null ? undefined : least.find((point) => !reaches(within, point));
  if (outside !== undefined) return {kind: "outside", point: outside};
  const [room] = roomFor(within, low);
  if (room === undefined) return {kind: "room", most: riseOf(within), low};
  const reached = forbidden.find((point) => reaches(least, point));
  if (reached !== undefined) return {kind: "reached", point: reached};
  if (touches || tangents.length > 0) return null;
  const exclusions = forbidden
    .map((point) => ({point, ends: excludedBy(point, least, low)}))
    .filter(({ends}) => ends !== null)
    .map(({point, ends: [from, to]}) => ({point, from: Math.max(from, room.low), to: Math.min(to, room.high)}));
  return {kind: "tangents", low, room, exclusions: exclusions.filter(({from, to}) => from <= to)};
}

/** The least region that reaches some boundary and the point (x, x+τ). */
function leastRegion(least, x, tau) {
  return hullOf([...least.slice(1, -1), [x, Math.min(1, x + tau)]]);
}

/** The x at which a member can touch ℓ, as intervals {low, high, closedEnds}. */
function tangentPoints({least, forbidden, within}, tau) {
  return forbidden.reduce((intervals, point) => {
    const ends = excludedBy(point, least, tau);
    return ends === null ? intervals : intervals.flatMap((interval) => without(interval, ends));
  }, roomFor(within, tau));
}

/** The x at which ℓ lies within a boundary, or anywhere if there is none: one interval, or none. */
function roomFor(within, tau) {
  if (within === null) return [{low: 0, high: 1 - tau, closedEnds: [0, 1 - tau]}];
  const rises = within.map(([x, y]) => y - x), enough = rises.map((rise) => rise >= tau - slack(tau));
  const [first, last] = [enough.indexOf(true), enough.lastIndexOf(true)];
  if (first < 0) return [];
  const crossing = (out, into) => {
    const share = out in within ? (tau - rises[out]) / (rises[into] - rises[out]) : 1;
    return within[into][0] + (1 - Math.min(1, share)) * ((within[out] ?? within[into])[0] - within[into][0]);
  };
  const [low, high] = [crossing(first - 1, first), crossing(last + 1, last)];
  return [{low, high, closedEnds: [low, high]}];
}

/** The height of ℓ above a point; 0 within tolerance. */
function excessOver([u, w], tau) {
  const excess = tau - (w - u);
  return Math.abs(excess) <= TOLERANCE * tau ? 0 : excess;
}

/** The closed interval of x whose least region reaches a point: between rays from the corners of A through it. */
function excludedBy([u, w], least, tau) {
  const excess = excessOver([u, w], tau);
  if (excess < 0) return null;
  if (excess === 0) return [u, u];
  const hits = least.map(([x, y]) => {
    const across = u - x, d = w - y - across;
    return d > 0 ? u + excess * across / d : Math.sign(across) * Infinity;
  });
  return [Math.min(...hits), Math.max(...hits)];
}

/** The parts of an interval outside a closed one. */
function without({low, high, closedEnds}, [from, to]) {
  if (to < low - TOLERANCE || from > high + TOLERANCE) return [{low, high, closedEnds}];
  const rest = [];
  if (from - TOLERANCE > low) {
    rest.push({low, high: from, closedEnds: closedEnds.filter((end) => end < from - TOLERANCE)});
  }
  if (to + TOLERANCE < high) {
    rest.push({low: to, high, closedEnds: closedEnds.filter((end) => end > to + TOLERANCE)});
  }
  return rest;
}

/** Whether a tangent point belongs to an interval. */
function holds({low, high, closedEnds}, x) {
  const inside = low + TOLERANCE < x && x < high - TOLERANCE;
  return inside || closedEnds.some((end) => Math.abs(x - end) <= TOLERANCE);
}

/** Whether the region below a boundary belongs to the class. */
function isMember({least, within, low, high, forbidden}, boundary) {
  const rise = riseOf(boundary);
  return rise >= low - slack(low) && rise <= high + slack(high)
    && least.every((point) => reaches(boundary, point))
    && (within === null || boundary.every((point) => reaches(within, point)))
    && !forbidden.some((point) => reaches(boundary, point));
}


// ---- searches --------------------------------------------------------------------------------------------
//
// Searches are generators: they pause now and then, so that a page can stay responsive.

/** Run a search to its end. */
function finished(search) {
  for (;;) {
    const {value, done} = search.next();
    if (done) return value;
  }
}

/** Local minima {value, x} of f on [low, high], among them the least: a grid, then finer ones, then golden sections. */
function minimaOnLine(f, low, high) {
  return lowestIntervals(f, low, high, GRID[1], REFINED)
    .flatMap((interval) => lowestIntervals(f, interval.low, interval.high, FINER_POINTS, 1))
    .map((interval) => goldenSection(f, interval));
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
  const ratio = (Math.sqrt(5) - 1) / 2;
  let left = high - ratio * (high - low), right = low + ratio * (high - low);
  let fLeft = f(left), fRight = f(right);
  for (let step = 0; step < GOLDEN_STEPS; step++) {
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

/** The greatest value of f over the unit cube of a dimension, {value, place}: on its faces, and inside by a grid. */
function* maximum(f, dimension) {
  if (dimension === 0) return {value: f([]), place: []};
  let best = {value: -Infinity};
  for (let axis = 0; axis < dimension; axis++) {
    for (const end of [0, 1]) {
      const whole = (place) => [...place.slice(0, axis), end, ...place.slice(axis)];
      const {value, place} = yield* maximum((place) => f(whole(place)), dimension - 1);
      if (value > best.value) best = {value, place: whole(place)};
    }
  }
  for (const start of yield* highestOfGrid(f, dimension)) {
    yield;
    const found = climb(f, start, 0.5 / (GRID[dimension] - 1));
    if (found.value > best.value) best = found;
  }
  return best;
}

/** The highest local maxima on a grid. */
function* highestOfGrid(f, dimension) {
  const size = GRID[dimension], count = size ** dimension;
  const strides = Array.from({length: dimension}, (_, axis) => size ** axis);
  const digit = (i, stride) => Math.floor(i / stride) % size;
  const place = (i) => strides.map((stride) => digit(i, stride) / (size - 1));
  const values = [];
  for (let i = 0; i < count; i++) {
    if (i % size === 0) yield;
    values.push(f(place(i)));
  }
  const isHigh = (i) => strides.every((stride) =>
    !(digit(i, stride) > 0 && values[i - stride] > values[i])
    && !(digit(i, stride) < size - 1 && values[i + stride] > values[i]));
  return Array.from(values.keys()).filter(isHigh).sort((i, j) => values[j] - values[i]).slice(0, REFINED)
    .map((i) => ({value: values[i], place: place(i)}));
}

/** A local maximum of f in the unit cube: the best step to a neighbour while one is up, then shorter steps. */
function climb(f, start, firstStep) {
  const longer = (row) => [-1, 0, 1].map((move) => [...row, move]);
  const directions = start.place.reduce((rows) => rows.flatMap(longer), [[]]);
  let best = start;
  for (let step = firstStep; step > SHORTEST_STEP;) {
    let next = best;
    for (const direction of directions) {
      const place = best.place.map((share, axis) => Math.min(1, Math.max(0, share + step * direction[axis])));
      const value = f(place);
      if (value > next.value) next = {value, place};
    }
    if (next === best) step /= 2;
    else best = next;
  }
  return best;
}


// ---- the ends of the range -------------------------------------------------------------------------------

/** The end of a range at a known boundary. */
function endAt(boundary, m, attained) {
  return {value: distanceOf(boundary, m), boundary, attained};
}

/** The infimum: that of the least regions, or the least boundary itself where it has the least distance. */
function* leastEnd(pairs, m) {
  const {least, low, touches, tangents} = pairs;
  if (touches) return endAt(least, m, true);
  const region = (x) => leastRegion(least, x, low);
  if (m === 1) return {...endAt(region(middleOf(widest(tangents))), m, true), value: low};
  const found = [];
  for (const interval of tangents) {
    yield;
    for (const {value, x} of minimaOnLine((x) => distanceOf(region(x), m), interval.low, interval.high)) {
      found.push({value, x, attained: holds(interval, x)});
    }
  }
  const lowest = Math.min(...found.map(({value}) => value));
  const ties = found.filter(({value}) => value <= lowest + TIE);
  const {x, attained} = ties.find((end) => end.attained) ?? ties[0];
  return endAt(region(x), m, attained);
}

const middleOf = ({low, high}) => (low + high) / 2;
const widest = (intervals) => intervals.reduce((a, b) => (b.high - b.low > a.high - a.low ? b : a));

/** The supremum: in closed form where a member reaches the top of all pairs, else that of the greatest regions. */
function* greatestEnd(pairs, m) {
  const {least, low, high, highest, touches, mattering, ceiling} = pairs;
  if (m === 1 && highest.length > 0) {
    return {...endAt(leastRegion(least, middleOf(widest(highest)), high), m, true), value: high};
  }
  if (m === 1 && touches && low === high) return endAt(least, m, true);
  const top = [0, 1 - high].find((x) => highest.some((interval) => holds(interval, x)));
  if (top !== undefined) return endAt(leastRegion(least, top, high), m, true);
  if (mattering.length === 0) {
    const end = endAt(ceiling, m, false);
    return {...end, attained: hasMemberWith(pairs, end, m)};
  }
  let best = {value: -Infinity};
  for (const box of slopeBoxes(pairs)) {
    const {free, slopes} = box, boundary = (place) => greatestRegion(pairs, slopes(place));
    const {value, place} = yield* maximum((place) => distanceOf(boundary(place), m), free);
    if (value > best.value) best = {value, boundary: boundary(place)};
  }
  return {...best, attained: hasMemberWith(pairs, best, m)};
}

/** The greatest region with these slopes of the lines through the mattering points. */
function greatestRegion({mattering, ceiling}, slopes) {
  return mattering.reduce((boundary, point, i) => cutBelow(boundary, point, slopes[i]), ceiling);
}

/**
 * Boxes {free, slopes} that cover the slopes of the class: slopes(place) are those at a place of a cube of
 * dimension `free`.
 *
 * At a tangent point t, line i runs from one supporting slope of the least region of t to the other. On a
 * logarithmic scale between them lies its share. Lines for which t narrows the slopes have more of them the
 * greater t is (rising) or the less (falling). If there are none of one kind, t is at an end. A single one of a
 * kind either has all its slopes at the other end already, or is as far as t lets it be.
 */
function slopeBoxes(pairs) {
  const {least, low, touches, tangents, mattering} = pairs;
  const supports = mattering.map((point) => supportingSlopes(least, point));
  const boxes = [], shares = mattering.map(() => null);
  const add = (start, stop, fixed) => boxes.push(slopeBox(pairs, supports, start, stop, fixed));
  if (touches) {
    add(null, null, shares);
    return boxes;
  }
  const excess = mattering.map((point) => excessOver(point, low));
  for (const interval of tangents) {
    for (const [start, stop] of piecesBetween(interval, kinks(mattering, excess, supports))) {
      const t = (start + stop) / 2;
      const rising = [], falling = [];
      mattering.forEach(([u], i) => {
        const forced = 1 + excess[i] / (t - u), side = Math.sign(t - u);
        if (side > 0 ? forced <= supports[i][0] : side === 0 || forced >= supports[i][1]) return;
        if (excess[i] * side > 0) rising.push(i);
        if (excess[i] * side < 0) falling.push(i);
      });
      const [atEnd, followed, stays] =
        rising.length <= 1 ? [start, falling.length, rising] : [stop, rising.length, falling];
      if (rising.length > 0 && falling.length === 0) {
        add(stop, stop, shares);
      } else {
        add(atEnd, atEnd, shares);
        if (stays.length === 1 && followed > 0) {
          add(start, stop, shares.map((_, i) => (i === stays[0] ? Number(t < mattering[i][0]) : null)));
        }
      }
    }
  }
  return boxes;
}

/** The tangent points at which a supporting slope changes from one forced by A to one forced by t. */
function kinks(points, excess, supports) {
  return points.flatMap(([u], i) => supports[i].map((slope) => u + excess[i] / (slope - 1)));
}

/** An interval cut at some of its points. */
function piecesBetween({low, high}, cuts) {
  const inside = cuts.filter((x) => low < x && x < high).sort((x, y) => x - y);
  const ends = [low, ...inside, high];
  return ends.slice(1).map((end, i) => [ends[i], end]);
}

/** The slopes for start ≤ t ≤ stop, the lines whose share is not null at that share. */
function slopeBox({least, low, mattering}, supports, start, stop, shares) {
  const open = shares.flatMap((share, i) => (share === null ? [i] : []));
  const moves = stop > start;
  const slopes = (place) => {
    const t = moves ? start + (stop - start) * place[open.length] : start;
    const region = t === null ? null : leastRegion(least, t, low);
    return mattering.map((point, i) => {
      const [a, b] = region === null ? supports[i] : supportingSlopes(region, point);
      const share = shares[i] ?? place[open.indexOf(i)];
      return Math.min(a, b) ** (1 - share) * Math.max(a, b) ** share; // a = b at ends of X, but for rounding
    });
  };
  return {free: open.length + Number(moves), slopes};
}

/**
 * Whether a member has the value of a greatest region, which touches forbidden points and then is no member.
 *
 * It is sought among the least regions, and by turning each line about an end of its edge half way to a least
 * region: no test may notice that a corner is cut off.
 */
function hasMemberWith(pairs, {value, boundary}, m) {
  const suits = (candidate) => distanceOf(candidate, m) >= value - TIE && isMember(pairs, candidate);
  if (isMember(pairs, boundary)) return true;
  const members = leastMembers(pairs).filter((least) => least.every((point) => reaches(boundary, point)));
  return members.some((least) => suits(least) || turned(pairs, boundary, least).some(suits));
}

/** Least regions that belong to the class. */
function leastMembers({least, low, touches, tangents}) {
  if (touches) return [least];
  return tangents.flatMap((interval) => {
    const middle = middleOf(interval);
    const near = [interval.low, interval.high].flatMap((end) => TRIED.map((share) => end + share * (middle - end)));
    return near.filter((x) => holds(interval, x)).map((x) => leastRegion(least, x, low));
  });
}

/** A greatest region cut below the forbidden points that it touches, at either end of their edges. */
function turned({mattering}, boundary, least) {
  const touched = mattering.filter((point) => reaches(boundary, point));
  let cuts = [boundary];
  for (const [u, w] of touched) {
    cuts = cuts.flatMap((cut) => {
      const after = boundary.findIndex(([x]) => x >= u);
      return [boundary[after - 1], boundary[after]].map((pivot, side) => {
        const through = (pivot[1] - w) / (pivot[0] - u), support = supportingSlopes(least, pivot)[side];
        const slope = (through + support) / 2;
        return Number.isFinite(slope) ? cutBelow(cut, pivot, slope) : cut;
      });
    });
  }
  return cuts;
}
