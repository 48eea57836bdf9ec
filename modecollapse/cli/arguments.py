"""The commands and their options."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Any, NoReturn

import modecollapse as mc
from modecollapse import progress
from modecollapse.cli import commands, comparing, conditions, curve, privacy, separation, verify
from modecollapse.cli.reading import cells, real
from modecollapse.files import destination
from modecollapse.suggestions import did_you_mean

KINDS_HELP = "which are real: 1 or 0, true or false, real or generated (or fake)"
"""What a column says of rows of two kinds."""

SAMPLES_HELP = (
    "FILE or FILE:NAME (.csv, .tsv, .parquet, .arrow: a column; .npz: an array; .npy), - or -:NAME for CSV "
    "on standard input: samples as rows"
)

EXIT_CODES = "Exit codes: 0 done, 2 bad usage or input, 3 infeasible, 4 precision out of reach."


class Parser(argparse.ArgumentParser):
    """A parser that asks back where a word is nearly one that it knows."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # what begins with a dash is an option, but here for numbers, such as -.2,1.2, and for -:NAME
        self._negative_number_matcher = re.compile(r"-[.\d:]")
        self._is_intermixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As in argparse, but for a command whose files may also come after its options.

        Before Python 3.13 argparse ends the list of files at the first option.
        """
        if self._subparsers is not None or self._is_intermixing:
            return super().parse_known_args(args, namespace)
        self._is_intermixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_intermixing = False

    def error(self, message: str) -> NoReturn:
        """End with the usage and the message."""
        chosen = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)
        if chosen:
            known = (word.strip(" '") for word in chosen[2].split(","))
            message += did_you_mean(chosen[1], known)
        super().error(message)

    def refuse(self, rest: Sequence[str]) -> NoReturn:
        """End because of words that are no option of this command."""
        unknown = next((word.partition("=")[0] for word in rest if word.startswith("--")), "")
        known = [option for option in self._option_string_actions if option.startswith("--")]
        self.error(f"unrecognized arguments: {shlex.join(rest)}{did_you_mean(unknown, known)}")


def parser() -> Parser:
    """The parser of the whole command line."""
    top = Parser(
        prog="modecollapse",
        description="Mode-collapse regions and packed total variation bounds (the theory of PacGAN).",
        epilog=f"`modecollapse COMMAND --help` gives examples. {EXIT_CODES}",
    )
    top.add_argument("--version", action="version", version=f"modecollapse {mc.__version__}")
    adding = top.add_subparsers(required=True, metavar="COMMAND")
    _add_tv(adding)
    _add_divergence(adding)
    _add_chernoff(adding)
    _add_region(adding)
    _add_bounds(adding)
    _add_verify(adding)
    _add_separate(adding)
    _add_diagnose(adding)
    _add_compare(adding)
    _add_curve(adding)
    _add_privacy(adding)
    _add_figures(adding)
    _add_explore(adding)
    return top


def _add_tv(adding: Any) -> None:
    command = _answering(
        adding,
        "tv",
        commands.tv,
        "d_TV(P^m, Q^m) of two pmfs",
        "modecollapse tv --p .2,.8 --q 0,1 --m 1:10",
        "modecollapse tv --p pmfs.csv:real --q pmfs.csv:generated --m 1,10,100 --plot tv.png",
    )
    _add_pair(command)
    _add_degrees(command)
    command.add_argument("--log-overlap", action="store_true", help="add log(1 − d_TV), null where it is −∞")


def _add_divergence(adding: Any) -> None:
    command = _answering(
        adding,
        "divergence",
        commands.divergence,
        "a divergence of P^m from Q^m",
        "modecollapse divergence js --p .5,.3,.2 --q .6,.3,.1 --m 1:4",
        "modecollapse divergence renyi --order 2 --p 1/2,1/2 --q 1/4,3/4 --csv",
    )
    command.add_argument(
        "name", metavar="NAME", help="tv, js, kl, reverse_kl, hellinger, chi2, hockey_stick or renyi"
    )
    _add_pair(command)
    _add_degrees(command, default="1")
    command.add_argument(
        "--order", type=real, default=1.0, help="of hockey_stick and renyi (default: %(default)s)"
    )


def _add_chernoff(adding: Any) -> None:
    command = _answering(
        adding,
        "chernoff",
        commands.chernoff,
        "the Chernoff information of two pmfs: the rate at which 1 − d_TV(P^m, Q^m) falls",
        "modecollapse chernoff --p .5,.3,.2 --q .6,.3,.1",
    )
    _add_pair(command)


def _add_region(adding: Any) -> None:
    command = _answering(
        adding,
        "region",
        commands.region,
        "the corners of the mode-collapse region of (P^m, Q^m)",
        "modecollapse region --p .5,.3,.2 --q .6,.3,.1",
        "modecollapse region --p p.npy --q q.npy --m 1:4 --plot regions.pdf",
    )
    _add_pair(command)
    _add_degrees(command, default="1")


def _add_bounds(adding: Any) -> None:
    command = _answering(
        adding,
        "bounds",
        commands.bounds,
        "the range of d_TV(P^m, Q^m) over a class of pairs",
        "modecollapse bounds --tau .11 --m 1:10",
        "modecollapse bounds --tau .11 --no-collapse .05,.1 --no-augmentation .05,.1 --m 2:5",
        "modecollapse bounds --tau .2:.3 --collapse .02,.1 --no-collapse .1,.3 --m 3 --json",
        "modecollapse bounds --contains .2,.8 .1,.9 --within .4,.6 .1,.9 --m 1:5 --divergence hellinger",
        "modecollapse bounds --tau .11 --collapse .02,.1 --as-printed --csv",
        "modecollapse bounds --tau .11 --collapse .02,.1 --m 3 --certificate certificate.json",
    )
    conditions.add(command)
    _add_degrees(command)
    command.add_argument(
        "--divergence", default="tv", metavar="NAME", help="of P^m from Q^m (default: %(default)s)"
    )
    command.add_argument(
        "--order", type=real, default=1.0, help="of --divergence hockey_stick (default: %(default)s)"
    )
    command.add_argument(
        "--gap", type=real, metavar="WIDTH", help="certified width of ends that are searched for"
    )
    command.add_argument(
        "--as-printed",
        action="store_true",
        help="the formulas of Theorems 3, 4 and 5 as printed, right or wrong",
    )
    command.add_argument(
        "--certificate", metavar="FILE", help="write a proof of the range at one m, which `verify` checks"
    )


def _add_verify(adding: Any) -> None:
    command = _command(
        adding,
        "verify",
        "what a certificate of a range proves, after proving it in exact arithmetic",
        "modecollapse verify certificate.json",
        exit_codes=verify.EXIT_CODES,
    )
    command.add_argument("file", metavar="FILE", help="as `bounds --certificate` writes it")
    command.set_defaults(run=verify.run)


def _add_separate(adding: Any) -> None:
    command = _answering(
        adding,
        "separate",
        separation.separate,
        "the m at which all pairs of a class H1 are farther apart than all pairs of a class H0",
        "modecollapse separate --tau .11 --m 1:20 --collapse .02,.1 --no-collapse .06,.1 "
        "--no-augmentation .06,.1",
    )
    _add_tau(command)
    _add_degrees(command)
    separation.add(command)


def _add_diagnose(adding: Any) -> None:
    command = _command(
        adding,
        "diagnose",
        "what samples say about a generator: mode collapse, the modes to blame, what packing would show",
        "modecollapse diagnose real.npy generated.npy --centres centres.csv --radius .3 --report report.html",
        "modecollapse diagnose held_out.npy generated.npy --cells 25 --training training.npy",
        "modecollapse diagnose real.csv:label generated.csv:label --labels --level .99",
        "modecollapse diagnose answers.csv:answer --by is_real --labels --groups call",
        "modecollapse diagnose answers.csv:answer --target target.csv:share --labels",
        "modecollapse diagnose scores.npz:real scores.npz:generated --scores --json",
        "modecollapse diagnose samples.csv:score --by is_real --scores",
        "modecollapse diagnose real.npy generated.npy --cells auto --images real/ fake/ --report out.html",
    )
    command.add_argument("real", metavar="REAL", help=SAMPLES_HELP)
    command.add_argument(
        "generated", metavar="GENERATED", nargs="?", help="the same; none with --by or --target"
    )
    _add_by(command, KINDS_HELP)
    _add_target(command)
    _add_ways(command, required=True)
    command.add_argument(
        "--training",
        metavar="FILE",
        help="rows of features that the generator was trained on: test for copies of them. Then REAL must "
        "hold rows that it was not trained on",
    )
    command.add_argument(
        "--names",
        metavar="FILE",
        nargs="+",
        help="names of the rows of REAL and of GENERATED, one a row, for cells to be looked at",
    )
    command.add_argument(
        "--images",
        metavar="FOLDER",
        nargs="+",
        help="images of the rows of REAL and of GENERATED, for the report: a folder in the order of names, "
        "or an .npy or .npz array (needs pillow)",
    )
    command.add_argument("--rows", metavar="FILE", help="write the cell of every row as CSV")
    _add_statistics(command)
    _add_degrees(command)
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument(
        "--csv", action="store_true", help="print the (ε,δ) curves of collapse and augmentation"
    )
    command.add_argument(
        "--plot", metavar="FILE", help="draw the region and its confidence band, as .png, .pdf or .svg"
    )
    command.add_argument("--report", metavar="FILE", help="write an HTML page too")
    command.set_defaults(run=commands.diagnose)


def _add_compare(adding: Any) -> None:
    command = _command(
        adding,
        "compare",
        "what samples say about several generators, or checkpoints of one, with intervals for all together",
        "modecollapse compare real.npy old=step1.npy new=step2.npy --cells 25 --report comparison.html",
        "modecollapse compare samples.csv:real a=samples.csv:a b=samples.csv:b --labels --json",
        "modecollapse compare answers.csv:answer --by model --labels",
        "modecollapse compare a=samples.csv:a b=samples.csv:b --target target.csv:share --labels",
    )
    command.add_argument("real", metavar="REAL", help=f"{SAMPLES_HELP}; none with --target")
    command.add_argument(
        "generators",
        metavar="NAME=GENERATED",
        nargs="*",
        help="a name, and the same for each generator; none with --by",
    )
    _add_by(command, "which are real (1, true or real), and names the generator of each other row")
    _add_target(command)
    _add_ways(command, required=True)
    _add_statistics(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--report", metavar="FILE", help="write an HTML page too")
    command.set_defaults(run=comparing.compare)


def _add_by(command: argparse.ArgumentParser, said: str) -> None:
    """One file of all rows, and a column in which something is said of each."""
    command.add_argument(
        "--by", metavar="COLUMN", help=f"REAL holds all rows, and this column (.npz: array) says {said}"
    )


def _add_target(command: argparse.ArgumentParser) -> None:
    """Known shares in place of real samples."""
    command.add_argument(
        "--target",
        metavar="PMF",
        help="the real samples are not needed, for the share of each label is known: JSON, or FILE:COLUMN "
        "(another column has the labels). A generated label that is not listed is off mode",
    )


def _add_ways(command: argparse.ArgumentParser, required: bool) -> None:
    """The ways to see samples, of which one can be chosen."""
    seen = command.add_mutually_exclusive_group(required=required)
    seen.add_argument(
        "--centres",
        "--centers",
        metavar="FILE",
        help="rows are features; the modes' centres are the rows of FILE",
    )
    seen.add_argument(
        "--cells",
        type=cells,
        metavar="K",
        help="rows are features; K k-means cells are fitted on a quarter of the rows of all kinds, 128 a "
        "cell at most, and the others are counted; auto chooses K (needs scikit-learn)",
    )
    seen.add_argument(
        "--labels",
        action="store_true",
        help="one label a row; a column of a CSV file under a header must be named",
    )
    seen.add_argument(
        "--scores", action="store_true", help="one score a row, higher where more like real data"
    )
    command.add_argument(
        "--radius", type=real, metavar="R", help="how far from its centre a sample counts for it; inf: any"
    )
    command.add_argument(
        "--groups",
        metavar="COLUMN",
        help="a column of each file (.npz: an array) that names the group of each row, such as its call or "
        "video: rows of a group may depend on each other. Labels count by group; of scores one random row of "
        "each group counts",
    )


def _add_statistics(command: argparse.ArgumentParser) -> None:
    """What a diagnosis is made with."""
    _add_level(command)
    command.add_argument(
        "--severity",
        type=real,
        default=0.05,
        help="the real mass that a set must have for its loss to be called collapse (default: %(default)s)",
    )


def _add_level(command: argparse.ArgumentParser) -> None:
    """What a confidence band is made with."""
    command.add_argument(
        "--seed",
        type=int,
        default=0,
        help="of divisions of the samples, of k-means and of one row of each group (default: %(default)s)",
    )
    command.add_argument(
        "--level",
        type=real,
        default=0.95,
        help="all intervals hold together with this probability (default: %(default)s)",
    )


def _add_curve(adding: Any) -> None:
    command = _answering(
        adding,
        "curve",
        curve.curve,
        "a curve of the region of (P^m, Q^m) in the words of another field",
        "modecollapse curve precision-recall --p .5,.3,.2 --q .6,.4,0",
        "modecollapse curve roc --p pmfs.csv:real --q pmfs.csv:generated --csv --plot roc.png",
        "modecollapse curve numbers --samples real.csv:label generated.csv:label --labels",
        "modecollapse curve roc --samples answers.csv:answer --by is_real --labels",
    )
    curve.add(command)
    _add_by(command, KINDS_HELP)
    _add_target(command)
    _add_ways(command, required=False)
    _add_level(command)


def _add_privacy(adding: Any) -> None:
    command = _answering(
        adding,
        "privacy",
        privacy.privacy,
        "two certain ends of ε at δ, or of δ at ε, for some uses of a mechanism",
        "modecollapse privacy --mechanism gaussian --sigma 1 --sampling .01 --steps 1000 --delta 1e-6",
        "modecollapse privacy --mechanism laplace --scale 2 --steps 10 --epsilon 1,2,3,4 --plot curve.png",
        "modecollapse privacy --mechanism randomised-response --truth .75 --steps 5 --delta 0,1e-3",
    )
    privacy.add(command)


def _add_figures(adding: Any) -> None:
    command = adding.add_parser(
        "figures", help="draw the figures of the paper", add_help=False
    )  # they have their own
    command.set_defaults(run=commands.figures, passes_on=True)


def _add_explore(adding: Any) -> None:
    command = _command(
        adding,
        "explore",
        "an HTML page on which one moves the conditions of a class of pairs, for any browser, offline",
        "modecollapse explore --out explorer.html",
        verb="Write",
    )
    command.add_argument("--out", default="explorer.html", metavar="FILE", help="default: %(default)s")
    command.set_defaults(run=commands.explore)


def _answering(
    adding: Any,
    name: str,
    answer: Callable[[argparse.Namespace], commands.Answer | separation.Verdict],
    summary: str,
    *examples: str,
) -> argparse.ArgumentParser:
    """A command that answers with a table."""
    command = _command(adding, name, summary, *examples)
    output = command.add_mutually_exclusive_group()
    for form in ("json", "csv"):
        output.add_argument(
            f"--{form}",
            dest="form",
            action="store_const",
            const=methodcaller(form),
            help=f"print {form.upper()}",
        )
    command.add_argument("--plot", metavar="FILE", help="draw it too, as .png, .pdf or .svg")

    def run(options: argparse.Namespace) -> None:
        if options.plot:
            destination.require_picture("--plot", options.plot)
        with progress.clock(f"modecollapse {name}"):
            answered = answer(options)
            if options.plot:
                answered.plot(options.plot)
        print(options.form(answered).removesuffix("\n"))

    command.set_defaults(run=run, form=methodcaller("text"))
    return command


def _command(
    adding: Any, name: str, summary: str, *examples: str, verb: str = "Print", exit_codes: str = EXIT_CODES
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = adding.add_parser(
        name,
        help=summary,
        description=f"{verb} {summary}.",
        epilog="\n".join(["examples:", *(f"  {example}" for example in examples), "", exit_codes]),
        formatter_class=argparse.RawDescriptionHelpFormatter,  # an example broken at a hyphen is no example
    )
    command.set_defaults(passes_on=False, parser=command)
    return command


def _add_pair(command: argparse.ArgumentParser) -> None:
    for option, name in (("--p", "target"), ("--q", "generator")):
        command.add_argument(
            option,
            required=True,
            metavar="PMF",
            help=f"{name}: numbers such as .2,.8 or 1/5,80%%; FILE or FILE:NAME (.csv, .tsv, .npy, .npz, "
            ".json, .parquet); - for standard input",
        )


def _add_tau(command: argparse.ArgumentParser) -> None:
    command.add_argument("--tau", required=True, type=real, help="total variation of one sample")


def _add_degrees(command: argparse.ArgumentParser, default: str = "1:10") -> None:
    command.add_argument(
        "--m",
        default=default,
        metavar="DEGREES",
        help="packing degrees: 5, 1,2,5, 1:10 or 1-10, 10:100:10 (default: %(default)s)",
    )
