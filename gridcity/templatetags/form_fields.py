"""One form field, drawn in Python: as a template its thirty nodes cost more than its control."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

MUST = '<span class="gc-must" aria-hidden="true">*</span>'


@register.simple_tag
def form_field(field: BoundField) -> SafeString:
    """Label, control, help and what is wrong with it, as every form shows a field."""
    frame = "fieldset" if field.use_fieldset else "div"
    is_tick = field.widget_type == "checkbox" and bool(field.label)
    described = field.aria_describedby if field.use_fieldset and not is_tick else None
    by = f' aria-describedby="{escape(described)}"' if described else ""
    css, name = escape(field.css_classes()), escape(field.html_name)
    control = ticked(field) if is_tick else labelled(field)
    faults = str(field.errors) if field.errors else ""
    return mark_safe(  # noqa: S308 - every value was escaped
        f'<{frame} class="gc-field {css}"{by} data-gc-field="{name}">'
        f"{control}{help_of(field)}{faults}</{frame}>"
    )


def ticked(field: BoundField) -> str:
    """A box to tick stands before its words."""
    return f'<label class="gc-check">{field}<span>{conditional_escape(field.label)}</span></label>'


def labelled(field: BoundField) -> str:
    """The label, or the legend of a choice among several controls, before the control."""
    if not field.label:
        return str(field)
    said = f"{conditional_escape(field.label)}{MUST if field.field.required else ''}"
    if field.use_fieldset:
        return f"<legend>{said}</legend>{field}"
    target = f' for="{escape(field.id_for_label)}"' if field.id_for_label else ""
    return f"<label{target}>{said}</label>{field}"


def help_of(field: BoundField) -> str:
    """The help, by the id that the control names as its description; our own text with its tags."""
    if not field.help_text:
        return ""
    named = f' id="{escape(field.auto_id)}_helptext"' if field.auto_id else ""
    return f'<div class="gc-help"{named}>{field.help_text}</div>'
