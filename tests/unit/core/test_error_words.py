import pytest
from django import forms
from django.core.exceptions import ValidationError

from hat_clinic.core.templatetags.error_words import sentences


def sentences_for(field, value):
    class Asked(forms.Form):
        asked = field

    data = value if isinstance(value, dict) else {"asked": value}
    return sentences(Asked(data)["asked"])


class TestSentences:
    @pytest.mark.parametrize(
        ("field", "value", "expected"),
        [
            (forms.CharField(label="Reason"), "", "Reason: fill this in"),
            (forms.CharField(label="What happened?"), "", "What happened: fill this in"),
            (forms.CharField(label="Reason", max_length=3), "abcd", "Reason: at most 3 characters"),
            (forms.CharField(label="PIN", min_length=6), "12345", "PIN: at least 6 characters"),
            (forms.IntegerField(label="Dose"), "much", "Dose: write a whole number, like 180"),
            (forms.IntegerField(label="Dose", max_value=270), "271", "Dose: at most 270"),
            (forms.IntegerField(label="Dose", min_value=1), "0", "Dose: at least 1"),
            (forms.DecimalField(label="Volume"), "x", "Volume: write a number, like 2.5"),
            (
                forms.DecimalField(label="Volume", decimal_places=1),
                "1.25",
                "Volume: at most 1 digits after the point",
            ),
            (forms.DateField(label="From"), "soon", "From: write a date, like 24/11/2026"),
            (forms.TimeField(label="At"), "noon", "At: write a time, like 09:45"),
            (
                forms.EmailField(label="E-mail"),
                "no",
                "E-mail: write an e-mail address, like name@example.org",
            ),
            (forms.ChoiceField(label="Site", choices=[("a", "A")]), "b", "Site: choose from what is shown"),
            (forms.ChoiceField(label="Site", choices=[("a", "A")]), "", "Site: choose an answer"),
            (forms.MultipleChoiceField(label="Sites", choices=[("a", "A")]), {}, "Sites: choose an answer"),
            (forms.BooleanField(label="I have read this"), "", "Tick “I have read this” to go on"),
            (forms.FileField(label="Letter"), "", "Letter: choose a file"),
        ],
    )
    def test_say_what_to_do_where_the_form_gave_no_words(self, field, value, expected):
        assert sentences_for(field, value) == [expected]

    def test_keep_the_words_that_the_form_gave(self):
        field = forms.CharField(error_messages={"required": "Say what oral opioid goes with it"})

        assert sentences_for(field, "") == ["Say what oral opioid goes with it"]

    def test_keep_the_words_of_a_form_check_with_its_own_code(self):
        def over_the_limit(value):
            raise ValidationError("%(mg)s mg is over 270 mg", code="max_value", params={"mg": value})

        field = forms.IntegerField(validators=[over_the_limit])

        assert sentences_for(field, "280") == ["280 mg is over 270 mg"]

    def test_are_none_where_nothing_is_wrong(self):
        assert sentences_for(forms.CharField(), "said") == []

    @pytest.mark.parametrize(
        "field",
        [
            forms.CharField(),
            forms.IntegerField(max_value=1),
            forms.DateField(),
            forms.EmailField(),
            forms.ChoiceField(choices=[("a", "A")]),
            forms.SplitDateTimeField(),
            forms.GenericIPAddressField(),
            forms.RegexField("^[0-9]+$"),
            forms.UUIDField(),
        ],
    )
    @pytest.mark.parametrize("value", ["", "?" * 300])
    def test_never_say_invalid_or_this_field(self, field, value):
        found = " ".join(sentences_for(field, {"asked": value, "asked_0": value, "asked_1": value})).lower()

        assert "valid" not in found
        assert "this field" not in found
