"""Runs: trained generators of a configuration, kept in a folder so that nothing is trained twice.

A run is one npz file, named by its configuration. It has `configuration` (JSON), `seeds` (t,), `samples`
(t, n, d) in single precision, and `seconds` of processor time. The folder also has the history of its
metrics, and a checkpoint during training.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import numpy as np
from tqdm import tqdm

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.gan.configuration import Configuration
from modecollapse.gan.trainer import draw, start, train

SHOWN = 3
"""Number of metrics that the progress bar shows."""


@dataclass(frozen=True, eq=False)
class Run:
    """Points of trained generators of one configuration.

    Attributes
    ----------
    configuration : Configuration
        Configuration of the training.
    seeds : ndarray of int, shape (t,)
        Seeds of the trials.
    samples : ndarray, shape (t, n, d)
        Points of each trial's generator, read-only.
    seconds : float
        Processor time of training, compilation and the metrics at checkpoints, with that before an
        interruption. That of the classifier of digits is left out, which is trained once a process.
    """

    configuration: Configuration
    seeds: IntArray
    samples: FloatArray
    seconds: float

    def __post_init__(self) -> None:
        """Keep the points as they are, since the metrics are computed once."""
        self.samples.flags.writeable = False

    @cached_property
    def metrics(self) -> Mapping[str, FloatArray]:
        """The metrics of the task for every trial, on its first points, shape (t,) each."""
        task = self.configuration.task
        measured = task.measure(self.samples[:, : task.measured])
        for values in measured.values():
            values.flags.writeable = False
        return MappingProxyType(measured)

    def tidy(self) -> list[dict[str, object]]:
        """A tidy table: one row for each trial and metric, with the configuration."""
        common = {"method": self.configuration.name, **asdict(self.configuration)}
        return [
            common | {"seed": int(seed), "metric": metric, "value": float(value)}
            for metric, values in self.metrics.items()
            for seed, value in zip(self.seeds, values, strict=True)
        ]


def run(configuration: Configuration, seeds: Sequence[int], folder: Path, chunks: int = 10) -> Run:
    """Train the generators of a configuration, or read them if the folder has them.

    Parameters
    ----------
    configuration : Configuration
        Configuration of the training.
    seeds : sequence of int
        Seeds of the trials.
    folder : Path
        Folder of runs and checkpoints. A run of the same configuration and seeds is read from it. Training
        resumes from a checkpoint.
    chunks : int
        Number of times that the metrics are recorded and a checkpoint is written, a divisor of the steps.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If `chunks` does not divide the steps.
    """
    if chunks < 1 or configuration.steps % chunks:
        raise ValueError(f"chunks must divide the {configuration.steps} steps, got {chunks!r}")
    path = path_of(configuration, seeds, folder)
    if path.exists():
        return load(path)
    label, unfinished = _label(configuration, seeds), path.with_suffix(".checkpoint.npz")
    task = configuration.task  # before the clock starts: digits train their classifier once a process
    is_resumed, begun = unfinished.exists(), time.process_time()
    setup = configuration.setup()
    states = start(setup, seeds)
    with tqdm(desc=f"{configuration.target} {configuration.name}", total=configuration.steps) as bar:
        for states in train(
            setup, seeds, configuration.steps, configuration.steps // chunks, unfinished, label
        ):
            step = int(states.step[0])
            if is_resumed and not bar.n:
                begun -= _spent(_history_of(path), step)
            metrics = task.measure(np.asarray(draw(setup, states, task.measured)))
            _note(_history_of(path), step, time.process_time() - begun, metrics)
            bar.update(step - bar.n)
            shown = list(metrics.items())[:SHOWN]
            bar.set_postfix({metric: f"{values.mean():.3g}" for metric, values in shown})
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
    """Path of a run in its folder: sixteen hexadecimal digits of a hash of configuration and seeds."""
    return folder / f"{sha256(_label(configuration, seeds).encode()).hexdigest()[:16]}.npz"


def history(configuration: Configuration, seeds: Sequence[int], folder: Path) -> dict[str, FloatArray]:
    """The metrics during the training of a run.

    Returns
    -------
    dict of str to ndarray
        "steps", the numbers of steps at which they were measured, and "seconds", the processor time until
        then, shape (c,); each metric, shape (c, t).
    """
    with np.load(_history_of(path_of(configuration, seeds, folder)), allow_pickle=False) as file:
        return dict(file)


def _history_of(path: Path) -> Path:
    return path.with_suffix(".history.npz")


def _spent(path: Path, step: int) -> float:
    """Processor time of the first steps, as far as the history has it: a checkpoint is written before."""
    if not path.exists():
        return 0.0
    with np.load(path, allow_pickle=False) as file:
        return float(max(file["seconds"][file["steps"] <= step], default=0.0))


def _note(path: Path, step: int, seconds: float, metrics: Mapping[str, FloatArray]) -> None:
    """Append metrics to the history file."""
    row = {"steps": np.array([step]), "seconds": np.array([seconds])}
    row |= {name: values[np.newaxis] for name, values in metrics.items()}
    if path.exists():
        with np.load(path, allow_pickle=False) as file:
            # a resumed run repeats the steps after its checkpoint
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
    """Read a run that `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        configuration = Configuration(**json.loads(str(file["configuration"])))
        return Run(configuration, file["seeds"], file["samples"], float(file["seconds"]))
