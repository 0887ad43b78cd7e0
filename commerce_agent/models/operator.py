from django.contrib.auth.models import AbstractUser


class Operator(AbstractUser):
    """A person of the platform's own staff, who sees every merchant. Shoppers are never operators."""
