"""What a signature is put to: the same act is the same hash, and nothing else is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from dosing.rules.signatures import content_sha256

NURSE = UUID("11111111-1111-1111-1111-111111111111")
SECOND_NURSE = UUID("22222222-2222-2222-2222-222222222222")
BATCH = UUID("33333333-3333-3333-3333-333333333333")
CONTENT: dict[str, Any] = {"dose_mg": 180, "batch_id": BATCH, "site": "left_arm"}


class TestTheHashOfAnAct:
    def test_stays_what_it_was_when_the_register_was_begun(self) -> None:
        assert (
            content_sha256(CONTENT, NURSE)
            == "5d4285cb062ec527096ad7e2cb16fdf58fd7925e67d0a1e17e9d06dda93192df"
        )

    @pytest.mark.parametrize(
        "content",
        [
            {"site": "left_arm", "batch_id": BATCH, "dose_mg": 180},
            {"dose_mg": "180", "batch_id": str(BATCH), "site": "left_arm"},
        ],
        ids=["in another order", "as text"],
    )
    def test_is_the_same_for_the_same_content(self, content: dict[str, Any]) -> None:
        assert content_sha256(content, NURSE) == content_sha256(CONTENT, NURSE)

    @pytest.mark.parametrize(
        "content",
        [
            CONTENT | {"dose_mg": 181},
            CONTENT | {"dose_mg": 18},
            CONTENT | {"batch_id": NURSE},
            CONTENT | {"site": ""},
            CONTENT | {"route": "iv"},
            {"dose_mg": 180, "batch_id": BATCH},
            {"dose_mg": "left_arm", "batch_id": BATCH, "site": 180},
            {"dose_mg": 180, "batch_id": f'{BATCH}", "site": "left_arm'},
            {},
        ],
        ids=str,
    )
    def test_is_another_for_other_content(self, content: dict[str, Any]) -> None:
        assert content_sha256(content, NURSE) != content_sha256(CONTENT, NURSE)

    def test_is_another_for_another_signer(self) -> None:
        assert content_sha256(CONTENT, SECOND_NURSE) != content_sha256(CONTENT, NURSE)

    def test_takes_no_signer_from_the_content(self) -> None:
        claimed = CONTENT | {"signer_id": SECOND_NURSE}

        assert content_sha256(claimed, NURSE) == content_sha256(CONTENT, NURSE)

    def test_leaves_the_content_as_it_was(self) -> None:
        content = dict(CONTENT)

        content_sha256(content, NURSE)

        assert content == CONTENT
