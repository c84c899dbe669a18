"""Text that is measured once: the words of one page are most of the words of the next.

WeasyPrint asks Pango for every word anew: once to break its lines, once to draw it, and letter by letter in
a chart, which was a fifth of the time of a memo (2026-11). Nine of ten of these questions were asked before
with the same text in the same style: "SIM", the name of a figure, the digits below an axis. `MeasuredFonts`
keeps the answers. The page does not change by a byte.

The library has no place to hang this in, so that three of its functions are replaced. They are the library's
own for any other font configuration, and left alone where the library is not a release they were read in.
"""

import copy
from typing import Any

import weasyprint
from weasyprint.layout import inline, preferred
from weasyprint.text import line_break
from weasyprint.text.ffi import pango
from weasyprint.text.fonts import FontConfiguration

READ_IN = frozenset({"70.0"})
# All that a line's breaks, its width and its glyphs follow from, beside its text and the room it has.
PROPERTIES = (
    "font_family",
    "font_style",
    "font_stretch",
    "font_weight",
    "font_size",
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
    "font_feature_settings",
    "font_variation_settings",
    "font_language_override",
    "lang",
    "direction",
    "text_decoration_line",
    "white_space",
    "letter_spacing",
    "word_spacing",
    "overflow_wrap",
    "word_break",
    "hyphens",
    "hyphenate_character",
    "hyphenate_limit_chars",
    "hyphenate_limit_zone",
    "tab_size",
)
# A memo brings some 300 lines and 250 drawn texts that no memo before it had; a drawn text is some 8 KB.
LINES_KEPT, DRAWN_KEPT = 20_000, 2_000

_split_first_line, _reactivate, _set_text = (
    line_break.split_first_line,
    line_break.Layout.reactivate,
    line_break.Layout.set_text,
)


class MeasuredFonts(FontConfiguration):
    """Fonts that remember the lines they were asked for; for one thread, as WeasyPrint's own."""

    def __init__(self) -> None:
        """Load the fonts that fontconfig names; nothing is measured."""
        super().__init__()
        self.styles: dict[tuple, int] = {}
        self.lines: dict[tuple, tuple] = {}
        self.drawn: dict[tuple, tuple] = {}

    def style_number(self, style: Any) -> int:
        """Equal for styles in which a text measures and looks the same; a style is read once."""
        number = getattr(style, "measured_as", None)
        if number is None:
            # A few values are lists; what is equal reads equal.
            values = tuple(repr(style[name]) for name in PROPERTIES)
            number = style.measured_as = self.styles.setdefault(values, len(self.styles))
        return number


def split_first_line(
    text: str,
    style: Any,
    context: Any,
    max_width: float | None,
    justification_spacing: float,
    is_line_start: bool = True,
    minimum: bool = False,
) -> tuple:
    """WeasyPrint's function of this name; the answer of before, where there is one."""
    room = (max_width, justification_spacing, is_line_start, minimum)
    fonts = style.font_config
    if not isinstance(fonts, MeasuredFonts):
        return _split_first_line(text, style, context, *room)
    key = (fonts.style_number(style), text, *room)
    found = fonts.lines.get(key)
    if found is None:
        if len(fonts.lines) >= LINES_KEPT:
            fonts.lines.clear()
        found = fonts.lines[key] = _split_first_line(text, style, context, *room)
    # Drawing changes the line's text and style.
    return copy.copy(found[0]), *found[1:]


def reactivate(self: Any, style: Any) -> None:
    """WeasyPrint's `Layout.reactivate`: make a line ready to be drawn, or take the one drawn before."""
    fonts = style.font_config
    if not isinstance(fonts, MeasuredFonts):
        _reactivate(self, style)
        return
    key = (fonts.style_number(style), self.text, self.justification_spacing)
    found = fonts.drawn.get(key)
    if found is None:
        _reactivate(self, style)
        if len(fonts.drawn) >= DRAWN_KEPT:
            fonts.drawn.clear()
        fonts.drawn[key] = (self.layout, self.language, self.text)
    else:
        self.layout, self.language, self.text = found
        self.style, self.first_line_direction = style, 0
        # Whoever drew it with an ellipsis left these set; where they are not, nothing happens.
        pango.pango_layout_set_width(self.layout, -1)
        pango.pango_layout_set_ellipsize(self.layout, pango.PANGO_ELLIPSIZE_NONE)
    self.drawn_as = key


def set_text(self: Any, text: str, justify: bool = False) -> None:
    """WeasyPrint's `Layout.set_text`: a line that gets another text is no longer the one that is kept."""
    if key := self.__dict__.pop("drawn_as", None):
        self.style.font_config.drawn.pop(key, None)
    _set_text(self, text, justify)


if weasyprint.__version__ in READ_IN:
    line_break.split_first_line = inline.split_first_line = preferred.split_first_line = split_first_line
    line_break.Layout.reactivate, line_break.Layout.set_text = reactivate, set_text
