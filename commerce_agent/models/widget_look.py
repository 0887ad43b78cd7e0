from django.core.validators import RegexValidator
from django.db import models
from typing_extensions import override

from catalog.models import Merchant


class Corners(models.TextChoices):
    ROUND = "round", "Round"
    SOFT = "soft", "Soft"
    SQUARE = "square", "Square"


class Typeface(models.TextChoices):
    SYSTEM = "system", "As the device writes"
    SERIF = "serif", "Serif"
    ROUNDED = "rounded", "Rounded"


class Scheme(models.TextChoices):
    AUTO = "", "As the shop's page"
    LIGHT = "light", "Always light"
    DARK = "dark", "Always dark"


class Direction(models.TextChoices):
    AUTO = "", "As the language"
    LTR = "ltr", "Left to right"
    RTL = "rtl", "Right to left"


class WidgetLook(models.Model):
    """How a shop's chat looks, in a few tokens; a shop without a row has the chat's own look."""

    merchant = models.OneToOneField(Merchant, models.CASCADE, primary_key=True, related_name="look")
    accent = models.CharField(
        max_length=7,
        blank=True,
        default="",
        validators=[RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", "Write a colour as #rrggbb.")],
        help_text="#rrggbb. Text on it and links beside it are made readable by themselves.",
    )
    corners = models.CharField(max_length=8, choices=Corners, default=Corners.ROUND)
    typeface = models.CharField(max_length=8, choices=Typeface, default=Typeface.SYSTEM)
    scheme = models.CharField(max_length=8, choices=Scheme, blank=True, default=Scheme.AUTO)
    direction = models.CharField(max_length=3, choices=Direction, blank=True, default=Direction.AUTO)

    class Meta:
        verbose_name = "look of the chat"
        verbose_name_plural = "looks of the chat"

    @override
    def __str__(self) -> str:
        return f"The chat of {self.merchant}"
