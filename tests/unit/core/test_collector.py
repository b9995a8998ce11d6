"""The search for circles of objects rests while a report is made, and is as it was afterwards."""

from __future__ import annotations

import gc

import pytest

from hat_clinic.core.collector import no_search_for_circles


class TestNoSearchForCircles:
    def test_rests_and_is_taken_up_again(self) -> None:
        with no_search_for_circles():
            assert not gc.isenabled()

        assert gc.isenabled()

    def test_is_taken_up_again_after_a_failure(self) -> None:
        with pytest.raises(ValueError, match="no ink"), no_search_for_circles():
            raise ValueError("no ink")

        assert gc.isenabled()

    def test_stays_off_where_it_was_off(self) -> None:
        gc.disable()
        try:
            with no_search_for_circles():
                pass

            assert not gc.isenabled()
        finally:
            gc.enable()
