"""Pieces of HTML."""

from html import escape


def paragraph(text, kind=""):
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def listed(items):
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def cell(value):
    """A figure to the right, words to the left; (text, class) as it is; None is a hole."""
    text, kind = value if isinstance(value, tuple) else (value, "")
    if text is None:
        return "<td></td>"
    if not kind and isinstance(text, str):
        kind = "text"
    shown = f"{text:,}" if isinstance(text, int) else f"{text:.3f}" if isinstance(text, float) else escape(text)
    return f'<td class="{kind}">{shown}</td>' if kind else f"<td>{shown}</td>"


def table(columns, rows, groups=()):
    """rows: [(head, value, ...)]; groups: [(title, columns it spans)] above the columns but the first. In a box of its
    own, which scrolls: the page does not."""
    above = "".join(f'<th colspan="{span}">{escape(title)}</th>' for title, span in groups)
    above = f"<tr><th></th>{above}</tr>" if groups else ""
    words = [bool(rows) and isinstance(value, (str, tuple)) for value in (rows[0] if rows else columns)]
    heads = "".join(f'<th class="text">{escape(name)}</th>' if word else f"<th>{escape(name)}</th>"
                    for name, word in zip(columns, words))
    body = "".join(f"<tr><th>{escape(format(head, ',') if isinstance(head, int) else head)}</th>"
                   f"{''.join(map(cell, values))}</tr>" for head, *values in rows)
    return (f'<div class="box" tabindex="0"><table><thead>{above}<tr>{heads}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>")


def details(summary, inside):
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def figure(phone, desk):
    """Two drawings of one plot; the page shows the one that fits."""
    drawn = [svg.replace("<svg ", f'<svg class="{kind}" ', 1) for svg, kind in ((phone, "phone"), (desk, "desk"))]
    return f"<figure>{''.join(drawn)}</figure>"
