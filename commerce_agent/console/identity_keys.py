"""Identity keys: what a shop signs with who its shopper is."""

from datetime import datetime
from typing import ClassVar

from django import forms
from django.http import HttpRequest
from typing_extensions import override
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.ids import MerchantId
from commerce_agent.console.signing_keys import NewKeyForm, SigningKeyAdmin
from commerce_agent.identity.keys import (
    IDENTITY_KEYS,
    BadPublicKey,
    make_identity_key,
    read_public_key,
)
from commerce_agent.models import IdentityKey
from commerce_agent.signing_keys import NewKey


class NewIdentityKeyForm(NewKeyForm):
    """Whose key it is, what signs with it, and the public half of a pair where the shop has its own."""

    public_key = forms.CharField(
        required=False,
        max_length=1000,
        label="Public key",
        help_text=(
            "Leave it empty for a secret that we make (HS256). For EdDSA paste the public half of an Ed25519 pair, as"
            " PEM or as a JWK; the private half stays with you."
        ),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
    )

    class Meta:
        model = IdentityKey
        fields = ("merchant", "name", "public_key")

    def clean_public_key(self) -> str:
        """The key as it was pasted. Raises ValidationError for anything but an Ed25519 public key."""
        pasted = str(self.cleaned_data["public_key"]).strip()
        if pasted:
            try:
                read_public_key(pasted)
            except BadPublicKey as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return pasted


class IdentityKeyAdmin(SigningKeyAdmin[IdentityKey]):
    """The keys by which a shop vouches for its shoppers."""

    when_empty = "With a key your shop can vouch for a shopper who has logged in."
    list_display: ClassVar[tuple[str, ...]] = (
        "name", "key_id", "algorithm", "merchant", "made", "used", "state"
    )  # fmt: skip
    ring = IDENTITY_KEYS
    form = NewIdentityKeyForm
    made_template = "admin/commerce_agent/identitykey/made.html"
    made_title = "Your new identity key"

    @override
    def make(self, wanted: IdentityKey, *, at: datetime) -> NewKey[IdentityKey]:
        return make_identity_key(
            merchant=MerchantId(str(wanted.merchant_id)),
            name=wanted.name,
            public_key=wanted.public_key,
            at=at,
        )

    @override
    def describe(self, request: HttpRequest, row: IdentityKey) -> dict[str, object]:
        return {"shop": row.merchant.key}
