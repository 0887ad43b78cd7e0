from django.contrib.auth.models import AbstractUser


class Operator(AbstractUser):
    """A person who works with the console: a merchant's staff or ours. Shoppers are never operators."""
