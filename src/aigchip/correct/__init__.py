"""Automatic corrections of generated code: small passes, each acting on an error that a tool has confirmed."""
