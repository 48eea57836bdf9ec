"""The studies by name, with the configurations they compare.

A study of another kind has a module of its own, whose `Study` is an entry of `STUDIES`.
"""

from __future__ import annotations

from typing import Any

from . import drawing
from .extra_digits_study import EXTRA_DIGITS
from .readings import readings_study
from .study import Study, compare, watch
from .tables import PUBLISHED, SIZES, Row

PACKING: list[Row] = [{"target": target, "packing": m} for target in drawing.TARGETS for m in (1, 2, 3, 4)]

CLIPPED: Row = {
    "loss": "wasserstein_clipped",
    "optimiser": "rmsprop",
    "learning_rate": 5e-5,
    "momentum": 0.0,
    "critic_steps": 5,
    "steps": 5000,
}
"""VirtualGAN's Algorithm 1, except for the number of steps."""

MERGING: list[Row] = [
    {},
    {"merging": 2},
    {"merging": 3},
    {"packing": 2},
    CLIPPED,
    {**CLIPPED, "merging": 2},
]

PENALISED: Row = {"loss": "wasserstein_penalised", "critic_steps": 5, "steps": 3000}
"""Five updates of the critic for each update of the generator, as published. The steps are fewer."""

PENALTY: Row = {"penalty": 3.0}

EQUAL: Row = {**PENALTY, "weighting": "equal"}

DIGITS: Row = {"latent": 32, "learning_rate": 5e-4, "steps": 4000}
"""Images need more than two latent numbers."""

PAPER: Row = {"architecture": "paper", "learning_rate": 1e-4, "momentum": 0.8, "steps": 3000}
"""The authors' networks with their learning rate and momentum. The authors made 400 000 steps."""

STUDIES: dict[str, Study[Any]] = {
    "packing": compare(
        PACKING,
        columns=PUBLISHED,
        figures={"samples": drawing.draw_samples, "regions": drawing.draw_regions},
    ),
    "readings": readings_study(PACKING, figures={"readings": drawing.draw_readings}),
    "longer": compare([{"target": "grid", "packing": m, "steps": 45_000} for m in (1, 2)], columns=PUBLISHED),
    "sizes": compare(
        [{"critic_hidden": hidden, "packing": m} for hidden in (16, 32, 64, 128, 256) for m in (1, 2)],
        columns=SIZES,
        figures={"sizes": drawing.draw_sizes},
    ),
    "merging": compare([{"target": target, **fields} for target in drawing.TARGETS for fields in MERGING]),
    "penalty": watch(
        [{}, PENALTY, EQUAL, {"packing": 2}, {**PENALTY, "packing": 2}],
        figures={"penalty": drawing.draw_histories},
    ),
    "wasserstein": compare([{**PENALISED, "packing": m} for m in (1, 2)]),
    "methods": readings_study(
        [{"merging": 2}, {"merging": 3}, PENALTY, EQUAL, *({**PENALISED, "packing": m} for m in (1, 2))]
    ),
    "digits": compare(
        [
            {"target": target, **DIGITS, "packing": m}
            for target in ("digits", "stacked digits")
            for m in (1, 2)
        ]
    ),
    "extra_digits": EXTRA_DIGITS,
    "paper": compare([{**PAPER, "packing": m} for m in (1, 2)], columns=PUBLISHED),
}
"""The studies by name, in the order in which they run by default."""
