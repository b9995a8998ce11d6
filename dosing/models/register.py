"""The controlled-drug register and the stock it accounts for.

The application's login reads `RegisterEntry` and `RegisterHead` and may not write them: lines come into being
only through the database function `register_append`.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.orders import PRODUCTS, Order
from dosing.rules.register import EntryKind
from dosing.rules.stock import AMPOULE_POWDER as POWDER
from dosing.rules.stock import Supply
from hat_clinic.accounts.models import Premises
from patients.models import Person

KINDS = [(kind.value, kind.label) for kind in EntryKind]
SUPPLIES = [(supply.value, supply.label) for supply in Supply]
# Lines of which the database asks who did them together, and why.
STOCK_ACTS = [EntryKind.SENT, EntryKind.RECEIVED, EntryKind.DESTROYED, EntryKind.ADJUSTED]


class RegisterLine(models.Model):
    """One ledger: a drug class, strength and form at one premises. The unit of account is the ampoule.

    `supply` says whose ampoules it keeps: the service's stock, or what was dispensed for named patients; they
    stand in ledgers of their own and never cross. Rows are only ever added: what a ledger is about never
    changes. Its head is made with it by the database.
    """

    class Form(models.TextChoices):
        AMPOULE_POWDER = POWDER, "ampoule, powder for injection"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="register_lines")
    product = models.CharField(max_length=20, choices=PRODUCTS)
    strength_mg = models.PositiveIntegerField()
    form = models.CharField(max_length=20, choices=Form)
    supply = models.CharField(max_length=7, choices=SUPPLIES, default=Supply.SERVICE)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["premises", "product", "strength_mg", "form", "supply"],
                name="one_register_per_premises_class_strength_form",
                violation_error_message="That register is already open at these premises.",
            ),
            models.CheckConstraint(
                name="register_strength_is_positive",
                condition=Q(strength_mg__gte=1),
                violation_error_message="A strength is at least 1 mg.",
            ),
            models.CheckConstraint(
                name="register_supply_is_known",
                condition=Q(supply__in=[supply.value for supply in Supply]),
                violation_error_message="A register keeps service stock, or patients' own medicine.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RegisterHead(models.Model):
    """The last line of one ledger: its number, balance in ampoules and hash. Only the database writes it."""

    line = models.OneToOneField(RegisterLine, models.PROTECT, primary_key=True, related_name="head")
    seq = models.PositiveIntegerField()
    balance = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.line_id)


class Batch(models.Model):
    """Ampoules of one batch at one place: the running count, which can never be below none.

    A row begins with none. The database changes the count, and only when a `StockMovement` is added.
    `quarantined` of them are in quarantine, for destruction only; a `Quarantine` row puts them there. In a
    ledger of patients' own medicine `patient` is whose they are, and nobody else's they become.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line = models.ForeignKey(RegisterLine, models.PROTECT, related_name="batches")
    number = models.CharField(max_length=40)
    expires_on = models.DateField()
    ampoules = models.IntegerField()
    quarantined = models.IntegerField(default=0, db_default=0)
    patient = models.ForeignKey(Person, models.PROTECT, null=True, related_name="own_batches")

    class Meta:
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(
                fields=["line", "number", "expires_on", "patient"],
                nulls_distinct=False,
                name="one_row_per_batch",
                violation_error_message="That batch is already in stock.",
            ),
            models.CheckConstraint(
                name="stock_is_never_negative",
                condition=Q(ampoules__gte=0),
                violation_error_message="There are not that many ampoules of this batch.",
            ),
            models.CheckConstraint(
                name="what_is_quarantined_is_part_of_the_batch",
                condition=Q(quarantined__gte=0, quarantined__lte=models.F("ampoules")),
                violation_error_message="There are not that many ampoules of this batch in that place.",
            ),
            models.CheckConstraint(
                name="batch_has_a_number",
                condition=~Q(number=""),
                violation_error_message="Write the batch number that is printed on the ampoules.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RegisterEntry(models.Model):
    """One line of the register. `ampoules` is signed: in above zero, out below. Rows are only ever added.

    `reference` is the requisition of a receipt, and what a line of another kind tells in words; it is hashed
    with the line.
    """

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(RegisterLine, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=KINDS)
    ampoules = models.IntegerField()
    balance = models.PositiveIntegerField()
    drawn_mg = models.PositiveIntegerField(null=True)
    given_mg = models.PositiveIntegerField(null=True)
    wasted_mg = models.PositiveIntegerField(null=True)
    party_name = models.CharField(max_length=250)
    party_address = models.CharField(max_length=300)
    identity_salt = models.UUIDField()
    patient = models.ForeignKey(Person, models.PROTECT, null=True, related_name="register_entries")
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="register_entries")
    prescriber = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    injection = models.OneToOneField(
        "dosing.Injection", models.PROTECT, null=True, related_name="register_entry"
    )
    reference = models.CharField(max_length=1000, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    key = models.UUIDField(unique=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "register entries"
        constraints = [
            models.UniqueConstraint(
                fields=["line", "seq"],
                name="register_lines_are_numbered_once",
                violation_error_message="That line number is taken.",
            ),
            models.CheckConstraint(
                name="register_given_and_wasted_make_drawn",
                condition=Q(drawn_mg__isnull=True, given_mg__isnull=True, wasted_mg__isnull=True)
                | Q(
                    drawn_mg__isnull=False,
                    given_mg__isnull=False,
                    wasted_mg__isnull=False,
                    drawn_mg=models.F("given_mg") + models.F("wasted_mg"),
                ),
                violation_error_message="What was given and what was wasted must make what was drawn.",
            ),
            models.CheckConstraint(
                name="register_supply_names_injection_and_people",
                condition=~Q(kind=EntryKind.SUPPLIED)
                | Q(
                    ampoules__lt=0,
                    patient__isnull=False,
                    order__isnull=False,
                    prescriber__isnull=False,
                    injection__isnull=False,
                    witness__isnull=False,
                    drawn_mg__isnull=False,
                ),
                violation_error_message="A supply names the person, the prescriber, the giver and the witness.",
            ),
            models.CheckConstraint(
                name="register_receipt_brings_ampoules",
                condition=~Q(kind=EntryKind.OBTAINED) | (Q(ampoules__gt=0) & ~Q(reference="")),
                violation_error_message="A receipt brings at least one ampoule and names its requisition.",
            ),
            models.CheckConstraint(
                name="register_receipt_has_no_milligrams",
                condition=~Q(kind=EntryKind.OBTAINED) | Q(drawn_mg__isnull=True, injection__isnull=True),
                violation_error_message="A receipt counts ampoules; nothing is drawn or given by it.",
            ),
            models.CheckConstraint(
                name="register_waste_names_people_and_gives_nothing",
                condition=~Q(kind=EntryKind.WASTED)
                | Q(
                    ampoules__lt=0,
                    patient__isnull=False,
                    order__isnull=False,
                    injection__isnull=True,
                    witness__isnull=False,
                    given_mg=0,
                    given_mg__isnull=False,
                ),
                violation_error_message="A wasted dose names whose it was and who saw it, and gives nothing.",
            ),
            models.CheckConstraint(
                name="register_kind_is_known",
                condition=Q(kind__in=[kind.value for kind in EntryKind]),
                violation_error_message="That is no kind of register line.",
            ),
            models.CheckConstraint(
                name="register_kind_fits_its_ampoules",
                condition=~Q(kind__in=[*STOCK_ACTS, EntryKind.NOTE])
                | Q(kind=EntryKind.RECEIVED, ampoules__gt=0)
                | Q(kind__in=[EntryKind.SENT, EntryKind.DESTROYED], ampoules__lt=0)
                | (Q(kind=EntryKind.ADJUSTED) & ~Q(ampoules=0))
                | Q(kind=EntryKind.NOTE, ampoules=0),
                violation_error_message="What is received comes in, what is sent or destroyed goes out.",
            ),
            models.CheckConstraint(
                name="register_only_doses_have_milligrams",
                condition=~Q(kind__in=[*STOCK_ACTS, EntryKind.NOTE])
                | Q(
                    drawn_mg__isnull=True, injection__isnull=True, order__isnull=True, prescriber__isnull=True
                ),
                violation_error_message="Only a dose has milligrams, an order and an injection.",
            ),
            models.CheckConstraint(
                name="register_stock_acts_name_two_people",
                condition=~Q(kind__in=STOCK_ACTS) | Q(witness__isnull=False),
                violation_error_message="Two people send, take in, destroy and adjust.",
            ),
            models.CheckConstraint(
                name="register_stock_acts_say_what_they_are",
                condition=~Q(kind__in=[*STOCK_ACTS, EntryKind.NOTE]) | ~Q(reference=""),
                violation_error_message="Write down what this line is for.",
            ),
            models.CheckConstraint(
                name="register_names_the_other_party",
                condition=~Q(party_name="") & ~Q(party_address=""),
                violation_error_message=(
                    "Write the name and the address of whom it came from or went to "
                    "(no fixed abode, if there is none)."
                ),
            ),
            models.CheckConstraint(
                name="register_witness_is_somebody_else",
                condition=Q(witness__isnull=True) | ~Q(witness=models.F("entered_by")),
                violation_error_message="The witness is somebody else.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class StockMovement(models.Model):
    """Ampoules in or out of one batch, with the register line that accounts for them. Rows are only added.

    Adding one changes `Batch.ampoules`; at commit it must equal its register line. `in_quarantine` is for an
    adjustment whose ampoules are missing from quarantine, or too many there: then `Batch.quarantined` changes too.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="movements")
    entry = models.OneToOneField(RegisterEntry, models.PROTECT, related_name="movement")
    ampoules = models.IntegerField()
    in_quarantine = models.BooleanField(default=False, db_default=False)
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stock_movement_moves_something",
                condition=~Q(ampoules=0),
                violation_error_message="A movement moves at least one ampoule.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
