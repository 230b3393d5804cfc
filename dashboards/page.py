"""The report's markup. Every name and number from a study enters it as text, through ``text``."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import sentences
from .chart import Chart, Section
from .claims import claims
from .figures import ranking
from .figures.waveform import address
from .outline import final_stages, objective, swept
from .reliability import remark
from .statistics import Interval, rows
from .wording import (
    axis_label,
    count,
    duration,
    measure_label,
    plus_minus,
    value_text,
)

if TYPE_CHECKING:
    from .frames import Frames

BEST_SHOWN = 10


def text(value: object) -> str:
    """Escaped for element content and quoted attributes."""
    return html.escape(str(value), quote=True)


def breakable(value: object) -> str:
    """Escaped, with leave to break a line after each dot: ``contraction.<wbr>weight``."""
    return text(value).replace(".", ".<wbr>")


def embedded(value: Any) -> str:
    """JSON for a script element: no ``<`` can end the element, NaN is null."""
    return json.dumps(_finite(value), separators=(",", ":"), allow_nan=False).replace(
        "<", "\\u003c"
    )


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return _finite(value.tolist())
    if isinstance(value, np.generic):
        return _finite(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def data(table: pd.DataFrame) -> dict[str, Any]:
    """A table as ``columns`` and ``rows``; numbers that are not finite become null."""
    plain = table.reset_index(drop=True).astype(object).where(table.notna().to_numpy(), None)
    return {"columns": [str(name) for name in table.columns], "rows": plain.to_numpy().tolist()}


def header(frames: Frames, made: list[Section]) -> str:
    """The question, its answer, what was run, and the table of contents."""
    study = frames.study
    question = str(study.get("question") or "")
    name = str(study.get("study") or "")
    below = "".join(f'<p class="verdict">{text(said)}</p>' for said in remarks(frames))
    notes = "".join(f'<p class="notice">{text(note)}</p>' for note in notices(frames))
    kicker = f'<p class="kicker">{text(name)}</p>' if question else ""
    return f"""<header>
{kicker}<h1>{text(question or name)}</h1>
<p class="answer">{text(sentences.answer(frames))}</p>
{below}{notes}
{facts_list(frames)}
{contents(made)}
</header>"""


def remarks(frames: Frames) -> list[str]:
    """What else there is to say of the answer: what was reached, and how that is to be taken.

    Nothing where networks are for a use, whose question no reconstruction error answers.
    """
    if frames.study.get("measures"):
        return []
    reached = sentences.reached(frames) if claims(frames) else ""
    return [said for said in (reached, str(frames.study.get("verdict") or "")) if said]


def contents(made: list[Section]) -> str:
    """The table of contents."""
    links = "".join(f'<li><a href="#{text(s.name)}">{text(s.title)}</a></li>' for s in made)
    return f'<nav aria-label="Contents"><ol>{links}</ol></nav>'


def _epochs(values: Iterable[float]) -> str:
    """Epochs in words, from the first to the last."""
    epochs = sorted({int(epoch) for epoch in values})
    return f"epoch {epochs[0]}" if len(epochs) == 1 else f"epochs {epochs[0]} to {epochs[-1]}"


def notices(frames: Frames) -> list[str]:
    """What a reader must know before believing the page: unfinished, failed, one seed."""
    found = []
    planned = len(frames.study.get("trials") or []) or len(frames.runs)
    running = int(frames.runs["status"].isin(["RUNNING", "SCHEDULED"]).sum())
    if not frames.complete or len(frames.runs) < planned or running:
        done = int((frames.runs["status"] == "FINISHED").sum())
        total = f" of {planned}" if frames.complete else ""
        found.append(f"This study has not finished: {done}{total} trials are recorded as done.")
    failed = frames.runs[frames.runs["status"].isin(["FAILED", "KILLED"])]
    diverged = failed[failed["diverged_at"].notna()]
    if len(diverged):
        found.append(
            f"{count(len(diverged), 'trial')} diverged (at {_epochs(diverged['diverged_at'])}) and "
            f"{'is' if len(diverged) == 1 else 'are'} left out of every mean; "
            "a setting that lost a seed is ranked after those that did not."
        )
    stopped = frames.runs["stopped_at"].dropna()
    if len(stopped):
        were, are = ("was", "is") if len(stopped) == 1 else ("were", "are")
        found.append(
            f"{count(len(stopped), 'trial')} {were} stopped early (after {_epochs(stopped)}), "
            f"having fallen behind, and {are} left out of every mean."
        )
    if len(failed) > len(diverged):
        found.append(f"{count(len(failed) - len(diverged), 'trial')} failed and left no result.")
    for stage in final_stages(frames):
        shown = dict.fromkeys((objective(frames, stage)[0], *ranking.test_metrics(frames, stage)))
        found += [said for metric in shown if (said := remark(frames, stage, metric))]
    if len(frames.runs) and frames.runs["seed"].nunique() == 1:
        found.append(
            "There is one seed, so there are no intervals: differences may be chance. "
            "Add seeds to the study to know."
        )
    return found


def facts_list(frames: Frames) -> str:
    """``facts`` as a strip."""
    inner = "".join(f"<div><dt>{text(k)}</dt><dd>{text(v)}</dd></div>" for k, v in facts(frames))
    return f'<dl class="facts">{inner}</dl>'


def facts(frames: Frames) -> list[tuple[str, str]]:
    """Names and values for the strip below the answer."""
    study, runs = frames.study, frames.runs
    data_ = study.get("data") or {}
    found = [("trials", f"{len(runs)}")]
    if len(runs):
        found.append(("seeds", f"{runs['seed'].nunique()}"))
    models = dict.fromkeys(str(entry["model"]).replace("_", " ") for entry in study["stages"])
    # An arrow where each stage stands on another; branches stand side by side.
    chain = all(entry.get("after", True) for entry in study["stages"][1:])
    of = " → " if chain else ", "
    found.append(("stages" if len(study["stages"]) > 1 else "model", of.join(models)))
    if data_.get("name"):
        parts = [
            f"{data_[part]:,}".replace(",", " ")
            for part in ("train", "validation", "test")
            if isinstance(data_.get(part), int)
        ]
        found.append(
            ("data", f"{data_['name']}, {' / '.join(parts)} samples" if parts else data_["name"])
        )
    total = ((study.get("cost") or {}).get("seconds") or {}).get("total")
    if total is not None:
        found.append(("time", duration(float(total))))
    if "started" in frames.execution:
        found.append(("run", f"{frames.execution['started']:%d %B %Y, %H:%M} UTC".lstrip("0")))
    return found


def footer(frames: Frames) -> str:
    """How the numbers were made, and where they come from."""
    return (
        "<footer><p>Intervals are Student’s t, 95 %, over seeds. Differences are paired: trials "
        "with the same seed saw the same batches and the same noise. Intervals of differences from "
        "the best hold for all settings at once (Bonferroni). Settings are chosen by "
        f"{text(measure_label(frames, objective(frames)[0]))}.</p><p>{sources(frames)}</p></footer>"
    )


def sources(frames: Frames) -> str:
    """Where the numbers come from: versions, commit, data digest."""
    tags = frames.execution.get("tags", {})
    named = [("layerwise", frames.study.get("version") or tags.get("layerwise.version"))]
    named += [(n, tags.get(f"layerwise.{n}")) for n in ("python", "torch", "ray")]
    named += [("commit", str(tags.get("layerwise.git_commit") or "")[:12])]
    named += [("data", str((frames.study.get("data") or {}).get("digest") or "")[:12])]
    named += [("MLflow run", frames.execution.get("run_id"))]
    return " · ".join(f"{text(name)} {text(value)}" for name, value in named if value)


def section(frames: Frames, made: Section) -> str:
    """A section: heading, note, ranked table where it belongs, charts."""
    return block(made, ranked_table(frames, made.stage) if made.kind == "ranking" else "")


def block(made: Section, table: str = "") -> str:
    """A section around the markup of its ``table``."""
    inner = "".join(chart(c) for c in made.charts)
    note = f'<p class="note">{text(made.note)}</p>' if made.note else ""
    return (
        f'<section id="{text(made.name)}" class="{text(made.kind)}"><h2>{text(made.title)}</h2>'
        f"{note}{words(made)}{table}{inner}</section>"
    )


def words(made: Section) -> str:
    """The section's table of texts; nothing where it has none."""
    if made.words is None:
        return ""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in made.words.columns)
    body = "".join(
        f'<tr><th scope="row">{text(name)}</th>{"".join(f"<td>{text(c)}</td>" for c in cells)}</tr>'
        for name, *cells in made.words.itertuples(index=False, name=None)
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text(made.title)}">'
        f'<table class="ranked words"><thead><tr>{head}</tr></thead><tbody>{body}</tbody>'
        "</table></div>"
    )


def chart(made: Chart) -> str:
    """A figure: title, sentence, the drawing, a note, and its numbers to unfold or to take away."""
    name, title = text(made.name), text(made.title)
    note = f'<p class="note">{text(made.note)}</p>' if made.note else ""
    height = made.drawing.height
    return f"""<figure aria-labelledby="{name}-title">
<figcaption><h3 id="{name}-title">{title}</h3><p>{text(made.sentence)}</p></figcaption>
<div class="chart" id="{name}" data-chart="{name}" style="min-height:{height}px"></div>
{players(made)}{note}<details class="numbers" data-table="{name}"><summary>Numbers</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Numbers: {title}"></div></details>
<button type="button" class="save" data-csv="{name}" aria-label="{title} as CSV">CSV</button>
<button type="button" class="save" data-image="{name}" aria-label="{title} as SVG">SVG</button>
</figure>"""


def players(made: Chart) -> str:
    """The chart's sounds, each below its label; nothing where it has none."""
    heard = "".join(
        f'<p>{text(label)}<br><audio controls preload="metadata" aria-label="{text(label)}" '
        f'src="{address(content)}"></audio></p>'
        for label, content in made.players
    )
    return f'<div class="players">{heard}</div>' if heard else ""


def ranked_table(frames: Frames, stage: str) -> str:
    """The best settings as a table with the objective's intervals drawn on one common scale."""
    order = ranking.table(frames, stage)
    best = order.head(BEST_SHOWN)
    if best.empty:
        return ""
    paths, tests = swept(frames, stage), ranking.test_metrics(frames, stage)
    metric, _ = objective(frames, stage)
    low = float(np.nanmin(best[["mean", "low"]].to_numpy(dtype=float)))
    high = float(np.nanmax(best[["mean", "high"]].to_numpy(dtype=float)))
    several = bool(np.isfinite(best["low"]).any())
    head = ["", *(axis_label(frames, p) for p in paths), measure_label(frames, metric)]
    head += [""] if several else []
    head += ["difference from the best"] if len(best) > 1 else []
    head += [measure_label(frames, test) for test in tests]
    cells = []
    for row in rows(best):
        found = Interval.of(row)
        line = [f'<th scope="row">{int(row["rank"])}</th>']
        line += [f"<td>{text(value_text(row[path]))}</td>" for path in paths]
        lost = int(row["diverged"])
        mark = f' <small class="lost">{lost} diverged</small>' if lost else ""
        mark += _doubted(row, metric)
        line.append(f'<td class="main">{text(plus_minus(found))}{mark}</td>')
        if several:
            line.append(f'<td class="glyph">{_glyph(found, low, high)}</td>')
        if len(best) > 1:
            line.append(f"<td>{text(_difference(row))}</td>")
        for test in tests:
            part = Interval(row[test], row[f"{test} low"], row[f"{test} high"], int(row["n"]))
            line.append(f"<td>{text(plus_minus(part))}{_doubted(row, test)}</td>")
        cells.append(
            f'<tr class="{"tied" if row["tied"] or row["rank"] == 1 else ""}">{"".join(line)}</tr>'
        )
    more = f"<p class='note'>The best {len(best)} of {len(order)}; all of them are below.</p>"
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Ranked settings">'
        '<table class="ranked"><thead><tr>'
        + "".join(f'<th scope="col">{breakable(title)}</th>' for title in head)
        + f"</tr></thead><tbody>{''.join(cells)}</tbody></table></div>"
        + (more if len(order) > len(best) else "")
    )


def _doubted(row: dict[str, Any], metric: str) -> str:
    """The mark of a value that is an unreliable estimate, with its bounds."""
    found = row.get(f"{metric} unreliable")
    return f' <small class="lost">{text(found)}</small>' if found else ""


def _difference(row: dict[str, Any]) -> str:
    if row["rank"] == 1:
        return "–"
    found = Interval(row["diff"], row["diff_low"], row["diff_high"], int(row["n"]))
    sign = "+" if found.mean > 0 else ""
    return f"{sign}{plus_minus(found)}"


def _glyph(found: Interval, low: float, high: float) -> str:
    """The interval as a line with a dot on a scale from ``low`` to ``high``."""
    span = (high - low) or 1.0

    def at(value: float) -> str:
        return f"{4 + 88 * (value - low) / span:.1f}"

    line = (
        f'<line x1="{at(found.low)}" x2="{at(found.high)}" y1="8" y2="8"/>' if found.known else ""
    )
    return (
        f'<svg viewBox="0 0 96 16" width="96" height="16" aria-hidden="true">'
        f'{line}<circle cx="{at(found.mean)}" cy="8" r="3.5"/></svg>'
    )
