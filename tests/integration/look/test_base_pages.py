"""The pages every other page stands on."""

from types import SimpleNamespace

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import engines
from django.template.loader import render_to_string

from hat_clinic.core.decisions import Decision, Finding, Level

ERROR_PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]


class Ewa:
    is_authenticated = True
    full_name = "Ewa Malik"


def page(source, **context):
    return engines["django"].from_string(source).render(context)


def office(**context):
    return page(
        '{% extends "base.html" %}{% block title %}Register{% endblock %}'
        "{% block content %}<h1>Register</h1>{% endblock %}",
        **context,
    )


class TestBase:
    def test_names_the_page_and_the_language(self):
        html = office()

        assert "<title>Register – HAT Clinic</title>" in html
        assert '<html lang="en-GB"' in html

    def test_says_error_first_in_the_title_where_the_form_has_one(self):
        html = office(form=SimpleNamespace(errors={"dose_mg": ["over"]}))

        assert "<title>Error: Register – HAT Clinic</title>" in html

    def test_leads_past_the_header_to_the_main_part(self):
        html = office()

        assert html.index('href="#main"') < html.index("<header")
        assert '<main id="main"' in html

    def test_shows_who_is_signed_in_and_in_what_role(self):
        html = office(user=Ewa(), role_label="controlled-drug lead")

        assert "<strong>Ewa Malik</strong>, controlled-drug lead" in html

    def test_marks_the_page_one_is_on(self):
        here = SimpleNamespace(url="/register/", label="Register", is_current=True)
        there = SimpleNamespace(url="/stock/", label="Stock", is_current=False)

        html = office(navigation=[here, there])

        assert '<a href="/register/" aria-current="page">Register</a>' in html
        assert '<a href="/stock/">Stock</a>' in html

    def test_warns_of_invented_people_only_in_the_demo(self):
        assert "Demo: invented people" in office(is_demo=True)
        assert "Demo: invented people" not in office(is_demo=False)

    @pytest.mark.parametrize(
        ("level", "sign"),
        [(constants.SUCCESS, "tick"), (constants.ERROR, "octagon"), (constants.WARNING, "triangle")],
    )
    def test_announces_messages_with_their_sign(self, level, sign):
        html = office(messages=[Message(level, "Saved: POSS 2.")])

        region = html[html.index('role="status"') : html.index("<main")]
        assert "Saved: POSS 2." in region
        assert f"hat-sign--{sign}" in region

    @pytest.mark.parametrize("name", ["base.html", "base_entrance.html", "base_terminal.html", *ERROR_PAGES])
    def test_holds_nothing_the_security_policy_forbids(self, name):
        html = render_to_string(name, {"user": Ewa(), "is_demo": True})

        assert " style=" not in html
        assert "<style" not in html
        assert " onclick=" not in html
        assert html.count("<script") == html.count('<script type="module" src=')
        assert "http://" not in html
        assert "https://" not in html

    def test_of_a_terminal_is_marked_for_larger_sizes(self):
        html = page('{% extends "base_terminal.html" %}{% block title %}Board{% endblock %}')

        assert '<body class="hat-terminal">' in html


class TestErrorPages:
    @pytest.mark.parametrize("name", ERROR_PAGES)
    def test_say_what_happened_and_what_to_do(self, name):
        html = render_to_string(name)

        assert html.count("<h1>") == 1
        assert "What to do:" in html
        assert "saved" in html or "open as before" in html

    @pytest.mark.parametrize("name", ["400.html", "500.html"])
    def test_stand_alone_where_the_program_itself_may_be_broken(self, name):
        source = engines["django"].get_template(name).template.source

        assert "{%" not in source
        assert "{{" not in source


class TestFindings:
    def draw(self, *findings):
        decision = Decision(findings)
        return page(
            '{% include "parts/findings.html" with refused_heading="You cannot sign yet" %}',
            decision=decision,
        )

    def test_begin_with_the_level_word_and_say_who_can_lift_it(self):
        html = self.draw(
            Finding("a", Level.BLOCK, "Evening dose 280 mg", "9"),
            Finding("b", Level.BLOCK, "Oxygen 93 %, under 94", "9", opens_hold=True),
            Finding("c", Level.STOP, "Alcohol 24", "9"),
            Finding("d", Level.WARN, "POSS 3 on 17 Nov", "9"),
        )

        assert "You cannot sign yet: 3 reasons" in html
        assert "<strong>BLOCK</strong> · Evening dose 280 mg" in html
        assert "Nobody can lift this" in html
        assert "<strong>HOLD</strong> · Oxygen 93 %, under 94" in html
        assert "Only a licensed doctor can lift it" in html
        assert "<strong>STOP</strong> · Alcohol 24" in html
        assert html.index("STOP") < html.index("<strong>NOTE</strong> · POSS 3 on 17 Nov")

    def test_say_when_nothing_stands_against_it(self):
        html = self.draw(Finding("d", Level.WARN, "POSS 3 on 17 Nov", "9"))

        assert "Nothing stands against it" in html
        assert "hat-panel--hold" not in html


class TestBarredButton:
    def test_is_a_working_way_to_the_reasons_and_never_disabled(self):
        html = page('{% include "parts/barred_button.html" with words="Sign order: 2 things above" %}')

        assert 'href="#findings"' in html
        assert "hat-sign--octagon" in html
        assert "disabled" not in html
