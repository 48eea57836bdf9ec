"""The checker of certificates: its bounds against exact fractions, and what it refuses.

The checker shares no code with the package, and these tests use none of the package either, but to write the
certificates that are then tampered with.
"""

from __future__ import annotations

import ast
import json
import random
import subprocess
import sys
from copy import deepcopy
from fractions import Fraction
from functools import cache, reduce
from itertools import pairwise, product
from math import prod
from pathlib import Path

import oracles
import pytest
from effort import examples
from hypothesis import assume, given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.theorems import verify
from modecollapse.theorems.verify import Class, Refused, Supremum, Undecided

ZERO, ONE = Fraction(0), Fraction(1)
MORE = Fraction(1, 10**6)
"""Wider than any gap of the certificates here."""

seeds = st.integers(0, 10**6)


def rational(rng: random.Random, low: float = 0, high: float = 1) -> Fraction:
    return Fraction(round(rng.uniform(low, high) * 1000), 1000)


def random_boundary(rng: random.Random, corners: int) -> verify.Boundary:
    pairs = [sorted((rational(rng), rational(rng))) for _ in range(corners)]
    return verify.hull([(x, y) for x, y in pairs])


def random_class(seed: int) -> Class:
    """A class with a random member: a point below it required, points above it forbidden."""
    rng = random.Random(seed)
    member = random_boundary(rng, 3)
    gamma = ONE if rng.random() < 0.8 else Fraction(rng.choice([1, 3]), 2)
    h = max(y - gamma * x for x, y in member)
    assume(max(ZERO, 1 - gamma) < h < 1)
    required, forbidden, within = [], [], [(ZERO, ONE)]
    if rng.random() < 0.5:
        x = rational(rng, 0.02, 0.95)
        required = [(x, x + Fraction(rng.randrange(1, 9), 10) * (verify.height(member, x) - x))]
    for _ in range(rng.choice([1, 2, 2])):
        x = rational(rng, 0.02, 0.95)
        y = verify.height(member, x)
        forbidden.append((x, y + Fraction(rng.randrange(1, 12), 20) * (1 - y)))
    if rng.random() < 0.4:
        within = [*member, *random_boundary(rng, 2)]
    kind = rng.random()
    low, high = (h, h) if kind < 0.6 or gamma != 1 else (h * 9 / 10, min(ONE, h * 11 / 10))
    low, high = (low, high) if kind < 0.85 or gamma != 1 else (ZERO, ONE)
    return Class(verify.hull(required), verify.hull(within), gamma, low, high, forbidden)


def exact_overlap(boundary: verify.Boundary, m: int) -> Fraction:
    """The overlap as a sum over all sequences of letters."""
    letters = [(y2 - y1, x2 - x1) for (x1, y1), (x2, y2) in pairwise(boundary)]
    return oracles.overlap_by_sequences([p for p, _ in letters], [q for _, q in letters], m)


def letters_of(boundary: verify.Boundary) -> list[verify.Point]:
    return [letter for _, letter in verify.sides(boundary)]


def touches(pairs: Class) -> bool:
    """Whether the required region has an allowed distance by itself."""
    return bool(pairs.touching(pairs.contained))


def contains(outer: verify.Boundary, inner: verify.Boundary) -> bool:
    return all(verify.height(outer, x) >= y for x, y in inner)


# -- alone -------------------------------------------------------------------------------------------------


def test_the_checker_imports_the_standard_library_alone():
    tree = ast.parse(Path(verify.__file__).read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module).split(".")[0])
    assert imported <= set(sys.stdlib_module_names)
    assert not {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & {
        "__import__",
        "eval",
        "exec",
    }


def test_the_file_runs_alone(tmp_path):
    script, file = tmp_path / "checker.py", tmp_path / "certificate.json"
    script.write_bytes(Path(verify.__file__).read_bytes())
    file.write_text(mc.tv_band(0.11, 3).certificate(), encoding="utf-8")

    def run(*arguments: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(script), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    assert (run(file).returncode, run(file).stdout[:7]) == (0, "proved.")
    file.write_text("{}", encoding="utf-8")
    assert (run(file).returncode, run(file).stdout) == (1, "refused: the certificate lacks 'format'\n")
    assert run(tmp_path / "absent.json").returncode == 2
    assert run().returncode == 1


# -- bounds ------------------------------------------------------------------------------------------------


@given(seeds, st.integers(1, 4), st.integers(1, 6))
@examples(120)
def test_overlaps_lie_between_their_bounds(seed, corners, m):
    boundary = random_boundary(random.Random(seed), corners)
    exact = exact_overlap(boundary, m)
    low, high = (verify.overlap(letters_of(boundary), m, up) for up in (False, True))
    assert low <= exact <= high
    assert high - low <= Fraction(1, 2**50)


def test_overlaps_are_rounded_outwards():
    """Of thirds, no power is a multiple of 2^−K: then the bounds differ from the value."""
    third = [(ZERO, ZERO), (Fraction(1, 3), Fraction(2, 3)), (ONE, ONE)]
    low, high = (verify.overlap(letters_of(third), 3, up) for up in (False, True))
    assert low < exact_overlap(third, 3) < high


@given(seeds, st.tuples(*[st.integers(0, 8)] * 3))
@examples(120)
def test_what_two_least_regions_share_lies_in_every_one_between(seed, places):
    pairs = random_class(seed)
    for low, high in pairs.tangents:
        first, between, last = (
            pairs.least(low + (high - low) * Fraction(place, 8)) for place in sorted(places)
        )
        shared = reduce(verify.below, verify.sides(last), first)
        for x in {x for x, _ in (*first, *between, *last)}:
            assert verify.height(shared, x) == min(verify.height(first, x), verify.height(last, x))
            assert verify.height(shared, x) <= verify.height(between, x)


@given(seeds)
@examples(120)
def test_tangent_points_are_those_of_members(seed):
    """The intervals hold the x whose least region meets every condition, as `why_not` finds one by one."""
    pairs = random_class(seed)
    assume(not touches(pairs))
    intervals = pairs.tangents
    for place in range(101):
        x = Fraction(place, 100)
        if pairs.on_line(x)[1] > 1:
            continue
        reason = pairs.why_not(verify.hull([*pairs.contained, pairs.on_line(x)]))
        if any(low < x < high for low, high in intervals):
            assert reason == "", x
        elif not any(low <= x <= high for low, high in intervals):
            assert reason != "", x


def random_cell(search: Supremum, rng: random.Random) -> verify.Cell | None:
    """A cell as the search may meet it: one of the first, or a part of a part of it."""
    cells = search.first_cells()
    for _ in range(rng.randrange(1, 8)):
        if not cells:
            break
        cell = rng.choice(cells)
        if all(start == end for start, end in cell.segments):
            return cell
        cells = verify.parts(cell, search.bound(cell)[1])
    return rng.choice(cells) if cells else None


def random_lines(cell: verify.Cell, rng: random.Random) -> tuple[list[verify.Line], list[Fraction]]:
    """Lines of a cell, and their weights on its corners."""
    shares = [Fraction(rng.randrange(65), 64) for _ in cell.segments]
    if cell.triangle:
        shares.sort()
    lines = [
        verify.turned(f, ((1 - share) * x1 + share * x2, (1 - share) * y1 + share * y2))
        for f, share, ((x1, y1), (x2, y2)) in zip(cell.points, shares, cell.segments, strict=True)
    ]
    if cell.triangle:
        first, second = shares
        return lines, [1 - second, second - first, ZERO, first]
    return lines, [prod(ends) for ends in product(*((1 - share, share) for share in shares))]


@given(seeds, st.sampled_from([1, 2, 3, 5]))
@examples(400)
def test_joins_and_bounds_hold_for_every_region_of_a_cell(seed, m):
    pairs = random_class(seed)
    assume(pairs.tangents)
    search, rng = Supremum(pairs, m, ZERO), random.Random(seed)
    assume(1 <= len(pairs.mattering) <= 2)
    cell = random_cell(search, rng)
    assume(cell is not None)
    (least, _), joined = search.bound(cell), search.join(cell)
    for _ in range(3):
        region = search.region(random_lines(cell, rng)[0])
        assert contains(joined, region)
        assert verify.at_least(region, m) <= 1 - least


@given(seeds)
@examples(200)
def test_averages_of_letters_are_at_most_those_inside(seed):
    """Letter by letter, and the region of the letters inside contains M(s)."""
    pairs = random_class(seed)
    assume(pairs.tangents)
    search, rng = Supremum(pairs, 2, ZERO), random.Random(seed)
    assume(1 <= len(pairs.mattering) <= 2)
    cell = random_cell(search, rng)
    assume(cell is not None)
    letters = search.letters(cell)
    assume(letters)
    for _ in range(3):
        turning, weights = random_lines(cell, rng)
        lines = [*search.standing, *turning]
        places = [verify.crossing(lines[i], lines[j])[0] for i, j in pairwise(search.along(cell))]
        for k, step in enumerate(letters_of(places)):
            for axis in range(2):
                corners = [row[k][axis] for row in letters]
                assert sum(w * mass for w, mass in zip(weights, corners, strict=True)) <= step[axis]
        assert contains(verify.hull(places), search.region(turning))


def test_bounds_are_of_the_size_of_what_they_bound():
    """About a hexagon a cell of one hundredth exceeds its middle by less than what its corners fall short."""
    pairs = verify.read_class(
        {"tau": "0.5", "no_collapse": [["0.04", "0.375"]], "no_augmentation": [["0.04", "0.375"]]}
    )
    for m in (2, 6, 12):
        search = Supremum(pairs, m, Fraction(1, 2))
        excess = []
        for width in (Fraction(1, 100), Fraction(1, 1000)):
            segments = tuple(
                (pairs.on_line(x * (1 - width)), pairs.on_line(x * (1 + width)))
                for x in (Fraction(9, 100), Fraction(38, 100))
            )
            cell = verify.Cell(tuple(pairs.mattering), segments, False)
            values = [verify.at_most(search.region(lines), m) for lines in cell.corners]
            excess.append(1 - search.bound(cell)[0] - max(values))
            assert 0 <= excess[-1] <= 20 * width**2
        assert 90 <= excess[0] / excess[1] <= 110  # of second order


@given(seeds)
@examples(60)
def test_bends_are_greatest_at_kinks(seed):
    rng = random.Random(seed)
    eighth = Fraction(1, 8)
    sides = [[(rng.randrange(9) * eighth, rng.randrange(9) * eighth) for _ in range(3)] for _ in range(4)]
    for first, second in ((0, 1), (2, 3)):  # some letters stand still
        still = rng.randrange(3)
        sides[second][still] = sides[first][still]
    a, b, c, d = sides

    def difference(kappa: Fraction) -> Fraction:
        sums = [
            sum(min(kappa * q1 * q2, p1 * p2) for (q1, p1), (q2, p2) in product(*both))
            for both in ((b, d), (a, c), (a, d), (b, c))
        ]
        return sums[0] + sums[1] - sums[2] - sums[3]

    places = {Fraction(i, j) for i in range(1, 41) for j in (1, 3, 16)} | {Fraction(1, 5000), 5000}
    assert max(difference(kappa) / min(1, kappa) for kappa in places) <= verify.bend(*sides)


@given(seeds, st.tuples(*[st.integers(0, 16)] * 3))
@examples(200)
def test_cells_cover_the_greatest_regions(seed, shares):
    """Some cell has the lines of every region above a least one, or one of two that is enough."""
    pairs = random_class(seed)
    search = Supremum(pairs, 2, ZERO)
    assume(1 <= len(pairs.mattering) <= 2)
    cells = search.first_cells()
    for low, high in pairs.tangents:
        least = pairs.least(low + (high - low) * Fraction(shares[0], 16))
        ends = [verify.supporting_slopes(f, least) for f in pairs.mattering]
        lines = {
            f: (f, (ONE, a + (b - a) * Fraction(share, 16)))
            for f, (a, b), share in zip(pairs.mattering, ends, shares[1:], strict=False)
        }

        def covers(cell, lines=lines):
            """Each line passes between the ends of its segment, in a triangle with 0 left of 1 on ℓ."""
            turning = [lines[f] for f in cell.points]
            for line, (start, end) in zip(turning, cell.segments, strict=True):
                if verify.above(line, start) * verify.above(line, end) > 0:
                    return False
            places = [verify.crossing(line, pairs.line)[0] for line in turning] if cell.triangle else []
            return places == sorted(places) and contains(
                search.region(turning), search.region(lines.values())
            )

        assert any(map(covers, cells))


@given(seeds, st.sampled_from([1, 2, 3, 5]))
@examples(60)
def test_no_claim_is_proved_that_a_random_member_refutes(seed, m):
    """Neither by 1e-9 below what limits of members have, nor by 1e-9 above what least regions have."""
    pairs, rng = random_class(seed), random.Random(seed)
    assume(pairs.tangents)
    assume(len(pairs.mattering) <= 2)
    least, greatest = ONE, ZERO
    for _ in range(20):
        low, high = rng.choice(pairs.tangents)
        inner, outer = pairs.least(low + (high - low) * Fraction(rng.randrange(33), 32)), pairs.greatest
        for f in pairs.mattering:
            a, b = verify.supporting_slopes(f, inner)
            outer = verify.below(outer, (f, (ONE, a + (b - a) * Fraction(rng.randrange(33), 32))))
        least, greatest = min(least, verify.at_most(inner, m)), max(greatest, verify.at_least(outer, m))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "CELLS", 50)  # undecided sooner
        with pytest.raises((Refused, Undecided)):
            verify.prove_infimum(pairs, m, least + Fraction(1, 10**9))
        with pytest.raises((Refused, Undecided)):
            Supremum(pairs, m, greatest - Fraction(1, 10**9)).prove()


# -- refusals ----------------------------------------------------------------------------------------------

CERTIFICATES = {
    "all pairs": mc.PairClass(tau=0.11),
    "collapse": mc.PairClass(tau=0.11, collapse=(0.02, 0.1)),
    "middle": mc.PairClass(tau=0.11, no_collapse=(0.05, 0.1), no_augmentation=(0.05, 0.1)),
    "interval": mc.PairClass(tau=(0.13, 0.2), collapse=(0.02, 0.08), no_collapse=[(0.1, 0.22), (0.78, 0.9)]),
}


@pytest.fixture(scope="module", params=CERTIFICATES)
def certificate(request):
    text = mc.band(CERTIFICATES[request.param], 3).certificate()
    assert verify.prove(text).startswith("Of all pairs (P, Q) with ")
    return json.loads(text)


def refusal(certificate: object) -> str:
    with pytest.raises(Refused) as refused:
        verify.prove(json.dumps(certificate))
    return str(refused.value)


def changed(certificate, path: str, value: object):
    copy = json.loads(json.dumps(certificate))
    *parents, last = path.split(".")
    place = copy
    for name in parents:
        place = place[name]
    place[last] = value
    return copy


@pytest.mark.parametrize("end", ["infimum", "supremum"])
@pytest.mark.parametrize("up", [True, False])
def test_a_changed_value_is_refused(certificate, end, up):
    """By little more than its gap, either way: the witness or the search shows it false."""
    value, gap = Fraction(certificate[end]["value"]), Fraction(certificate[end]["gap"])
    step = 3 * gap + Fraction(1, 10**9)
    moved = changed(certificate, f"{end}.value", str(float(value + step if up else value - step)))
    assert ("witness has" if up == (end == "supremum") else "than is claimed") in refusal(moved)


def test_an_infimum_above_the_true_one_by_less_than_the_rounding_is_not_proved():
    """Thirds and fifths are no binary fractions, so the sum for O is rounded."""
    pairs = verify.read_class({"collapse": [["1/3", "2/5"]]})
    exact = 1 - exact_overlap(pairs.contained, 2)
    verify.prove_infimum(pairs, 2, exact - Fraction(1, 2**60))
    with pytest.raises((Refused, Undecided)):
        verify.prove_infimum(pairs, 2, exact + Fraction(1, 2**80))


@pytest.mark.parametrize("end", ["infimum", "supremum"])
def test_a_gap_that_is_too_small_is_never_proved(certificate, end):
    """A gap of nothing claims the value exactly: it is refused or undecided."""
    off = changed(certificate, f"{end}.value", repr(float(certificate[end]["value"]) + 1e-15))
    with pytest.raises((Refused, Undecided)):
        verify.prove(json.dumps(changed(off, f"{end}.gap", "0")))


@pytest.mark.parametrize("m", [1, 2, 4, 5])
def test_another_degree_is_refused(certificate, m):
    assert "claim" in refusal(changed(certificate, "m", m))


def test_another_distance_is_refused(certificate):
    tau = certificate["class"]["tau"]
    other = ["0.14", "0.2"] if isinstance(tau, list) else "0.111"
    reason = refusal(changed(certificate, "class.tau", other))
    assert any(words in reason for words in ("claim", "no member"))


@pytest.mark.parametrize("name", ["collapse", "no_collapse", "no_augmentation"])
def test_another_point_is_refused(certificate, name):
    if name in certificate["class"]:
        (x, y), *others = certificate["class"][name]
        for moved in ([x, repr(float(y) - 0.002)], [repr(float(x) + 0.002), y]):
            other = changed(certificate, f"class.{name}", [moved, *others])
            with pytest.raises((Refused, Undecided)):
                verify.prove(json.dumps(other))


def test_a_changed_class_never_proves_more_than_is_true(certificate):
    """A condition dropped or added makes another class, of which the claim is false here."""
    added = changed(certificate, "class.collapse", [["0.05", "0.14"]])
    assert refusal(added)
    for name in ("collapse", "no_collapse"):
        if name in certificate["class"]:
            dropped = json.loads(json.dumps(certificate))
            del dropped["class"][name]
            with pytest.raises((Refused, Undecided)):
                verify.prove(json.dumps(dropped))


def test_a_changed_witness_is_refused(certificate):
    """A tangent point elsewhere has another value, and a corner too high is no member."""
    x = Fraction(certificate["infimum"]["witness"]["x"])
    moved = str(x + (Fraction(1, 20) if x < Fraction(1, 2) else -Fraction(1, 20)))
    reason = refusal(changed(certificate, "infimum.witness.x", moved))
    assert "no member" in reason or "its witness has" in reason
    for end in ("infimum", "supremum"):
        top = changed(certificate, f"{end}.witness.corners", [["0", "0.9"]])
        assert "is no member of the class: it" in refusal(top)
    if certificate["supremum"]["witness"]["corners"]:
        bare = changed(certificate, "supremum.witness.corners", [])
        assert "less than the supremum claims" in refusal(bare)


DAMAGE = {
    "": "no JSON",
    "{": "no JSON",
    "[" * 100_000: "no JSON",
    "[]": "must be an object",
    "null": "must be an object",
    '{"format": "x"}': "lacks 'class'",
    '{"m": 1, "m": 2}': "given twice",
    '{"format": NaN}': "lacks",
}


@pytest.mark.parametrize("text", DAMAGE, ids=range(len(DAMAGE)))
def test_damaged_files_are_refused(text):
    with pytest.raises(Refused, match=DAMAGE[text]):
        verify.prove(text)


FIELDS = [
    ("format", "modecollapse certificate 2", "format must be"),
    ("m", 0, "m must be an integer"),
    ("m", 3.0, "m must be an integer"),
    ("m", True, "m must be an integer"),
    ("m", "3", "m must be an integer"),
    ("note", "true", "unknown field 'note'"),
    ("class", [], "class must be an object"),
    ("class.tau", 0.11, "must be a decimal"),
    ("class.tau", "-0.11", "must be a decimal"),
    ("class.tau", "nan", "must be a decimal"),
    ("class.tau", "1e9999", "must be a decimal"),
    ("class.tau", "0.1_1", "must be a decimal"),
    ("class.tau", "٠.١", "must be a decimal"),
    ("class.tau", "1/0", "must be a decimal"),
    ("class.tau", "1.1", "numbers between 0 and 1"),
    ("class.tau", ["0.2", "0.1"], "no pair has a distance"),
    ("class.hockey_stick", ["2", "0.1"], "both tau and hockey_stick"),
    ("class.tao", "0.11", "unknown field 'tao'"),
    ("class.collapse", ["0.02", "0.1"], "list of pairs"),
    ("class.collapse", [["0.1", "0.02"]], "eps < delta"),
    ("class.collapse", [["0.1", "0.9"]], "corner below the diagonal or above 1"),
    ("class.no_collapse", [["0", "0.001"], ["0.899", "0.9"]], "it reaches the forbidden point (0.899, 0.9)"),
    ("class.within", [["0.5", "0.52"]], "it is not within the given region"),
    ("infimum.value", None, "must be a decimal"),
    ("infimum.attained", True, "unknown field 'attained'"),
    ("infimum.witness", {}, "lacks 'corners'"),
    ("infimum.witness.x", "2", "numbers between 0 and 1"),
    ("infimum.witness.corners", [["0.5", "0.4"]], "below the diagonal"),
    ("supremum.gap", "-1", "must be a decimal"),
]


@pytest.mark.parametrize(("path", "value", "reason"), FIELDS)
def test_every_field_is_read_strictly(path, value, reason):
    text = mc.tv_band(0.11, 3).certificate()
    assert reason in refusal(changed(json.loads(text), path, value))


def test_a_false_upper_end_is_not_proved_by_a_gap_in_the_cells():
    """Without the tangent points beside the forbidden points the supremum would be the printed .20163."""
    text = mc.tv_band(0.11, 2, no_collapse=(0.2, 0.3), no_augmentation=(0.2, 0.3)).certificate()
    printed = changed(json.loads(text), "supremum.value", "0.20163")
    assert "its witness" not in refusal(changed(printed, "supremum.gap", "1e-5"))


JUNK = [
    *["nan", "1e999", "1e-999", "-1", "inf", "0x1", "1/0", "1/3", "0", "1", "", "\ud800", "9" * 61],
    *[None, True, 0.5, 10**30, -1, [], {}, [[]]],
    *[["0", "1"], [["0", "1"]], [["1", "1"]], [["0.5", "0.4"]]],
]


@cache
def written(name: str) -> str:
    return mc.band(CERTIFICATES[name], 2).certificate()


def places(value: object, path: tuple = ()):
    """The paths to all parts of a certificate."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


@given(st.data())
@examples(200)
def test_every_file_is_proved_refused_or_undecided(data):
    """With parts replaced, or cut off: never a traceback, and the reasons are short ASCII lines."""
    name = data.draw(st.sampled_from(sorted(CERTIFICATES)))
    certificate = json.loads(written(name))
    for _ in range(data.draw(st.integers(1, 2))):
        *parents, last = data.draw(st.sampled_from(list(places(certificate))))
        place = certificate
        for key in parents:
            place = place[key]
        place[last] = deepcopy(data.draw(st.sampled_from(JUNK)))  # a second change may go into it
    text = json.dumps(certificate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "CELLS", 20)
        for read in (text, text[: data.draw(st.integers(0, len(text)))]):
            answer = "proved"
            try:
                verify.prove(read)
            except (Refused, Undecided) as reason:
                answer = str(reason)
            assert answer.isascii()
            assert len(answer) < 400


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([["0", "1"]] * 10**5, "collapse has 100000 points, more than 1000"),
        ([["0.5", "0.6"]] * 101, "the class has 101 forbidden points, more than 100"),
    ],
)
def test_long_files_are_undecided(value, reason):
    with pytest.raises(Undecided, match=reason):
        verify.prove(json.dumps(changed(json.loads(written("all pairs")), "class.no_collapse", value)))


def test_large_degrees_are_undecided():
    with pytest.raises(Undecided, match="2 common letters at m = 1000000 are too many to sum"):
        verify.prove(json.dumps(changed(json.loads(written("all pairs")), "m", 10**6)))


def test_many_letters_are_undecided():
    """Not a recursion that is too deep."""
    many = verify.hull([(x, x + x * (1 - x)) for x in (Fraction(i, 500) for i in range(501))])
    with pytest.raises(Undecided, match="500 common letters at m = 2 are too many to sum"):
        verify.at_least(many, 2)


def test_letters_that_stand_still_cost_nothing():
    """All pairs of 150 letters would have thousands of millions of terms in a bend."""
    still = [(Fraction(i, 90_000), Fraction(151 - i, 90_000)) for i in range(150)]
    steep, flat = [(Fraction(1, 3), Fraction(1, 2))], [(Fraction(1, 2), Fraction(1, 3))]
    alone = verify.bend(steep, flat, steep, flat)
    assert alone > 0
    assert verify.bend(*(letters + still for letters in (steep, flat, steep, flat))) == alone


def test_the_effort_falls_with_the_degree():
    def forever(part: int) -> list[int]:
        return [part]

    for m, count in ((1, verify.CELLS), (100, verify.CELLS), (1000, verify.CELLS // 100)):
        with pytest.raises(Undecided, match=f"^{count} intervals or cells"):
            verify.settle([0], forever, m)


def test_a_file_that_is_no_text_is_refused(tmp_path, capsys):
    file = tmp_path / "certificate.json"
    file.write_bytes(bytes(range(256)))
    assert verify.main(str(file)) == 1
    assert capsys.readouterr().out.startswith("refused: the file is no JSON")


def test_a_file_that_cannot_be_read_is_undecided(tmp_path, capsys):
    assert verify.main("no_such_file.json") == 2
    assert capsys.readouterr().out == (
        "undecided: 'no_such_file.json' cannot be read: No such file or directory\n"
    )
    assert verify.main(str(tmp_path)) == 2
    assert capsys.readouterr().out.endswith("cannot be read: Is a directory\n")


def test_what_is_too_much_work_is_undecided():
    many = [["0", "0.05"], ["0.1", "0.3"], ["0.2", "0.5"], ["0.4", "0.7"], ["0.6", "0.85"], ["0.8", "0.95"]]
    pairs = verify.read_class({"tau": "0.3", "within": many})
    with pytest.raises(Undecided, match="too many to sum"):
        Supremum(pairs, 100, Fraction(1, 2)).prove()
    points = [["0.1", "0.22"], ["0.45", "0.57"], ["0.78", "0.9"]]
    pairs = verify.read_class({"tau": "0.15", "no_collapse": points})
    with pytest.raises(Undecided, match="3 forbidden points matter"):
        Supremum(pairs, 3, Fraction(1, 3)).prove()
