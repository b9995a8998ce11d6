"""What the nhsuk form templates ask about a field: which component draws it, and with which attributes.

The templates in templates/nhsuk/ hold the markup; every question that needs Python is answered here once.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()

# Given through Field("dose_mg", suffix="mg"): they tell the template what to draw and are no HTML attributes.
OWN_ATTRIBUTES = ("prefix", "suffix", "keypad", "legend-size")
# A browser's own bubbles speak other words than ours, and only about the first mistake.
LEFT_OUT = ("required", "placeholder", *OWN_ATTRIBUTES)


@dataclass(frozen=True)
class ControlLook:
    """One of several controls of a question: a radio button, a checkbox, the date or the time."""

    html: SafeString
    id: str
    label: str


@dataclass(frozen=True)
class FieldLook:
    """How one bound field is drawn."""

    component: str
    """Which template of nhsuk/inputs/ draws it."""

    html: SafeString
    """The control itself; empty where the template draws several."""

    parts: tuple[ControlLook, ...]
    """The controls of a group: date and time, or day, month and year."""

    target_id: str
    """The id that the error summary links to: for choices, that of the first one."""

    described_by: str
    """Ids of hint and error, for aria-describedby of a fieldset."""

    css_class: str
    """The classes given in the layout, for components whose container carries them."""

    prefix: str
    suffix: str
    has_keypad: bool
    legend_size: str

    @property
    def is_grouped(self) -> bool:
        """True where several controls answer one question, so that the label is a legend."""
        return self.component in {"radios", "checkboxes", "group"}


@register.simple_tag
def field_look(field: BoundField) -> FieldLook:
    """Decide how a bound field is drawn."""
    component = component_of(field.field.widget)
    given = field.field.widget.attrs
    return FieldLook(
        component=component,
        html=control(field, component),
        parts=parts_of(field) if component == "group" else (),
        target_id=error_target(field),
        described_by=" ".join(described_by(field)),
        css_class=str(given.get("class", "")),
        prefix=str(given.get("prefix", "")),
        suffix=str(given.get("suffix", "")),
        has_keypad=bool(given.get("keypad")),
        legend_size=str(given.get("legend-size", "s")),
    )


def component_of(widget: forms.Widget) -> str:
    """The name of the component that draws a widget."""
    if isinstance(widget, forms.PasswordInput):
        return "pin" if widget.attrs.get("inputmode") == "numeric" else "password"
    if isinstance(widget, forms.MultiWidget | forms.SelectDateWidget):
        return "group"
    for component, kinds in (
        ("checkboxes", forms.CheckboxSelectMultiple),
        ("radios", forms.RadioSelect),
        ("checkbox", forms.CheckboxInput),
        ("select", forms.Select),
        ("textarea", forms.Textarea),
        ("file", forms.FileInput),
        ("number", forms.NumberInput),
    ):
        if isinstance(widget, kinds):
            return component
    return "input"


def control(field: BoundField, component: str) -> SafeString:
    """The control as HTML, with our classes, its description and its error state; the typed value stays."""
    if component in {"radios", "checkboxes", "group"}:
        return SafeString("")
    widget = copy.deepcopy(field.field.widget)
    attributes: dict[str, Any] = {"class": " ".join(control_classes(field, component))}
    if component == "number":
        # A spinner changes a dose by a turn of the mouse wheel; a text box with number keys does not.
        attributes["inputmode"] = "decimal" if isinstance(field.field, forms.DecimalField) else "numeric"
        widget.input_type = "text"
        attributes |= dict.fromkeys(("min", "max", "step"), False)
    if component == "pin":
        attributes |= {"autocomplete": "off", "spellcheck": "false"}
    if component == "password":
        attributes |= {"spellcheck": "false", "autocapitalize": "none"}
    if component == "textarea" and str(widget.attrs.get("rows")) == "10":
        attributes["rows"] = "4"
    return rendered(field, widget, attributes)


def rendered(field: BoundField, widget: forms.Widget, attributes: dict[str, Any]) -> SafeString:
    """The widget drawn with the attributes of its field, without those that are no HTML or not wanted."""
    complete = field.build_widget_attrs({"id": field.auto_id, **attributes}, widget)
    complete |= dict.fromkeys(LEFT_OUT, False)
    return widget.render(field.html_name, field.value(), attrs=complete, renderer=field.form.renderer)


def control_classes(field: BoundField, component: str) -> Iterable[str]:
    """The classes of a control: component, those given in the layout, width, error."""
    base = {
        "checkbox": "nhsuk-checkboxes__input",
        "select": "nhsuk-select",
        "textarea": "nhsuk-textarea",
        "file": "nhsuk-file-upload",
    }.get(component, "nhsuk-input")
    given = str(field.field.widget.attrs.get("class", ""))
    yield base
    if component == "password":
        yield "nhsuk-password-input__input nhsuk-js-password-input-input"
    if component == "pin":
        yield "hat-pin"
    if "--width-" not in given:
        if component == "number":
            yield "nhsuk-input--width-5"
        if component == "input" and isinstance(field.field.widget, forms.DateInput | forms.TimeInput):
            yield "nhsuk-input--width-10"
    if given and component != "checkbox":
        yield given
    if field.errors and component != "checkbox":
        yield f"{base}--error"


def parts_of(field: BoundField) -> tuple[ControlLook, ...]:
    """The controls of a several-part widget, each with its label and our classes."""
    widget = field.field.widget
    names: tuple[str, ...] = ()
    if isinstance(widget, forms.SplitDateTimeWidget):
        names = ("Date", "Time")
    attributes = {"id": field.auto_id, **field.build_widget_attrs({})}
    context = widget.get_context(field.html_name, field.value(), attributes)["widget"]
    looks = []
    for number, part in enumerate(context["subwidgets"]):
        is_select = "optgroups" in part
        base = "nhsuk-select" if is_select else "nhsuk-input"
        width = "" if is_select else " nhsuk-input--width-10"
        error = f" {base}--error" if field.errors else ""
        part["attrs"] = {name: value for name, value in part["attrs"].items() if name not in LEFT_OUT}
        part["attrs"]["class"] = f"{base}{width}{error}"
        html = SafeString(field.form.renderer.render(part["template_name"], {"widget": part}))
        label = names[number] if number < len(names) else ""
        looks.append(ControlLook(html=html, id=part["attrs"].get("id", ""), label=label))
    return tuple(looks)


def error_target(field: BoundField) -> str:
    """The id of the control that a link in the error summary moves the focus to."""
    if isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.MultiWidget):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.filter(name="error_target")
def error_target_filter(field: BoundField) -> str:
    """`error_target` for the error summary: `<a href="#{{ field|error_target }}">`."""
    return error_target(field)


def described_by(field: BoundField) -> Iterable[str]:
    """Ids of the hint and of the error message, in the order in which they should be read."""
    if field.help_text:
        yield f"{field.auto_id}_helptext"
    if field.errors:
        yield f"{field.auto_id}_error"


@register.simple_tag
def choices_of(field: BoundField, component: str) -> list[ControlLook]:
    """The choices of a question, each with its control drawn; `component` is "radios" or "checkboxes"."""
    looks = []
    for choice in field.subwidgets:
        attributes = {
            name: value
            for name, value in choice.data["attrs"].items()
            if name not in LEFT_OUT and name not in {"class", "aria-describedby", "aria-invalid"}
        }
        attributes["class"] = f"nhsuk-{component}__input"
        data = {**choice.data, "attrs": attributes, "wrap_label": False}
        html = SafeString(field.form.renderer.render(choice.template_name, {"widget": data}))
        looks.append(ControlLook(html=html, id=attributes.get("id", ""), label=choice.choice_label))
    return looks


@register.filter
def own_classes(classes: str) -> str:
    """Layout classes without the Bootstrap names that the form library puts on every button."""
    bootstrap = {"btn", "btn-primary", "btn-inverse", "btn-secondary"}
    return " ".join(name for name in str(classes).split() if name not in bootstrap)


@register.filter
def button_classes(classes: str, input_type: str) -> str:
    """Classes of a button: green for the one that saves, outlined for the rest, unless the layout says so."""
    own = own_classes(classes)
    if input_type != "submit" and "nhsuk-button--" not in own and "hat-button--" not in own:
        own = f"nhsuk-button--secondary {own}".strip()
    return f"nhsuk-button {own}".strip()


@register.filter
def dressed_as_button(attributes: str) -> SafeString:
    """The ready attribute text of a StrictButton with our classes in place of Bootstrap's."""
    input_type = "submit" if 'type="submit"' in attributes else "button"
    return SafeString(
        re.sub(
            r'class="([^"]*)"', lambda found: f'class="{button_classes(found[1], input_type)}"', attributes
        )
    )
