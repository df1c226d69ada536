"""A built design in the formats of other flows: each a pure function from its description to files."""

from aigchip.export.description import Argument, Description, ExportError, File, Files, arguments_of

__all__ = ["Argument", "Description", "ExportError", "File", "Files", "arguments_of"]
