"""The nhsuk form pack, asked through the form library as pages ask it."""

from html.parser import HTMLParser

import pytest
from crispy_forms.bootstrap import AppendedText, FieldWithButtons, FormActions, InlineRadios, StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Button, Column, Div, Field, Fieldset, Hidden, Layout, Reset, Row, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import engines

VOID = {"input", "br", "hr", "img", "meta", "link", "path", "circle"}


class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, dict(attributes), parent
        self.content = []

    def __getitem__(self, name):
        return self.attributes[name]

    def get(self, name):
        return self.attributes.get(name)

    @property
    def children(self):
        return [part for part in self.content if isinstance(part, Element)]

    @property
    def classes(self):
        return (self.get("class") or "").split()

    @property
    def text(self):
        return " ".join(
            "".join(part if isinstance(part, str) else part.text for part in self.content).split()
        )

    def everything(self):
        yield self
        for child in self.children:
            yield from child.everything()

    def all(self, tag=None, css=None, **attributes):
        return [
            element
            for element in self.everything()
            if (tag is None or element.tag == tag)
            and (css is None or css in element.classes)
            and all(element.get(name.rstrip("_")) == value for name, value in attributes.items())
        ]

    def one(self, tag=None, css=None, **attributes):
        found = self.all(tag, css, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {css} {attributes}"
        return found[0]


class Tree(HTMLParser):
    """Reads HTML strictly: every element that opens must close in order."""

    def __init__(self):
        super().__init__()
        self.root = self.here = Element("root", {}, None)

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, attrs, self.here)
        self.here.content.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        self.here = self.here.parent

    def handle_data(self, data):
        self.here.content.append(data)


def parsed(html):
    tree = Tree()
    tree.feed(html)
    assert tree.here is tree.root
    ids = [element["id"] for element in tree.root.everything() if element.get("id")]
    assert len(ids) == len(set(ids)), f"an id stands twice: {ids}"
    return tree.root


def drawn(form, *layout):
    helper = FormHelper()
    if layout:
        helper.layout = Layout(*layout)
    return parsed(render_crispy_form(form, helper, {"csrf_token": "token"}))


def from_template(source, **context):
    template = engines["django"].from_string("{% load crispy_forms_tags %}" + source)
    return parsed(template.render(context))


class Order(forms.Form):
    dose_mg = forms.IntegerField(label="Morning dose", help_text="Now 180", min_value=1, max_value=270)
    volume_ml = forms.DecimalField(label="Volume", required=False)
    starts_on = forms.DateField(label="From", help_text="Tomorrow at the earliest")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    doctor = forms.ChoiceField(label="Doctor", choices=[("1", "Dr Nair"), ("2", "Dr Long")])
    route = forms.ChoiceField(
        label="Route",
        help_text="One only",
        choices=[("v", "Vein"), ("m", "Muscle")],
        widget=forms.RadioSelect,
    )
    sites = forms.MultipleChoiceField(
        label="Sites", choices=[("a", "Elbow"), ("h", "Hand")], widget=forms.CheckboxSelectMultiple
    )
    is_read = forms.BooleanField(label="I have read this")
    letter = forms.FileField(label="Letter", required=False)
    happened_at = forms.SplitDateTimeField(label="When?", widget=forms.SplitDateTimeWidget)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self):
        if self.data.get("note") == "refuse":
            self.add_error(None, "The two doses are over the day's limit.")
        return super().clean()


class SignIn(forms.Form):
    login = forms.EmailField(
        widget=forms.EmailInput(attrs={"placeholder": "E-mail", "autocomplete": "email"})
    )
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    remember = forms.BooleanField(required=False)


class Pin(forms.Form):
    pin = forms.CharField(
        label="PIN for Grace", max_length=6, widget=forms.PasswordInput(attrs={"inputmode": "numeric"})
    )


class TestField:
    def test_has_its_label_above_and_its_hint_before_the_box(self):
        group = drawn(Order(), "dose_mg").one("div", "nhsuk-form-group")

        assert [child.tag for child in group.children] == ["label", "div", "input"]
        assert group.one("label").text == "Morning dose"
        assert group.one("label")["for"] == group.one("input")["id"]
        assert group.one("div", "nhsuk-hint").text == "Now 180"
        assert group.one("input")["aria-describedby"] == group.one("div", "nhsuk-hint")["id"]

    def test_for_a_number_is_a_text_box_with_number_keys(self):
        box = drawn(Order(), "dose_mg").one("input", id="id_dose_mg")

        assert (box["type"], box["inputmode"]) == ("text", "numeric")
        assert "nhsuk-input--width-5" in box.classes
        assert not {"min", "max", "step"} & set(box.attributes)

    def test_for_a_decimal_offers_the_point(self):
        assert drawn(Order(), "volume_ml").one("input", id="id_volume_ml")["inputmode"] == "decimal"

    def test_stands_beside_its_unit(self):
        wrapper = drawn(Order(), Field("dose_mg", suffix="mg")).one("div", "nhsuk-input-wrapper")

        assert wrapper.one("div", "nhsuk-input-wrapper__suffix").text == "mg"
        assert wrapper.one("input").get("suffix") is None

    def test_keeps_its_unit_when_it_is_drawn_twice(self):
        form = Order()
        drawn(form, Field("dose_mg", suffix="mg"))

        again = drawn(form, Field("dose_mg", suffix="mg"))

        assert again.one("div", "nhsuk-input-wrapper__suffix").text == "mg"

    def test_takes_the_unit_of_an_appended_text(self):
        assert (
            drawn(Order(), AppendedText("dose_mg", "mg")).one(css="nhsuk-input-wrapper__suffix").text == "mg"
        )

    def test_takes_the_width_that_the_layout_gives(self):
        box = drawn(Order(), Field("dose_mg", css_class="nhsuk-input--width-3")).one("input", id="id_dose_mg")

        assert "nhsuk-input--width-3" in box.classes
        assert "nhsuk-input--width-5" not in box.classes

    def test_says_optional_in_words_and_marks_nothing_else(self):
        page = drawn(Order(), "note", "dose_mg")

        assert page.one("label", for_="id_note").text == "Note (optional)"
        assert page.one("label", for_="id_dose_mg").text == "Morning dose"
        assert page.one("input", id="id_dose_mg").get("required") is None

    def test_leaves_optional_out_where_the_helper_says_so(self):
        form = Order()
        helper = FormHelper()
        helper.layout = Layout("note")
        helper.show_optional = False

        page = parsed(render_crispy_form(form, helper))

        assert page.one("label", for_="id_note").text == "Note"

    def test_of_a_select_and_a_text_area_carry_their_classes(self):
        page = drawn(Order(), "doctor", "note", "letter")

        assert "nhsuk-select" in page.one("select").classes
        assert "nhsuk-textarea" in page.one("textarea").classes
        assert "nhsuk-file-upload" in page.one("input", type="file").classes
        assert page.one("form")["enctype"] == "multipart/form-data"

    def test_that_is_hidden_is_drawn_bare(self):
        page = drawn(Order({"version": "4"}), "version")

        assert page.one("input", name="version")["type"] == "hidden"
        assert page.all("div", "nhsuk-form-group") == []

    def test_of_a_date_and_a_time_labels_both_boxes(self):
        fieldset = drawn(Order(), "happened_at").one("fieldset")

        assert fieldset.one("legend").text == "When?"
        assert fieldset.one("label", for_="id_happened_at_0").text == "Date"
        assert fieldset.one("label", for_="id_happened_at_1").text == "Time"
        assert {box["name"] for box in fieldset.all("input")} == {"happened_at_0", "happened_at_1"}


class TestChoices:
    def test_are_radios_in_a_fieldset_described_by_their_hint(self):
        fieldset = drawn(Order(), "route").one("fieldset")

        assert fieldset.one("legend").text == "Route"
        assert fieldset["aria-describedby"] == fieldset.one("div", "nhsuk-hint")["id"]
        assert [radio["value"] for radio in fieldset.all("input", type="radio")] == ["v", "m"]
        assert [label.text for label in fieldset.all("label")] == ["Vein", "Muscle"]
        assert all("nhsuk-radios__input" in radio.classes for radio in fieldset.all("input"))

    def test_keep_what_was_chosen(self):
        page = drawn(Order({"route": "m", "sites": ["a"]}), "route", "sites")

        checked = [(box["name"], box["value"]) for box in page.all("input") if "checked" in box.attributes]

        assert checked == [("route", "m"), ("sites", "a")]

    def test_become_keys_where_the_layout_asks(self):
        page = drawn(Order(), Field("sites", css_class="hat-keys"))

        assert "hat-keys" in page.one("div", "nhsuk-checkboxes").classes
        assert all("hat-keys" not in box.classes for box in page.all("input", type="checkbox"))

    def test_stand_in_a_line_as_inline_radios(self):
        assert "nhsuk-radios--inline" in drawn(Order(), InlineRadios("route")).one(css="nhsuk-radios").classes

    def test_of_one_checkbox_have_the_label_behind_the_box(self):
        item = drawn(Order(), "is_read").one("div", "nhsuk-checkboxes__item")

        assert [child.tag for child in item.children] == ["input", "label"]
        assert item.one("label").text == "I have read this"


class TestSecrets:
    def test_of_a_password_can_be_shown_and_are_never_sent_back(self):
        page = drawn(SignIn({"login": "a@example.org", "password": "hunter2hunter2"}), "password")

        assert page.one("input", id="id_password").get("value") is None
        assert page.one("input", id="id_password")["autocomplete"] == "current-password"
        assert page.one("button", "nhsuk-js-password-input-toggle")["aria-controls"] == "id_password"

    def test_of_a_pin_have_number_keys_and_are_not_remembered(self):
        box = drawn(Pin(), "pin").one("input", id="id_pin")

        assert (box["type"], box["inputmode"], box["autocomplete"]) == ("password", "numeric", "off")
        assert box["maxlength"] == "6"

    def test_of_a_pin_have_a_keypad_of_buttons_that_send_nothing(self):
        pad = drawn(Pin(), Field("pin", keypad="yes")).one("div", "hat-keypad")

        assert [key["data-hat-digit"] for key in pad.all("button") if key.get("data-hat-digit")] == [
            *"1234567890"
        ]
        assert {key["type"] for key in pad.all("button")} == {"button"}
        assert pad["data-hat-keypad"] == "id_pin"


class TestErrors:
    @pytest.fixture
    def page(self):
        data = {"dose_mg": "999", "note": "refuse", "doctor": "1", "route": "", "starts_on": "soon"}
        return drawn(Order(data))

    def test_stand_in_a_summary_with_a_link_to_each_field(self, page):
        summary = page.one("div", "nhsuk-error-summary")
        targets = {element.get("id") for element in page.everything()}

        links = summary.all("a")

        assert summary.one("h2").text == "There is a problem"
        assert {link["href"].removeprefix("#") for link in links} <= targets
        assert [link["href"] for link in links][:2] == ["#id_dose_mg", "#id_starts_on"]
        assert summary.one("a", href="#id_route_0").text == "Route: choose an answer"

    def test_about_the_whole_form_stand_in_the_summary_without_a_link(self, page):
        item = page.one("div", "nhsuk-error-summary").all("li")[0]

        assert item.text == "The two doses are over the day's limit."
        assert item.all("a") == []

    def test_stand_at_the_field_in_the_same_words(self, page):
        group = page.one(id="div_id_dose_mg")
        box = group.one("input")

        assert "nhsuk-form-group--error" in group.classes
        assert group.one("span", "nhsuk-error-message").text == "Error: Morning dose: at most 270"
        assert box["aria-describedby"].split() == ["id_dose_mg_helptext", "id_dose_mg_error"]
        assert box["aria-invalid"] == "true"
        assert page.one("a", href="#id_dose_mg").text == "Morning dose: at most 270"

    def test_leave_what_was_typed(self, page):
        assert page.one("input", id="id_dose_mg")["value"] == "999"
        assert page.one("input", id="id_starts_on")["value"] == "soon"

    def test_describe_the_fieldset_of_choices(self, page):
        fieldset = page.one(id="div_id_route").one("fieldset")

        assert fieldset["aria-describedby"] == "id_route_helptext id_route_error"

    def test_are_absent_from_a_form_that_was_not_sent(self):
        page = drawn(Order())

        assert page.all(css="nhsuk-error-summary") == []
        assert page.all(css="nhsuk-error-message") == []

    def test_are_hidden_where_the_helper_says_so(self):
        form = Order({})
        helper = FormHelper()
        helper.form_show_errors = False

        page = parsed(render_crispy_form(form, helper))

        assert page.all(css="nhsuk-error-summary") == []
        assert page.all(css="nhsuk-error-message") == []

    def test_escape_what_was_typed(self):
        html = render_crispy_form(Order({"dose_mg": "<script>alert(1)</script>"}), FormHelper())

        assert "<script>" not in html


class TestLayout:
    def test_draws_groups_rows_and_columns(self):
        page = drawn(
            Order(),
            Fieldset("Dose", Row("dose_mg", Column("volume_ml")), css_id="dose"),
            Div("note", css_class="aside"),
            HTML("<p>Between</p>"),
            Hidden("token", "7"),
        )

        assert page.one("fieldset", id="dose").one("legend").text == "Dose"
        assert len(page.one("div", "hat-row").children) == 2
        assert page.one("div", "hat-column").one("label").text == "Volume (optional)"
        assert page.one("div", "aside").one("textarea")
        assert page.one("p").text == "Between"
        assert page.one("input", name="token")["value"] == "7"

    def test_fills_only_the_button_that_saves(self):
        page = drawn(
            Order(), FormActions(Submit("save", "Sign order"), Button("draft", "Keep"), Reset("r", "Empty"))
        )

        sign, keep, empty = page.all("button")

        assert (sign["type"], sign["name"], sign["value"], sign.text) == (
            "submit",
            "save",
            "Sign order",
            "Sign order",
        )
        assert sign.classes == ["nhsuk-button"]
        assert keep.classes == empty.classes == ["nhsuk-button", "nhsuk-button--secondary"]

    def test_lets_the_layout_outline_a_submit_button(self):
        page = drawn(Order(), Submit("draft", "Keep", css_class="nhsuk-button--secondary"))

        assert page.one("button").classes == ["nhsuk-button", "nhsuk-button--secondary"]

    def test_dresses_strict_buttons_and_buttons_beside_a_field(self):
        page = drawn(Order(), FieldWithButtons("note", StrictButton("Find", type="submit")))

        assert page.one("button").classes == ["nhsuk-button"]
        assert page.one("button")["type"] == "submit"

    def test_of_a_posted_form_carries_the_token_and_silences_the_browser(self):
        page = drawn(Order())

        assert page.one("form")["method"] == "post"
        assert "novalidate" in page.one("form").attributes
        assert page.one("input", name="csrfmiddlewaretoken")["value"] == "token"

    def test_names_no_class_of_another_look(self):
        helper = FormHelper()
        helper.layout = Layout("dose_mg", Submit("save", "Save"))

        html = render_crispy_form(Order({}), helper)

        assert "btn" not in html
        assert "form-control" not in html


class TestFilters:
    def test_draw_a_sign_in_form_without_a_helper(self):
        page = from_template("{{ form|crispy }}", form=SignIn({"login": "nobody"}))

        assert page.one("input", id="id_login")["type"] == "email"
        assert page.one("input", id="id_login").get("placeholder") is None
        assert page.one("input", id="id_login")["autocomplete"] == "email"
        assert page.one("label", for_="id_remember").text == "Remember"
        assert len(page.one("div", "nhsuk-error-summary").all("a")) == 2

    def test_draw_one_field_alone(self):
        page = from_template("{{ form.dose_mg|as_crispy_field }}", form=Order())

        assert page.one("input")["id"] == "id_dose_mg"

    def test_draw_the_errors_alone(self):
        page = from_template("{{ form|as_crispy_errors }}", form=Order({}))

        assert page.one("div", "nhsuk-error-summary").all("a")

    def test_draw_every_form_of_a_set(self):
        pins = forms.formset_factory(Pin, extra=2)
        data = {
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "0",
            "form-0-pin": "1234567",
            "form-1-pin": "1",
        }

        page = from_template("{{ formset|crispy }}", formset=pins(data))

        assert len(page.all("fieldset")) == 2
        assert page.one("div", "nhsuk-error-summary").one("a")["href"] == "#id_form-0-pin"
        assert page.one("input", name="form-TOTAL_FORMS")["value"] == "2"
