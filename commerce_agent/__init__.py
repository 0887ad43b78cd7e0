"""The Django project and the stateless agent."""

__version__ = "0.1.0"
