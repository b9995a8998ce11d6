from html.parser import HTMLParser

import pytest

from hat_clinic.core.templatetags.signs import SIGN_OF_STATE, SIGNS, UnknownSign, sign, state


class TestSign:
    @pytest.mark.parametrize(
        "name", ["tick", "octagon", "triangle", "clock", "cross", "dotted-circle", "hourglass", "printer"]
    )
    def test_is_drawn_in_the_page_and_hidden_from_screen_readers(self, name):
        html = sign(name)

        assert html.startswith("<svg ")
        assert 'aria-hidden="true"' in html

    @pytest.mark.parametrize("name", sorted(SIGNS))
    def test_is_well_formed_and_needs_no_inline_style(self, name):
        open_tags = []
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, _: open_tags.append(tag)
        parser.handle_endtag = lambda tag: open_tags.remove(tag)

        parser.feed(sign(name))

        assert open_tags == []
        assert "style=" not in sign(name)

    def test_refuses_a_name_that_is_not_drawn(self):
        with pytest.raises(UnknownSign, match="no sign 'skull'"):
            sign("skull")


class TestState:
    @pytest.mark.parametrize("kind", sorted(SIGN_OF_STATE))
    def test_carries_a_sign_and_a_word_in_every_kind(self, kind):
        html = state(kind, "Final")

        assert "<svg " in html
        assert "<span>Final</span>" in html

    def test_draws_the_sign_the_page_names(self):
        html = state("plain", "Waiting 3 min", "hourglass")

        assert "hat-sign--hourglass" in html
        assert "hat-sign--clock" not in html

    def test_escapes_its_word(self):
        html = state("passed", "<b>Final</b>")

        assert "&lt;b&gt;Final" in html

    def test_refuses_a_kind_that_has_no_edge(self):
        with pytest.raises(UnknownSign, match="no state 'pink'"):
            state("pink", "Final")
