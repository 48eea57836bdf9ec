"""Runs: trained generators of a configuration, kept in a folder so that nothing is trained twice.

A run is kept in one npz file, named by its configuration: `configuration` (JSON), `seeds` (t,),
`samples` (t, n, d) in single precision, and `seconds` of processor time. Beside it lies its `history`, and
while it trains a checkpoint.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.gan.configuration import Configuration
from modecollapse.gan.trainer import draw, start, train


class Run(NamedTuple):
    """Points of trained generators of one configuration.

    Attributes
    ----------
    configuration : Configuration
    seeds : ndarray of int, shape (t,)
    samples : ndarray, shape (t, n, d)
        Points of each trial's generator.
    seconds : float
        Processor time of the training with its compilation; of the last part alone, if it was resumed.
    """

    configuration: Configuration
    seeds: IntArray
    samples: FloatArray
    seconds: float

    def metrics(self) -> dict[str, FloatArray]:
        """The task's metrics of every trial, on its first points."""
        task = self.configuration.task
        return task.measure(self.samples[:, : task.measured])

    def tidy(self) -> list[dict[str, object]]:
        """One row a trial and metric, with the configuration."""
        about = {"method": self.configuration.name, **asdict(self.configuration)}
        return [
            about | {"seed": int(seed), "metric": metric, "value": float(value)}
            for metric, values in self.metrics().items()
            for seed, value in zip(self.seeds, values, strict=True)
        ]


def run(configuration: Configuration, seeds: Sequence[int], folder: Path, chunks: int = 10) -> Run:
    """Train, or read what was trained before.

    Parameters
    ----------
    configuration : Configuration
    seeds : sequence of int
        A trial for each.
    folder : Path
        Where the run and its checkpoint are kept. A run of the same configuration and seeds that lies there
        is read; a checkpoint is gone on from.
    chunks : int
        So many times the metrics are shown and noted and a checkpoint is written; must divide the steps.
    """
    if chunks < 1 or configuration.steps % chunks:
        raise ValueError(f"chunks must divide the {configuration.steps} steps, got {chunks!r}")
    path = path_of(configuration, seeds, folder)
    if path.exists():
        return load(path)
    label, unfinished = _label(configuration, seeds), path.with_suffix(".checkpoint.npz")
    begun = time.process_time()
    setup, task = configuration.setup(), configuration.task
    states = start(setup, seeds)
    with tqdm(desc=f"{configuration.target} {configuration.name}", total=configuration.steps) as bar:
        for states in train(
            setup, seeds, configuration.steps, configuration.steps // chunks, unfinished, label
        ):
            found = task.measure(np.asarray(draw(setup, states, task.measured)))
            _note(_history_of(path), int(states.step[0]), found)
            bar.update(int(states.step[0]) - bar.n)
            bar.set_postfix({metric: f"{values.mean():.3g}" for metric, values in found.items()})
    finished = Run(
        configuration,
        np.asarray(seeds),
        np.asarray(draw(setup, states, task.kept)),
        time.process_time() - begun,
    )
    save(path, finished)
    unfinished.unlink()
    return finished


def path_of(configuration: Configuration, seeds: Sequence[int], folder: Path) -> Path:
    """Where `run` keeps what it trained: sixteen hexadecimal digits stand for configuration and seeds."""
    return folder / f"{sha256(_label(configuration, seeds).encode()).hexdigest()[:16]}.npz"


def history(configuration: Configuration, seeds: Sequence[int], folder: Path) -> dict[str, FloatArray]:
    """How the metrics went while `run` trained.

    Returns
    -------
    dict of str to ndarray
        "steps", shape (c,), after which they were taken, and each metric of the task, shape (c, t).
    """
    with np.load(_history_of(path_of(configuration, seeds, folder)), allow_pickle=False) as file:
        return dict(file)


def _history_of(path: Path) -> Path:
    return path.with_suffix(".history.npz")


def _note(path: Path, step: int, found: Mapping[str, FloatArray]) -> None:
    row = {"steps": np.array([step])} | {name: values[np.newaxis] for name, values in found.items()}
    if path.exists():
        with np.load(path, allow_pickle=False) as file:
            # a run that was interrupted comes again to where its checkpoint is
            earlier = file["steps"] < step
            row = {name: np.concatenate([file[name][earlier], last]) for name, last in row.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **row)


def _label(configuration: Configuration, seeds: Sequence[int]) -> str:
    return f"{configuration.to_json()} {[int(seed) for seed in seeds]}"


def mean_and_error(values: FloatArray) -> tuple[float, float]:
    """The mean over trials and its standard error.

    Examples
    --------
    >>> mean, error = mean_and_error(np.array([1.0, 2.0, 3.0]))
    >>> mean, round(error, 4)
    (2.0, 0.5774)
    """
    return float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(len(values)))


def save(path: Path, finished: Run) -> None:
    """Write a run as npz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        configuration=np.array(finished.configuration.to_json()),
        seeds=finished.seeds,
        samples=finished.samples,
        seconds=np.array(finished.seconds),
    )


def load(path: Path) -> Run:
    """Read what `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        configuration = Configuration(**json.loads(str(file["configuration"])))
        return Run(configuration, file["seeds"], file["samples"], float(file["seconds"]))
