"""Errors of the template."""

from aigchip.core.errors import AigchipError


class TemplateError(AigchipError):
    """A module of the template that is malformed, or is used with parameters that it does not have."""
