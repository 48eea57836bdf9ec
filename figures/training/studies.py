"""The studies by name, with the configurations they compare.

A study of another kind has a module of its own, whose `Study` is an entry of `STUDIES`.
"""

from __future__ import annotations

from typing import Any

from . import drawing
from .extra_digits_study import EXTRA_DIGITS
from .image_studies import DIGITS_STUDY, IMAGES_STUDY, STACKED_STUDY, WASSERSTEIN_STUDY, WHOLE_STUDY
from .pull import PULL
from .readings import readings_study
from .study import VIRTUAL_GAN, Study, compare, watch
from .tables import HIGH_QUALITY_KL, SIZES, Row, beside, places_table, setting

PACKING: list[Row] = [{"target": target, "packing": m} for target in drawing.TARGETS for m in (1, 2, 3, 4)]

BASELINES: list[Row] = [{"target": target, "architecture": "discriminating"} for target in drawing.TARGETS]
"""Minibatch discrimination, beside which the paper shows packing."""

ON_GRID: Row = {"target": "grid", "steps": 6000}

CLIPPED: Row = {**VIRTUAL_GAN, "steps": 3000}

MERGING: list[Row] = [
    {},
    {"merging": 2},
    {"merging": 4},
    {"merging": 2, "partners": "independent"},
    {"packing": 2},
    CLIPPED,
    {**CLIPPED, "merging": 2},
    {**CLIPPED, "merging": 4},
]

PENALISED: Row = {"loss": "wasserstein_penalised", "critic_steps": 5, "steps": 3000}
"""Five updates of the critic for each update of the generator, as published. The steps are fewer."""

SMALL: Row = {"depth": 3, "learning_rate": 1e-4, "steps": 6000}
"""Mode-penalty GAN's generator of three layers, and its learning rate."""

PENALTY: Row = {**SMALL, "penalty": 3.0}

EQUAL: Row = {**PENALTY, "weighting": "equal"}

STRATEGIES: list[Row] = [
    {},
    {"packing": 2},
    {"merging": 2},
    {"architecture": "spectral"},
    {"architecture": "discriminating"},
    {"loss": "cross_entropy_smoothed"},
    {"critic_rate": 4.0},
    {"members": 4},
    {"unrolled": 5},
    {"loss": "wasserstein_penalised", "critic_steps": 5},
    {"penalty": 3.0},
]
"""One strategy against mode collapse each, with the defaults for the rest."""

FIXED: Row = {"simultaneous": True, "fixed": 100_000}
"""The authors' simultaneous step on as many fixed points as theirs."""

PAPER: Row = {"architecture": "paper", "learning_rate": 1e-4, "momentum": 0.8, "steps": 3000}
"""The authors' networks with their learning rate and momentum. The authors made 400 000 steps."""

STUDIES: dict[str, Study[Any]] = {
    "packing": compare(
        PACKING,
        columns=beside("PacGAN", HIGH_QUALITY_KL),
        figures={"samples": drawing.draw_samples, "regions": drawing.draw_regions},
    ),
    "baseline": compare(BASELINES, columns=beside("PacGAN", HIGH_QUALITY_KL)),
    "readings": readings_study(PACKING, figures={"readings": drawing.draw_readings}),
    "longer": compare(
        [{"target": "grid", "packing": m, "steps": 45_000} for m in (1, 2, 3, 4)],
        columns=beside("PacGAN", HIGH_QUALITY_KL),
    ),
    "sizes": compare(
        [
            *(
                {**ON_GRID, "critic_hidden": hidden, "packing": m}
                for hidden in (50, 100, 150, 200, 250)
                for m in (1, 2, 3, 4)
            ),
            *(
                {**ON_GRID, "critic_hidden": hidden, "architecture": "discriminating"}
                for hidden in (50, 150, 250)
            ),
        ],
        columns=SIZES,
        figures={"sizes": drawing.draw_sizes},
    ),
    "merging": compare(
        [{"target": target, **fields} for target in drawing.TARGETS for fields in MERGING],
        columns=beside("VirtualGAN"),
    ),
    "penalty": watch(
        [SMALL, PENALTY, EQUAL, {**SMALL, "packing": 2}, {**PENALTY, "packing": 2}],
        columns=beside("Mode-penalty GAN"),
        figures={"penalty": drawing.draw_histories},
    ),
    "penalty_targets": compare(
        [
            {"target": target, **fields}
            for target in ("grid", "random", "cube")
            for fields in (SMALL, PENALTY)
        ],
        columns=beside("Mode-penalty GAN"),
    ),
    "penalty_factors": compare(
        [
            *({**PENALTY, "modes": 100, "penalty": factor} for factor in (0.3, 1.0, 3.0, 10.0, 30.0)),
            {**PENALTY, "modes": 100, "matching": "optimal"},
        ],
        columns=setting(λ="penalty", N="modes", matching="matching"),
    ),
    "pull": PULL,
    "rates": compare(
        [
            {"learning_rate": rate, "rows": rows, "packing": m, "steps": 6000}
            for rate in (1e-3, 1e-4)
            for rows in (100, 500)
            for m in (1, 2)
        ],
        columns=setting(learning_rate="learning_rate", rows="rows"),
    ),
    "strategies": readings_study(
        [{"target": target, "steps": 5000, **fields} for target in drawing.TARGETS for fields in STRATEGIES],
        figures={"strategies": drawing.draw_places},
        table=places_table,
    ),
    "steps": compare(
        [
            {"packing": m, "steps": 6000, **fields}
            for m in (1, 2)
            for fields in ({}, {"simultaneous": True}, FIXED, {**FIXED, "bootstrapped": True})
        ],
        columns=setting(simultaneous="simultaneous", fixed="fixed", bootstrapped="bootstrapped"),
    ),
    "wasserstein": compare([{**PENALISED, "packing": m} for m in (1, 2)]),
    "methods": readings_study(
        [
            {"merging": 2},
            {"merging": 4},
            SMALL,
            PENALTY,
            EQUAL,
            *({**PENALISED, "packing": m} for m in (1, 2)),
        ]
    ),
    "digits": DIGITS_STUDY,
    "stacked": STACKED_STUDY,
    "images": IMAGES_STUDY,
    "images_whole": WHOLE_STUDY,
    "images_wasserstein": WASSERSTEIN_STUDY,
    "extra_digits": EXTRA_DIGITS,
    "paper": compare([{**PAPER, "packing": m} for m in (1, 2)], columns=beside("PacGAN", HIGH_QUALITY_KL)),
}
"""The studies by name, in the order in which they run by default."""
