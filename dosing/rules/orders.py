"""What can be ordered: products, routes, sites."""

from __future__ import annotations

from enum import StrEnum


class Product(StrEnum):
    """A controlled drug of the programme, with its salt."""

    DIAMORPHINE = "diamorphine"

    @property
    def label(self) -> str:
        """The product in words."""
        return "diamorphine hydrochloride"


class Route(StrEnum):
    """How a dose is taken."""

    INTRAVENOUS = "iv"
    INTRAMUSCULAR = "im"
    SUBCUTANEOUS = "sc"

    @property
    def label(self) -> str:
        """The route in words."""
        return {"iv": "into a vein", "im": "into a muscle", "sc": "under the skin"}[self.value]


class Site(StrEnum):
    """Where on the body. Neck and groin are not offered. Source: clinical rule 23."""

    LEFT_ARM = "left_arm"
    RIGHT_ARM = "right_arm"
    LEFT_HAND = "left_hand"
    RIGHT_HAND = "right_hand"
    LEFT_THIGH = "left_thigh"
    RIGHT_THIGH = "right_thigh"
    LEFT_BUTTOCK = "left_buttock"
    RIGHT_BUTTOCK = "right_buttock"

    @property
    def label(self) -> str:
        """The site in words; right is the person's right."""
        return self.value.replace("_", " ")
